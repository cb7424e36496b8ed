/**
 * Listpacks that come from outside: looked at byte by byte before anything trusts them, and taken
 * apart (`data/listpack.ts` reads only what it wrote itself).
 */
import type { Bytes } from "../base/bytes.ts";
import { COUNT_UNKNOWN, FIRST_AT, nextAt, valueAt, writeBack } from "../data/listpack.ts";
import { canonicalCopy, type RdbReader } from "./reader.ts";

const END = 0xff;
const HIGHEST_FORM = 0xf4;
const BACK_BYTES_MAX = 5;
const back = Buffer.alloc(BACK_BYTES_MAX);

/** The values of the listpack; fails if it is none, or if one byte of it is not as it should be. */
export function listpackValues(reader: RdbReader, pack: Buffer): Bytes[] {
  const values: Bytes[] = [];
  visitListpack(reader, pack, (at) => {
    const value = canonicalAt(pack, at);
    reader.takeElement(value.length);
    values.push(value);
  });
  return values;
}

export function checkListpack(reader: RdbReader, pack: Buffer): void {
  visitListpack(reader, pack, () => {});
}

function visitListpack(reader: RdbReader, pack: Buffer, visit: (at: number) => void): void {
  const end = pack.length - 1;
  if (end < FIRST_AT || pack.readUInt32LE(0) !== pack.length || pack[end] !== END) {
    reader.fail("a listpack of the wrong size");
  }
  let count = 0;
  for (let at = FIRST_AT; at < end; count += 1) {
    const next = checkedNext(pack, at, end);
    if (next < 0) reader.fail("an entry of a listpack that does not fit");
    visit(at);
    at = next;
  }
  const declared = pack.readUInt16LE(4);
  if (declared !== count && declared !== COUNT_UNKNOWN) {
    reader.fail("a listpack that counts its entries wrongly");
  }
}

/** Where the entry after this one begins; -1 if this is none. */
function checkedNext(pack: Buffer, at: number, end: number): number {
  const first = pack[at];
  if (first > HIGHEST_FORM) return -1;
  const headBytes = first === 0xf0 ? 5 : first >= 0xe0 && first < 0xf0 ? 2 : 1;
  if (at + headBytes > end) return -1;
  const next = nextAt(pack, at);
  if (next > end) return -1;
  const contentBytes = contentOf(pack, at);
  const backBytes = writeBack(back, 0, contentBytes);
  for (let index = 0; index < backBytes; index += 1) {
    if (pack[at + contentBytes + index] !== back[index]) return -1;
  }
  return at + contentBytes + backBytes === next ? next : -1;
}

/** Bytes of the entry without its way back. */
function contentOf(pack: Buffer, at: number): number {
  const first = pack[at];
  if (first < 0x80) return 1;
  if (first < 0xc0) return 1 + (first & 0x3f);
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 2 + (((first & 0xf) << 8) | pack[at + 1]);
  if (first === 0xf0) return 5 + pack.readUInt32LE(at + 1);
  return first === HIGHEST_FORM ? 9 : first - 0xf1 + 3;
}

function canonicalAt(pack: Buffer, at: number): Bytes {
  const first = pack[at];
  if (first < 0xe0 || first > 0xf0) return valueAt(pack, at);
  const head = first === 0xf0 ? 5 : 2;
  return canonicalCopy(pack, at + head, at + contentOf(pack, at));
}
