/**
 * What is done to bytes that somebody vouched for: changed, cut, doubled, and numbers set to what
 * hurts. Whoever uses it makes checksums right again, so that decoders meet it.
 */
import { pick, type Random } from "../support/command-grammar.ts";

const NUMBERS = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0x7fffffff, 0x80000000];
const LARGEST = 0xffffffff;

function integer(bound: number, random: Random): number {
  return Math.floor(random() * bound);
}

/**
 * Half of the time one byte is another; else one to three changes, at times of another length than
 * before. Never empty.
 */
export function corrupted(bytes: Buffer, random: Random): Buffer {
  let content: Buffer = Buffer.from(bytes);
  if (content.length > 0 && random() < 0.5) return withOneByteChanged(content, random);
  for (let left = 1 + integer(3, random); left > 0; left -= 1) content = changed(content, random);
  return content.length === 0 ? Buffer.from([0]) : content;
}

function withOneByteChanged(content: Buffer, random: Random): Buffer {
  const at = integer(content.length, random);
  const how = random();
  if (how < 0.4) content[at] = integer(256, random);
  else if (how < 0.7) content[at] ^= 1 << integer(8, random);
  else content[at] += pick([1, -1], random);
  return content;
}

function changed(content: Buffer, random: Random): Buffer {
  const at = integer(content.length, random);
  const how = random();
  if (how < 0.3) content[at] = integer(256, random);
  else if (how < 0.45) content[at] ^= 1 << integer(8, random);
  else if (how < 0.55) content[at] = pick([content[at] + 1, content[at] - 1], random) & 0xff;
  else if (how < 0.75 && content.length >= 4) {
    const number = random() < 0.3 ? LARGEST - integer(3, random) : pick(NUMBERS, random);
    content.writeUInt32LE(number, Math.min(at, content.length - 4));
  } else if (how < 0.82) return content.subarray(0, Math.max(1, at));
  else if (how < 0.88) {
    return Buffer.concat([content.subarray(0, at), content.subarray(at + 1 + integer(8, random))]);
  } else if (how < 0.94) {
    const inserted = Buffer.from(
      Array.from({ length: 1 + integer(4, random) }, () => integer(256, random)),
    );
    return Buffer.concat([content.subarray(0, at), inserted, content.subarray(at)]);
  } else {
    // A piece of it once more.
    const end = Math.min(content.length, at + 1 + integer(32, random));
    return Buffer.concat([content.subarray(0, end), content.subarray(at)]);
  }
  return content;
}
