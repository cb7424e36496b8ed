/**
 * Effects on streams (`effect.ts` has the rules and the ids), with their bytes.
 */
import type { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";
import { decodePairs, encodeList } from "./effect-parts.ts";

export const StreamEffectId = {
  streamAdd: 50,
} as const;

/** Ids of 50 to 79 are for streams. Creates the stream. */
export interface StreamAdd {
  readonly id: typeof StreamEffectId.streamAdd;
  readonly database: number;
  readonly key: string;
  /** 16 bytes, big endian, so that ids compare as strings. */
  readonly streamId: string;
  readonly pairs: readonly Bytes[];
}

export type StreamEffect = StreamAdd;

export function encodeStreamEffect(writer: ByteWriter, effect: StreamEffect): void {
  writer.bytes(effect.streamId);
  encodeList(writer, effect.pairs);
}

export function decodeStreamEffect(
  reader: ByteReader,
  id: StreamEffect["id"],
  database: number,
  key: string,
): StreamEffect {
  return { id, database, key, streamId: reader.binaryString(), pairs: decodePairs(reader) };
}
