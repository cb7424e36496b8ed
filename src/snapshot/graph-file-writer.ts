/**
 * Writes the file of one index (`graph-file-format.ts`) while the index goes on: its documents are
 * frozen, and the kernel dumps its graphs on threads of its own. What is done here is cut into
 * slices of well below a millisecond, with a turn of the event loop between them.
 */
import { ByteWriter } from "../base/byte-writer.ts";
import type { BlockCipher } from "../runtime/cipher.ts";
import type { Timers } from "../runtime/clock.ts";
import type { Disk } from "../runtime/disk.ts";
import { failpoint } from "../runtime/failpoint.ts";
import { CHUNK_IDS, type FrozenDocuments } from "../search/document-image.ts";
import type { GraphDump } from "../vector/vector-index.ts";
import { BlockFileKind } from "./block-file-format.ts";
import { BlockFileReader } from "./block-file-reader.ts";
import { BlockFileWriter } from "./block-file-writer.ts";
import { encodeGraphFooter, encodeGraphHead, GraphBlock, NO_LINKS } from "./graph-file-format.ts";

/** Keys and ids of a block, and so of a slice; one of long keys ends sooner. */
const SLICE_IDS = 1024;
const SLICE_BYTES = 256 * 1024;

/** What is to be written of an index, all of one place of the log. */
export interface IndexDump {
  readonly name: string;
  readonly definition: Buffer;
  readonly isPartial: boolean;
  readonly documents: FrozenDocuments;
  readonly graphs: readonly { readonly alias: string; readonly dump: GraphDump }[];
}

export interface GraphFileTarget {
  readonly disk: Disk;
  readonly timers: Pick<Timers, "soon">;
  readonly cipher: BlockCipher | undefined;
  readonly path: string;
  readonly sequence: number;
  readonly madeAtMs: number;
  /** The number in its name. */
  readonly part: number;
  /** Asked in every slice: true ends it with a failure. */
  readonly isAbandoned: () => boolean;
}

/** Resolves once the file is durable and was read back. */
export async function writeGraphFile(index: IndexDump, target: GraphFileTarget): Promise<void> {
  try {
    await new GraphFileWriter(index, target).write();
  } finally {
    for (const { dump } of index.graphs) dump.end();
  }
  await readAllBack(target);
}

class GraphFileWriter {
  readonly #index: IndexDump;
  readonly #target: GraphFileTarget;
  readonly #writer: ByteWriter;

  constructor(index: IndexDump, target: GraphFileTarget) {
    this.#index = index;
    this.#target = target;
    this.#writer = new ByteWriter(SLICE_BYTES);
  }

  async write(): Promise<void> {
    const { disk, path, sequence, madeAtMs, part, cipher } = this.#target;
    this.#checkGoingOn();
    if (await disk.exists(path)) await disk.remove(path);
    const header = { kind: BlockFileKind.graph, sequence, madeAtMs, part };
    const file = await BlockFileWriter.create(disk, path, header, cipher);
    try {
      const { name, definition, isPartial, documents, graphs } = this.#index;
      const aliases = graphs.map(({ alias }) => alias);
      const { moment, count: documentCount } = documents;
      const head = { name, definition, isPartial, moment, documentCount, aliases };
      await file.append(GraphBlock.head, encodeGraphHead(head));
      const keyBlocks = await this.#writeKeys(file);
      const freedBlocks = await this.#writeFreed(file);
      const pieces: number[] = [];
      for (const place of graphs.keys()) pieces.push(await this.#writeLinks(file, place));
      await file.finish(encodeGraphFooter({ keyBlocks, freedBlocks, pieces }));
    } catch (failure) {
      await file.abandon();
      throw failure;
    }
  }

  async #writeKeys(file: BlockFileWriter): Promise<number> {
    const { idLimit, chunks } = this.#index.documents;
    const writer = this.#writer;
    let blockCount = 0;
    for (let first = 0; first < idLimit; blockCount += 1) {
      writer.clear();
      writer.u32(first);
      writer.skip(4);
      let id = first;
      while (id < idLimit && id - first < SLICE_IDS && writer.length < SLICE_BYTES) {
        const key = chunks[Math.floor(id / CHUNK_IDS)][id % CHUNK_IDS];
        writer.u8(key === undefined ? 0 : 1);
        if (key !== undefined) writer.bytes(key);
        id += 1;
      }
      writer.written().writeUInt32LE(id - first, 4);
      first = id;
      await this.#append(file, GraphBlock.keys, writer.written());
    }
    return blockCount;
  }

  async #writeFreed(file: BlockFileWriter): Promise<number> {
    const { freed } = this.#index.documents;
    const writer = this.#writer;
    let blockCount = 0;
    for (let first = 0; first < freed.length; blockCount += 1) {
      const end = Math.min(freed.length, first + SLICE_IDS);
      writer.clear();
      writer.u32(end - first);
      for (let place = first; place < end; place += 1) writer.u32(freed.at(place));
      first = end;
      await this.#append(file, GraphBlock.freed, writer.written());
    }
    return blockCount;
  }

  /** How many pieces; NO_LINKS where the kernel could not give them, and the graph is left out. */
  async #writeLinks(file: BlockFileWriter, place: number): Promise<number> {
    const { dump } = this.#index.graphs[place];
    const writer = this.#writer;
    for (let count = 0; ; count += 1) {
      let piece: Uint32Array | undefined;
      try {
        piece = await dump.next();
      } catch {
        return NO_LINKS;
      }
      if (piece === undefined) return count;
      writer.clear();
      writer.u32(place);
      const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      writer.skip(bytes.length);
      bytes.copy(writer.written(), 4);
      await this.#append(file, GraphBlock.links, writer.written());
    }
  }

  #checkGoingOn(): void {
    if (this.#target.isAbandoned()) throw new Error("the snapshot was given up");
  }

  async #append(file: BlockFileWriter, type: number, payload: Buffer): Promise<void> {
    failpoint("graph-file.block");
    this.#checkGoingOn();
    await file.append(type, payload);
    await turn(this.#target.timers);
  }
}

/** Every byte, so that what the disk did to it is known before the file counts. */
async function readAllBack({ disk, path, cipher, timers }: GraphFileTarget): Promise<void> {
  const reader = await BlockFileReader.open(disk, path, BlockFileKind.graph, cipher);
  try {
    const blocks = reader.blocks();
    while ((await blocks.next()) !== undefined) await turn(timers);
  } finally {
    await reader.close();
  }
}

function turn(timers: Pick<Timers, "soon">): Promise<void> {
  return new Promise((resolve) => timers.soon(resolve));
}
