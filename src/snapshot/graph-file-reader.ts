/**
 * Reads the file of one index (`graph-file-format.ts`), which nobody vouches for: documents first,
 * links once the keyspace is there. Whatever is not as it must be is a GraphFileUnfit, whose
 * message is the reason that people are told; the index is then made without the file.
 */
import { ByteReader, MalformedBytes } from "../base/byte-reader.ts";
import { DataKeyUnknown } from "../runtime/cipher.ts";
import type { Clock, Timers } from "../runtime/clock.ts";
import { type Disk, DiskError } from "../runtime/disk.ts";
import { DocumentImage } from "../search/document-image.ts";
import { BlockFileKind } from "./block-file-format.ts";
import {
  type Block,
  BlockFileDamaged,
  BlockFileReader,
  type BlockStream,
} from "./block-file-reader.ts";
import {
  decodeGraphFooter,
  decodeGraphHead,
  GraphBlock,
  type GraphFileFooter,
  type GraphFileHead,
  NO_LINKS,
} from "./graph-file-format.ts";
import type { FileKeys } from "./snapshot-reader.ts";

/** The server answers LOADING meanwhile; longer than while it serves. */
const SLICE_MS = 10;

export class GraphFileUnfit extends Error {
  override readonly name = "GraphFileUnfit";
}

export interface GraphFileSource {
  readonly disk: Disk;
  readonly path: string;
  readonly sequence: number;
  readonly keys: FileKeys | undefined;
  readonly timers: Pick<Timers, "soon">;
  readonly clock: Pick<Clock, "monotonicMs">;
}

export class GraphFile {
  readonly head: GraphFileHead;
  readonly documents: DocumentImage;
  readonly #file: BlockFileReader;
  readonly #blocks: BlockStream;
  readonly #footer: GraphFileFooter;
  readonly #breath: Breath;

  /** Reads up to the documents. */
  static async open(source: GraphFileSource): Promise<GraphFile> {
    return told(async () => {
      const { disk, path, keys, sequence } = source;
      const mayBePlain = keys === undefined || sequence < keys.sealedFrom;
      const kind = BlockFileKind.graph;
      const file = await BlockFileReader.open(disk, path, kind, keys?.cipher, mayBePlain);
      try {
        if (file.header.sequence !== sequence)
          throw new GraphFileUnfit("it is of another sequence");
        const footer = decodeGraphFooter(file.footer);
        const blocks = file.blocks();
        const breath = new Breath(source);
        const first = await blocks.next();
        if (first?.type !== GraphBlock.head) throw new GraphFileUnfit("it has no head");
        const head = decodeGraphHead(first.payload);
        const documents = await readDocuments(head, footer, blocks, breath);
        return new GraphFile(file, blocks, head, footer, documents, breath);
      } catch (failure) {
        await file.close();
        throw failure;
      }
    });
  }

  private constructor(
    file: BlockFileReader,
    blocks: BlockStream,
    head: GraphFileHead,
    footer: GraphFileFooter,
    documents: DocumentImage,
    breath: Breath,
  ) {
    this.#file = file;
    this.#blocks = blocks;
    this.head = head;
    this.#footer = footer;
    this.documents = documents;
    this.#breath = breath;
  }

  /** Whether the attribute at that place of the head has links in the file. */
  hasLinks(place: number): boolean {
    return this.#footer.pieces[place] !== NO_LINKS;
  }

  /** All pieces to the last, which `take` copies. Only then the file is known to be whole. */
  async readLinks(take: (place: number, piece: Uint32Array) => void): Promise<void> {
    await told(async () => {
      let words = new Uint32Array(0);
      for (const [place, pieces] of this.#footer.pieces.entries()) {
        for (let count = 0; pieces !== NO_LINKS && count < pieces; count += 1) {
          const block = await this.#blocks.next();
          const payload = payloadOf(block, GraphBlock.links);
          const byteCount = payload.length - 4;
          if (byteCount < 0 || byteCount % 4 !== 0 || payload.readUInt32LE(0) !== place) {
            throw new GraphFileUnfit("a piece of links is not where it should be");
          }
          // Words need a boundary of their own size.
          if (words.length < byteCount / 4) words = new Uint32Array(byteCount / 2);
          payload.copy(new Uint8Array(words.buffer), 0, 4);
          take(place, words.subarray(0, byteCount / 4));
          await this.#breath.take();
        }
      }
      if ((await this.#blocks.next()) !== undefined) throw new GraphFileUnfit("it goes on");
    });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function readDocuments(
  head: GraphFileHead,
  footer: GraphFileFooter,
  blocks: BlockStream,
  breath: Breath,
): Promise<DocumentImage> {
  if (footer.pieces.length !== head.aliases.length) {
    throw new GraphFileUnfit("its head and its footer disagree");
  }
  const image = new DocumentImage(head.moment, head.documentCount);
  for (let count = 0; count < footer.keyBlocks; count += 1) {
    readKeys(payloadOf(await blocks.next(), GraphBlock.keys), image);
    await breath.take();
  }
  for (let count = 0; count < footer.freedBlocks; count += 1) {
    const reader = new ByteReader(payloadOf(await blocks.next(), GraphBlock.freed));
    for (let left = reader.itemCount(4); left > 0; left -= 1) image.freed.push(reader.u32());
    await breath.take();
  }
  const problem = image.problem();
  if (problem !== undefined) throw new GraphFileUnfit(`of its documents: ${problem}`);
  return image;
}

function readKeys(payload: Buffer, image: DocumentImage): void {
  const reader = new ByteReader(payload);
  if (reader.u32() !== image.idLimit) throw new GraphFileUnfit("ids are out of order");
  for (let left = reader.itemCount(1); left > 0; left -= 1) {
    image.addKey(reader.u8() === 0 ? undefined : reader.binaryString());
  }
  if (reader.remaining > 0) throw new GraphFileUnfit("a block of keys goes on");
}

function payloadOf(block: Block | undefined, type: number): Buffer {
  if (block?.type === type) return block.payload;
  throw new GraphFileUnfit("a block is of another type than its place");
}

/** What is wrong with a file, or with the disk, becomes the reason that people are told. */
async function told<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (failure) {
    const isReason =
      failure instanceof BlockFileDamaged ||
      failure instanceof MalformedBytes ||
      failure instanceof DataKeyUnknown ||
      failure instanceof DiskError;
    throw isReason ? new GraphFileUnfit(failure.message) : failure;
  }
}

/** Lets the event loop go on, every so often. */
class Breath {
  readonly #source: Pick<GraphFileSource, "timers" | "clock">;
  #sinceMs: number;

  constructor(source: Pick<GraphFileSource, "timers" | "clock">) {
    this.#source = source;
    this.#sinceMs = source.clock.monotonicMs();
  }

  async take(): Promise<void> {
    const { timers, clock } = this.#source;
    if (clock.monotonicMs() - this.#sinceMs < SLICE_MS) return;
    await new Promise<void>((resolve) => timers.soon(resolve));
    this.#sinceMs = clock.monotonicMs();
  }
}
