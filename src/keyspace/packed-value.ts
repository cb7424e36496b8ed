/**
 * A small collection as bytes in a key's record: one head byte (its type and what it remembers of
 * its encoding), then its pack as the value itself has it (`data/listpack.ts`, `packed-fields.ts`,
 * `packed-integers.ts`).
 *
 * Millions of small collections as objects are what V8 collects late and keeps in pages of its own:
 * they took up to twice Redis's memory. A record is written anew by each change instead, and for
 * each command that looks a value is made of it (`open-values.ts`); both copy less than 1 KiB.
 */
import { unreachable } from "../base/assert.ts";
import type { CollectionValue, Value } from "./entry.ts";
import { HashValue } from "./hash-value.ts";
import { ListValue } from "./list-value.ts";
import { PACKED_VALUE_BYTES_MAX } from "./record.ts";
import { SetValue } from "./set-value.ts";
import { SortedSetValue } from "./sorted-set-value.ts";

const Type = { list: 0, hash: 1, set: 2, zset: 3 } as const;
type Type = (typeof Type)[keyof typeof Type];
const TYPE_BITS = 2;
const TYPE_MASK = (1 << TYPE_BITS) - 1;

export const HEAD_BYTES = 1;
const PACK_BYTES_MAX = PACKED_VALUE_BYTES_MAX - HEAD_BYTES;

/** The pack, undefined if the value is not one string or too long for a record. */
export function packOf(value: Value): string | undefined {
  if (value.type === "string" || value.type === "stream") return undefined;
  const { pack } = value;
  return pack === undefined || pack.length > PACK_BYTES_MAX ? undefined : pack;
}

export function headOf(value: Value): number {
  switch (value.type) {
    case "list":
      return Type.list | (value.packFlags << TYPE_BITS);
    case "hash":
      return Type.hash | (value.packFlags << TYPE_BITS);
    case "set":
      return Type.set | (value.packFlags << TYPE_BITS);
    case "zset":
      return Type.zset | (value.packFlags << TYPE_BITS);
    default:
      throw new Error(`a ${value.type} is never packed`);
  }
}

export function unpacked(head: number, pack: string): CollectionValue {
  const type = (head & TYPE_MASK) as Type;
  const flags = head >> TYPE_BITS;
  switch (type) {
    case Type.list:
      return ListValue.unpacked(pack, flags);
    case Type.hash:
      return HashValue.unpacked(pack, flags);
    case Type.set:
      return SetValue.unpacked(pack, flags);
    case Type.zset:
      return SortedSetValue.unpacked(pack, flags);
    default:
      return unreachable(type);
  }
}
