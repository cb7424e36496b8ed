/**
 * Sketches under keys: they are strings, so that GET, SET and the like work on them, and any string
 * may claim to be one.
 */
import { type Bytes, canonicalBytes, toBinaryString, toBuffer } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { differingMiddle, differingRuns } from "../../data/byte-difference.ts";
import { Sketch } from "../../data/sketch.ts";
import { HEADER_BYTES, isDenseSketch, isSketch, STALE_BYTE } from "../../data/sketch-format.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { Splice } from "../../keyspace/effect-parts.ts";
import type { CommandContext } from "../context.ts";

export const brokenSketch = new ErrorReply("INVALIDOBJ Corrupted HLL object detected");
const noSketch = new ErrorReply("WRONGTYPE Key is not a valid HyperLogLog string value.");

/** One for all commands: each loads it before it uses it, and none keeps it. */
export const scratch = new Sketch();

/** Borrowed; undefined for no key. */
export function borrowSketch(context: CommandContext, key: Bytes): Bytes | undefined | ErrorReply {
  const value = context.borrowString(toBinaryString(key));
  if (value === undefined || value instanceof ErrorReply) return value;
  return isSketch(value) ? value : noSketch;
}

/**
 * Makes `sketch` the value of the key, where `before` is now: as splices, unless all is new. Dense
 * bytes that changed all lie from `start` to before `end`.
 */
export function storeSketch(
  context: CommandContext,
  key: string,
  before: Bytes | undefined,
  sketch: Sketch,
  start = 0,
  end = sketch.length,
): ErrorReply | undefined {
  const { database } = context;
  const after = sketch.bytes.subarray(0, sketch.length);
  const isOfOneKind = before !== undefined && isDenseSketch(before) === sketch.isDense;
  if (!isOfOneKind) {
    if (!context.takeRoom(after.length)) return errors.unitTooLarge;
    const value = canonicalBytes(Buffer.from(after));
    if (before === undefined) {
      // Written, not set: such a string is `raw` to OBJECT ENCODING, as Redis's.
      context.apply({ id: EffectId.stringSetRange, database, key, offset: 0, value });
      return undefined;
    }
    const expiryMs = context.expiryMsOf(key);
    context.apply({ id: EffectId.stringSet, database, key, value, expiryMs });
    return undefined;
  }
  const splices = sketch.isDense
    ? differingRuns(toBuffer(before), after, start, end)
    : sparseSplices(toBuffer(before), after);
  if (splices.length === 0) return undefined;
  let byteCount = 0;
  for (const { value } of splices) byteCount += value.length;
  if (!context.takeRoom(byteCount)) return errors.unitTooLarge;
  context.apply({ id: EffectId.stringSplice, database, key, splices });
  return undefined;
}

/** The header and the ops apart: between them lies all that a short change leaves alone. */
function sparseSplices(before: Buffer, after: Buffer): Splice[] {
  const splices: Splice[] = differingRuns(before, after, STALE_BYTE, HEADER_BYTES);
  const ops = differingMiddle(before, after, HEADER_BYTES);
  if (ops !== undefined) splices.push(ops);
  return splices;
}
