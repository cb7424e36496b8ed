/**
 * BITFIELD and BITFIELD_RO: the operations see what those before them wrote; what differs in the
 * end is written together.
 */
import { type Bytes, canonicalBytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { PatchedBytes } from "../../data/bit-integers.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { addBounded, fitOperand, valueOfBits } from "./bitfield-arithmetic.ts";
import { type BitfieldOperation, parseBitfieldOperations } from "./bitfield-operations.ts";
import { bitmapOf } from "./bitmap-bytes.ts";

/** Less than another splice takes, so that no record outgrows what the client sent. */
const GAP_BYTES_MAX = 12;

const onlyGet = new ErrorReply("ERR BITFIELD_RO only supports the GET subcommand");

export function runBitfield(
  context: CommandContext,
  args: readonly Bytes[],
  isReadOnly: boolean,
): Reply {
  const operations = parseBitfieldOperations(context, args);
  if (operations instanceof ErrorReply) return operations;
  let byteCount = 0;
  for (const { kind, offset, type } of operations) {
    if (kind === "GET") continue;
    if (isReadOnly) return onlyGet;
    byteCount = Math.max(byteCount, Math.floor((offset + type.width - 1) / 8) + 1);
  }
  const name = toBinaryString(args[1]);
  const value = context.borrowString(name);
  if (value instanceof ErrorReply) return value;
  const bytes = new PatchedBytes(bitmapOf(value));
  const replies = operations.map((operation) => perform(bytes, operation));
  // As in Redis, the string grows also where no write came to pass in the end.
  bytes.extend(byteCount);
  if (byteCount > 0) store(context, name, value?.length ?? 0, bytes);
  return replies;
}

function perform(bytes: PatchedBytes, operation: BitfieldOperation): Reply {
  const { kind, type, offset, operand, overflow } = operation;
  const before = valueOfBits(type, bytes.read(offset, type.width));
  if (kind === "GET") return plain(before);
  const after =
    kind === "SET"
      ? fitOperand(type, operand, overflow)
      : addBounded(type, before, operand, overflow);
  if (after === undefined) return null;
  bytes.write(offset, type.width, after);
  return plain(kind === "SET" ? before : after);
}

function plain(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** One effect if one run changed; else the last, which may make the string longer, and the rest. */
function store(context: CommandContext, key: string, byteCount: number, bytes: PatchedBytes): void {
  const { database } = context;
  const runs = bytes.runs(GAP_BYTES_MAX);
  const last = runs.pop();
  if (last === undefined) return;
  if (runs.length === 0 || last.start + last.bytes.length > byteCount) {
    const value = canonicalBytes(last.bytes);
    context.apply({ id: EffectId.stringSetRange, database, key, offset: last.start, value });
  } else runs.push(last);
  if (runs.length === 0) return;
  const splices = runs.map(({ start, bytes: run }) => {
    return { offset: start, removedCount: run.length, value: canonicalBytes(run) };
  });
  context.apply({ id: EffectId.stringSplice, database, key, splices });
}
