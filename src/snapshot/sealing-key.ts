/**
 * Which data key a file of a snapshot is sealed with: its blocks all have the same one, because a
 * file is written with one cipher, and the footer's head says it in the open.
 */
import { type Disk, DiskError } from "../runtime/disk.ts";
import {
  BLOCK_HEAD_BYTES,
  decodeFileHeader,
  decodeFileTrailer,
  FILE_HEADER_BYTES,
  FILE_TRAILER_BYTES,
  fileMarkOf,
  readBlockHead,
} from "./block-file-format.ts";

/** 0 where it is plain; undefined where the file does not say, or is gone. */
export async function sealingKeyOf(disk: Disk, path: string): Promise<number | undefined> {
  try {
    const file = await disk.open(path, "read");
    try {
      const end = (await file.sizeBytes()) - FILE_TRAILER_BYTES;
      if (end < FILE_HEADER_BYTES + BLOCK_HEAD_BYTES) return undefined;
      const header = Buffer.alloc(FILE_HEADER_BYTES);
      await file.read(header, 0);
      if (typeof decodeFileHeader(header) === "string") return undefined;
      const fileMark = fileMarkOf(header);
      const bytes = Buffer.alloc(FILE_TRAILER_BYTES);
      await file.read(bytes, end);
      const trailer = decodeFileTrailer(bytes, fileMark);
      if (typeof trailer === "string" || trailer.footerOffset > end - BLOCK_HEAD_BYTES) {
        return undefined;
      }
      const footer = Buffer.alloc(BLOCK_HEAD_BYTES);
      await file.read(footer, trailer.footerOffset);
      const head = readBlockHead(footer, 0, fileMark);
      return typeof head === "string" ? undefined : head.keyId;
    } finally {
      await file.close();
    }
  } catch (failure) {
    if (failure instanceof DiskError) return undefined;
    throw failure;
  }
}
