/**
 * Reads a block file that nobody vouches for. Opening it checks header, trailer and footer, so a
 * file that was never finished is refused at once; each block is checked when it is read, and
 * reading all of them proves that every byte of the file is what was written.
 *
 * `BlockStream` reads blocks in order, the next ones while the caller works on the present one.
 */
import { crc32c } from "../base/crc32c.ts";
import { limits } from "../base/limits.ts";
import { type BlockCipher, DataKeyUnknown, SealBroken } from "../runtime/cipher.ts";
import type { Disk, DiskFile } from "../runtime/disk.ts";
import {
  BLOCK_HEAD_BYTES,
  type BlockFileHeader,
  type BlockFileKind,
  type BlockFileTrailer,
  type BlockHead,
  cipherContext,
  decodeFileHeader,
  decodeFileTrailer,
  FILE_HEADER_BYTES,
  FILE_TRAILER_BYTES,
  FOOTER_TYPE,
  fileMarkOf,
  readBlockHead,
} from "./block-file-format.ts";

/** Memory is made for a footer before its checksum is known. */
const FOOTER_BYTES_MAX = BLOCK_HEAD_BYTES + limits.blockBytesMax;

/** The bytes are not what was written, or not of this kind; the message says where. */
export class BlockFileDamaged extends Error {
  override readonly name = "BlockFileDamaged";
}

export interface Block {
  readonly type: number;
  readonly number: number;
  /** Of its head, in the file. */
  readonly offset: number;
  /** Good until the stream is asked for the block after the next; copy what is to be kept. */
  readonly payload: Buffer;
}

interface PlacedHead extends BlockHead {
  readonly offset: number;
}

interface KnownOfFile {
  readonly header: BlockFileHeader;
  readonly fileMark: number;
  readonly mayBePlain: boolean;
}

export class BlockFileReader {
  readonly path: string;
  readonly sizeBytes: number;
  readonly header: BlockFileHeader;
  footer: Buffer;
  readonly trailer: BlockFileTrailer;
  readonly #file: DiskFile;
  readonly #fileMark: number;
  readonly #mayBePlain: boolean;
  readonly #cipher: BlockCipher | undefined;

  /**
   * BlockFileDamaged for what is no whole file of that kind. `cipher` opens sealed blocks; with one
   * no plain block is taken unless `mayBePlain` (a file of before encryption was switched on).
   */
  static async open(
    disk: Disk,
    path: string,
    kind: BlockFileKind,
    cipher: BlockCipher | undefined,
    mayBePlain = cipher === undefined,
  ): Promise<BlockFileReader> {
    const file = await disk.open(path, "read");
    try {
      const sizeBytes = await file.sizeBytes();
      const fail = (offset: number, what: string) => damaged(path, offset, what);
      if (sizeBytes < FILE_HEADER_BYTES + BLOCK_HEAD_BYTES + FILE_TRAILER_BYTES) {
        throw fail(0, "the file is too short to be one");
      }
      const head = await readExactly(file, 0, FILE_HEADER_BYTES);
      const header = decodeFileHeader(head);
      if (typeof header === "string") throw fail(0, header);
      if (header.kind !== kind) throw fail(0, `it is of kind ${header.kind}, not ${kind}`);
      const fileMark = fileMarkOf(head);
      const end = sizeBytes - FILE_TRAILER_BYTES;
      const trailer = decodeFileTrailer(await readExactly(file, end, FILE_TRAILER_BYTES), fileMark);
      if (typeof trailer === "string") throw fail(end, trailer);
      const footerBytes = end - trailer.footerOffset;
      const isSane = footerBytes >= BLOCK_HEAD_BYTES && footerBytes <= FOOTER_BYTES_MAX;
      if (trailer.footerOffset < FILE_HEADER_BYTES || !isSane) {
        throw fail(end, "the footer is not where the trailer says");
      }
      const known = { header, fileMark, mayBePlain };
      return await BlockFileReader.#withFooter(file, sizeBytes, known, trailer, cipher);
    } catch (failure) {
      await file.close();
      throw failure;
    }
  }

