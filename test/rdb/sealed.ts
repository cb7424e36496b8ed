/**
 * A payload with a right footer around whatever content, so that a test gets past the checksum.
 */
import { Crc64 } from "../../src/rdb/crc64.ts";

/** `content` is bytes or their hexadecimal text. */
export function sealed(content: string | Buffer, version = 11): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content, "hex") : content;
  const payload = Buffer.alloc(bytes.length + 10);
  bytes.copy(payload);
  payload.writeUInt16LE(version, bytes.length);
  const checksum = new Crc64();
  checksum.update(payload, 0, bytes.length + 2);
  checksum.write(payload, bytes.length + 2);
  return payload;
}
