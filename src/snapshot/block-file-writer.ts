/**
 * Writes a block file: blocks as they come, then the footer, and only then is it whole.
 *
 * One write is under way while the caller makes the next block; what was written is synced every
 * megabyte, so that the disk never has much to do at once beside the log. A file that is not
 * finished has no trailer, and no reader takes it for one. The caller gives it its name by a rename
 * (`snapshot-names.ts`), after it was read back.
 */
import { assert } from "../base/assert.ts";
import { crc32c } from "../base/crc32c.ts";
import { limits } from "../base/limits.ts";
import type { BlockCipher } from "../runtime/cipher.ts";
import type { Disk, DiskFile } from "../runtime/disk.ts";
import {
  BLOCK_HEAD_BYTES,
  type BlockFileHeader,
  cipherContext,
  encodeFileHeader,
  encodeFileTrailer,
  FILE_HEADER_BYTES,
  FOOTER_TYPE,
  fileMarkOf,
  writeBlockHead,
} from "./block-file-format.ts";

const SYNC_STEP_BYTES = 1024 * 1024;

export class BlockFileWriter {
  /** Of all blocks so far, with the header; where the next one begins. */
  sizeBytes = 0;
  readonly header: BlockFileHeader;
  readonly #file: DiskFile;
  readonly #cipher: BlockCipher | undefined;
  #fileMark = 0;
  #blockCount = 0;
  #unsyncedBytes = 0;
  #underWay: Promise<void> | undefined;
  #isEnded = false;

  /**
   * The file must not be there yet. Every block is sealed where there is a cipher, with the key
   * that is the present one now (`sealing-key.ts` relies on it).
   */
  static async create(
    disk: Disk,
    path: string,
    header: BlockFileHeader,
    cipher: BlockCipher | undefined,
  ): Promise<BlockFileWriter> {
    const pinned = cipher?.pinned();
    const writer = new BlockFileWriter(await disk.open(path, "create"), header, pinned);
    const bytes = encodeFileHeader(header);
    writer.#fileMark = fileMarkOf(bytes);
    await writer.#write(bytes);
    return writer;
  }

  private constructor(file: DiskFile, header: BlockFileHeader, cipher: BlockCipher | undefined) {
    this.#file = file;
    this.header = header;
    this.#cipher = cipher;
  }

  /**
   * Adds a block, and resolves once the one before it is written. `payload` is the caller's again
   * at once. Types are from 1; blocks of about `limits.blockBytesTarget` are best, and on an event
   * loop no larger ones: their checksum is computed there. The offset of the block.
   */
  async append(type: number, payload: Uint8Array): Promise<number> {
    assert(type !== FOOTER_TYPE, "the footer comes with finish");
    return await this.#append(type, payload);
  }

  /** The footer, the trailer and a sync; the size of the whole file. Then nothing more may come. */
  async finish(footer: Uint8Array): Promise<number> {
    const footerOffset = await this.#append(FOOTER_TYPE, footer);
    const trailer = { footerOffset, blockCount: this.#blockCount };
    await this.#write(encodeFileTrailer(trailer, this.#fileMark));
    await this.#underWay;
    this.#isEnded = true;
    await this.#file.sync();
    await this.#file.close();
    return this.sizeBytes;
  }

  /** Lets go of the file as it is; whoever made it removes it. */
  async abandon(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    // Its failure was told to the caller, or is of no interest any more.
    await this.#underWay?.catch(() => undefined);
    await this.#file.close();
  }

  async #append(type: number, plain: Uint8Array): Promise<number> {
    assert(!this.#isEnded, "nothing is added to a file that has ended");
    const offset = this.sizeBytes;
    const number = this.#blockCount;
    const cipher = this.#cipher;
    const stored = cipher?.seal(plain, cipherContext(this.header, number, type)) ?? plain;
    assert(stored.length <= limits.blockBytesMax, "a block within blockBytesMax");
    const bytes = Buffer.allocUnsafeSlow(BLOCK_HEAD_BYTES + stored.length);
    const head = {
      payloadBytes: stored.length,
      number,
      type,
      keyId: cipher?.keyId ?? 0,
      payloadCrc: crc32c(stored),
    };
    writeBlockHead(bytes, head, this.#fileMark);
    bytes.set(stored, BLOCK_HEAD_BYTES);
    this.#blockCount += 1;
    await this.#write(bytes);
    return offset;
  }

  /** Waits for the write before; its own goes on behind. */
  async #write(bytes: Buffer): Promise<void> {
    const offset = this.sizeBytes;
    this.sizeBytes += bytes.length;
    await this.#underWay;
    const isSyncDue = this.#unsyncedBytes >= SYNC_STEP_BYTES;
    this.#unsyncedBytes = isSyncDue ? 0 : this.#unsyncedBytes + bytes.length;
    const writing = this.#file.write(bytes, offset);
    this.#underWay = isSyncDue ? writing.then(() => this.#file.sync()) : writing;
    // Whoever awaits it next is told; nobody may be there before.
    this.#underWay.catch(() => undefined);
    assert(offset === 0 || offset >= FILE_HEADER_BYTES, "blocks stand behind the header");
  }
}