  static async #withFooter(
    file: DiskFile,
    sizeBytes: number,
    known: KnownOfFile,
    trailer: BlockFileTrailer,
    cipher: BlockCipher | undefined,
  ): Promise<BlockFileReader> {
    const { footerOffset, blockCount } = trailer;
    const footerBytes = sizeBytes - FILE_TRAILER_BYTES - footerOffset;
    const bytes = await readExactly(file, footerOffset, footerBytes);
    const head = readBlockHead(bytes, 0, known.fileMark);
    if (typeof head === "string") throw damaged(file.path, footerOffset, head);
    const isFooter = head.type === FOOTER_TYPE && head.number === blockCount - 1;
    if (!isFooter || head.payloadBytes !== footerBytes - BLOCK_HEAD_BYTES) {
      throw damaged(file.path, footerOffset, "what should be the footer is another block");
    }
    const reader = new BlockFileReader(file, sizeBytes, known, trailer, cipher);
    const placed = { ...head, offset: footerOffset };
    reader.footer = reader.#payload(placed, bytes.subarray(BLOCK_HEAD_BYTES));
    return reader;
  }

  private constructor(
    file: DiskFile,
    sizeBytes: number,
    { header, fileMark, mayBePlain }: KnownOfFile,
    trailer: BlockFileTrailer,
    cipher: BlockCipher | undefined,
  ) {
    this.path = file.path;
    this.sizeBytes = sizeBytes;
    this.header = header;
    this.footer = Buffer.alloc(0);
    this.trailer = trailer;
    this.#file = file;
    this.#fileMark = fileMark;
    this.#mayBePlain = mayBePlain;
    this.#cipher = cipher;
  }

  /** Blocks from the one whose head is at `offset` to the last before `endOffset`. */
  blocks(
    offset: number = FILE_HEADER_BYTES,
    endOffset: number = this.trailer.footerOffset,
  ): BlockStream {
    return new BlockStream(
      this.#file,
      offset,
      endOffset,
      this.trailer,
      (bytes, at, place) => this.#head(bytes, at, place, endOffset),
      (head, stored) => this.#payload(head, stored),
    );
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #head(bytes: Buffer, at: number, offset: number, endOffset: number): PlacedHead {
    const head = readBlockHead(bytes, at, this.#fileMark);
    if (typeof head === "string") throw damaged(this.path, offset, head);
    if (head.type === FOOTER_TYPE) throw damaged(this.path, offset, "a footer in the middle");
    const end = offset + BLOCK_HEAD_BYTES + head.payloadBytes;
    if (end > endOffset || head.payloadBytes > limits.blockBytesMax) {
      throw damaged(this.path, offset, "the block goes on behind its end");
    }
    return { ...head, offset };
  }

  #payload(head: PlacedHead, stored: Buffer): Buffer {
    if (crc32c(stored) !== head.payloadCrc) {
      throw damaged(this.path, head.offset, "the checksum of the block is wrong");
    }
    if (head.keyId === 0) {
      // Or whoever can write the file could put plain blocks in the place of sealed ones.
      if (this.#mayBePlain) return stored;
      throw damaged(this.path, head.offset, "the block is not sealed, and all should be");
    }
    if (this.#cipher === undefined) {
      throw new DataKeyUnknown(head.keyId);
    }
    try {
      const context = cipherContext(this.header, head.number, head.type);
      return this.#cipher.open(head.keyId, stored, context);
    } catch (failure) {
      if (!(failure instanceof SealBroken)) throw failure;
      throw damaged(this.path, head.offset, failure.message);
    }
  }
}

const WINDOW_BYTES = 4 * limits.blockBytesTarget;

interface BlockWindow {
  readonly bytes: Buffer;
  readonly start: number;
  readonly heads: readonly PlacedHead[];
  readonly end: number;
}

/** Blocks in order. A window of them is read at a time, and the next one ahead of need. */
export class BlockStream {
  readonly #file: DiskFile;
  readonly #endOffset: number;
  readonly #trailer: BlockFileTrailer;
  readonly #head: (bytes: Buffer, at: number, offset: number) => PlacedHead;
  readonly #payload: (head: PlacedHead, stored: Buffer) => Buffer;
  #spare: Buffer | undefined;
  #window: BlockWindow | undefined;
  #ahead: Promise<BlockWindow>;
  #at = 0;
  #nextNumber = -1;

