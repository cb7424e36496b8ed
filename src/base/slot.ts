/**
 * The slot of a key, as Redis Cluster has it: CRC-16 (XMODEM) of the key, or of what stands between
 * its first `{` and the next `}` if that is not empty, modulo 16384.
 */
export const SLOT_COUNT = 16_384;

const POLYNOMIAL = 0x1021;
const OPENING = 0x7b;

const table = new Uint16Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  let value = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) {
    value = value & 0x8000 ? (value << 1) ^ POLYNOMIAL : value << 1;
  }
  table[byte] = value;
}

/** The key is a binary string. */
export function slotOf(key: string): number {
  const { length } = key;
  let crc = 0;
  for (let index = 0; index < length; index += 1) {
    const code = key.charCodeAt(index);
    if (code === OPENING) return slotOfTagged(key, index);
    crc = ((crc << 8) & 0xffff) ^ table[(crc >>> 8) ^ code];
  }
  return crc & (SLOT_COUNT - 1);
}

function slotOfTagged(key: string, opening: number): number {
  let closing = key.indexOf("}", opening + 1);
  let start = opening + 1;
  if (closing === -1 || closing === start) {
    start = 0;
    closing = key.length;
  }
  let crc = 0;
  for (let index = start; index < closing; index += 1) {
    crc = ((crc << 8) & 0xffff) ^ table[(crc >>> 8) ^ key.charCodeAt(index)];
  }
  return crc & (SLOT_COUNT - 1);
}
