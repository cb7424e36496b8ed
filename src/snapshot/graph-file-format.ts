/**
 * The file of an index: its document table and the links of its graphs, at a snapshot's sequence. A
 * block file (`block-file-format.ts`) of kind `graph` whose blocks come in this order, numbers as
 * `base/byte-writer.ts` writes them:
 *
 *   head    u32 version, bytes name, bytes definition (`search/definition-format.ts`), u8 whether
 *           existing keys were still being indexed, count ids given, u32 documents, u32 attributes
 *           that have graphs, bytes alias of each
 *   keys    u32 first id, u32 how many, for each u8 whether it has a key, and if so bytes key
 *   freed   u32 how many, u32 each: ids that come back into use, oldest first
 *   links   u32 place of the attribute, then a piece of words (`kernel/link-image-format.h`)
 *   footer  u32 blocks of keys, u32 of freed ids, u32 attributes, for each u32 its pieces
 *           (NO_LINKS: they could not be had)
 */
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";

export const GRAPH_FILE_VERSION = 1;
/** Explicit numbers, never given anew. */
export const GraphBlock = { head: 1, keys: 2, freed: 3, links: 4 } as const;
export const NO_LINKS = 0xffffffff;

export interface GraphFileHead {
  readonly name: string;
  readonly definition: Buffer;
  readonly isPartial: boolean;
  readonly moment: number;
  readonly documentCount: number;
  /** Attributes with graphs, in order. */
  readonly aliases: readonly string[];
}

export interface GraphFileFooter {
  readonly keyBlocks: number;
  readonly freedBlocks: number;
  readonly pieces: readonly number[];
}

export function encodeGraphHead(head: GraphFileHead): Buffer {
  const writer = new ByteWriter();
  writer.u32(GRAPH_FILE_VERSION);
  writer.bytes(head.name);
  writer.bytes(head.definition);
  writer.u8(head.isPartial ? 1 : 0);
  writer.count(head.moment);
  writer.u32(head.documentCount);
  writer.u32(head.aliases.length);
  for (const alias of head.aliases) writer.bytes(alias);
  return writer.written();
}

/** MalformedBytes for what is none. */
export function decodeGraphHead(payload: Buffer): GraphFileHead {
  const reader = new ByteReader(payload);
  const version = reader.u32();
  if (version !== GRAPH_FILE_VERSION) reader.fail(`version ${version} is not known`);
  const name = reader.binaryString();
  const definition = Buffer.from(reader.binaryString(), "latin1");
  const isPartial = reader.u8() !== 0;
  const moment = reader.count();
  const documentCount = reader.u32();
  const aliases = Array.from({ length: reader.itemCount(4) }, () => reader.binaryString());
  if (reader.remaining > 0) reader.fail("the head goes on");
  return { name, definition, isPartial, moment, documentCount, aliases };
}

export function encodeGraphFooter(footer: GraphFileFooter): Buffer {
  const writer = new ByteWriter();
  writer.u32(footer.keyBlocks);
  writer.u32(footer.freedBlocks);
  writer.u32(footer.pieces.length);
  for (const count of footer.pieces) writer.u32(count);
  return writer.written();
}

export function decodeGraphFooter(payload: Buffer): GraphFileFooter {
  const reader = new ByteReader(payload);
  const keyBlocks = reader.u32();
  const freedBlocks = reader.u32();
  const pieces = Array.from({ length: reader.itemCount(4) }, () => reader.u32());
  if (reader.remaining > 0) reader.fail("the footer goes on");
  return { keyBlocks, freedBlocks, pieces };
}