  constructor(
    file: DiskFile,
    offset: number,
    endOffset: number,
    trailer: BlockFileTrailer,
    head: (bytes: Buffer, at: number, offset: number) => PlacedHead,
    payload: (head: PlacedHead, stored: Buffer) => Buffer,
  ) {
    this.#file = file;
    this.#endOffset = endOffset;
    this.#trailer = trailer;
    this.#head = head;
    this.#payload = payload;
    if (offset === FILE_HEADER_BYTES) this.#nextNumber = 0;
    this.#ahead = this.#read(offset);
  }

  /** Undefined behind the last one; BlockFileDamaged for the first that is not what it was. */
  async next(): Promise<Block | undefined> {
    let window = this.#window;
    if (window === undefined || this.#at === window.heads.length) {
      if (window?.bytes.length === WINDOW_BYTES) this.#spare = window.bytes;
      window = await this.#ahead;
      this.#window = window;
      this.#at = 0;
      if (window.heads.length === 0) {
        this.#checkEnd();
        return undefined;
      }
      this.#ahead = this.#read(window.end);
    }
    const head = window.heads[this.#at];
    this.#at += 1;
    if (this.#nextNumber >= 0 && head.number !== this.#nextNumber) {
      const what = `block ${head.number} stands where block ${this.#nextNumber} must be`;
      throw damaged(this.#file.path, head.offset, what);
    }
    this.#nextNumber = head.number + 1;
    const start = head.offset - window.start + BLOCK_HEAD_BYTES;
    const stored = window.bytes.subarray(start, start + head.payloadBytes);
    const payload = this.#payload(head, stored);
    return { type: head.type, number: head.number, offset: head.offset, payload };
  }

  /** The blocks up to the footer, all of them. */
  #checkEnd(): void {
    const { footerOffset, blockCount } = this.#trailer;
    if (this.#endOffset !== footerOffset || this.#nextNumber < 0) return;
    if (this.#nextNumber === blockCount - 1) return;
    const what = `${this.#nextNumber} blocks came, and there were ${blockCount - 1}`;
    throw damaged(this.#file.path, footerOffset, what);
  }

  #read(start: number): Promise<BlockWindow> {
    const reading = this.#readWindow(start);
    // It is told to whoever asks for the block; until then nobody waits for it.
    reading.catch(() => undefined);
    return reading;
  }

  async #readWindow(start: number): Promise<BlockWindow> {
    const left = this.#endOffset - start;
    if (left <= 0) return { bytes: Buffer.alloc(0), start, heads: [], end: start };
    let bytes = this.#spare ?? Buffer.allocUnsafeSlow(WINDOW_BYTES);
    this.#spare = undefined;
    let count = await this.#fill(bytes, start, Math.min(left, WINDOW_BYTES));
    if (count < BLOCK_HEAD_BYTES) throw damaged(this.#file.path, start, "a block is cut short");
    const first = this.#head(bytes, 0, start);
    if (BLOCK_HEAD_BYTES + first.payloadBytes > count) {
      count = BLOCK_HEAD_BYTES + first.payloadBytes;
      bytes = Buffer.allocUnsafeSlow(count);
      await this.#fill(bytes, start, count);
    }
    const heads: PlacedHead[] = [];
    let at = 0;
    while (at + BLOCK_HEAD_BYTES <= count) {
      const head = this.#head(bytes, at, start + at);
      const end = at + BLOCK_HEAD_BYTES + head.payloadBytes;
      if (end > count) break;
      heads.push(head);
      at = end;
    }
    return { bytes, start, heads, end: start + at };
  }

  async #fill(bytes: Buffer, start: number, count: number): Promise<number> {
    const read = await this.#file.read(bytes.subarray(0, count), start);
    if (read < count) throw damaged(this.#file.path, start + read, "the file ends too early");
    return read;
  }
}

export function damaged(path: string, offset: number, what: string): BlockFileDamaged {
  return new BlockFileDamaged(`${path}, byte ${offset}: ${what}`);
}

async function readExactly(file: DiskFile, offset: number, byteCount: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(byteCount);
  const count = await file.read(bytes, offset);
  if (count < byteCount) throw damaged(file.path, offset + count, "the file ends too early");
  return bytes;
}
