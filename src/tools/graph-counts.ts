/**
 * What the links of one graph tell of it, piece by piece as the kernel wrote them
 * (`vector/kernel/link-image-format.h`): its parameters, documents by level, links; and what cannot
 * be. Bytes are checked by their blocks; whether links lead to the nearest only the vectors know.
 */
import { MalformedBytes } from "../base/byte-reader.ts";

const IMAGE_VERSION = 2;
const HEAD_WORDS = 19;
const CHECKSUM_WORDS = 2;
const SLOTS_HEAD_WORDS = 5;
const UPPER_HEAD_WORDS = 3;
const FACTOR_WORDS = 3;
const NONE = 0xffffffff;
const M_MAX = 512;
const DIMENSIONS_MAX = 32_768;
const PieceKind = { head: 1, slots: 2, upper: 3 } as const;
const METRICS = ["L2", "IP", "COSINE"];

export interface GraphParameters {
  readonly dimensions: number;
  readonly metric: string;
  readonly m: number;
  readonly efConstruction: number;
  readonly seed: string;
  readonly sequence: number;
  readonly slotLimit: number;
  readonly nodeCount: number;
  readonly upperNodeCount: number;
  /** Of the upper graph's nodes; undefined for an empty graph. */
  readonly entry: number | undefined;
}

export class GraphCounts {
  parameters: GraphParameters | undefined;
  pieceCount = 0;
  tombstoneCount = 0;
  linkCount = 0;
  linksMin = 0;
  linksMax = 0;
  unlinkedCount = 0;
  /** How many documents reach up to each level. */
  readonly levelCounts: number[] = [];
  upperInUse = 0;
  #nextSlot = 0;
  #nextUpper = 0;

  /** The words are good only during the call. MalformedBytes for what is no such piece. */
  take(words: Uint32Array): void {
    this.pieceCount += 1;
    const kind = words[0];
    if (this.pieceCount === 1) this.#head(words);
    else if (kind === PieceKind.slots) this.#slots(words);
    else if (kind === PieceKind.upper) this.#upper(words);
    else fail(`a piece of kind ${kind} stands at ${this.pieceCount}`);
  }

  /** What is missing, or does not add up, once the last piece was taken. */
  problem(): string | undefined {
    if (this.parameters === undefined) return "it has no head";
    const { slotLimit, nodeCount, upperNodeCount } = this.parameters;
    if (this.#nextSlot !== slotLimit) return `slots end at ${this.#nextSlot} of ${slotLimit}`;
    if (this.#nextUpper !== upperNodeCount) {
      return `upper nodes end at ${this.#nextUpper} of ${upperNodeCount}`;
    }
    const count = this.levelCounts.reduce((sum, each) => sum + each, 0);
    return count === nodeCount ? undefined : `${count} nodes are there, of ${nodeCount}`;
  }

  #head(words: Uint32Array): void {
    if (words[0] !== PieceKind.head || words.length !== HEAD_WORDS) fail("the first is no head");
    if (words[1] !== IMAGE_VERSION) fail(`version ${words[1]} of the links is not known`);
    const [, , dimensions, metric, m, efConstruction] = words;
    if (m < 2 || m > M_MAX || dimensions < 1 || dimensions > DIMENSIONS_MAX) {
      fail(`M ${m} and ${dimensions} dimensions cannot be`);
    }
    const seed = (BigInt(words[9]) << 32n) | BigInt(words[8]);
    this.parameters = {
      dimensions,
      metric: METRICS[metric] ?? `metric ${metric}`,
      m,
      efConstruction,
      seed: seed.toString(16),
      sequence: words[11] * 2 ** 32 + words[10],
      slotLimit: words[12],
      nodeCount: words[13],
      upperNodeCount: words[14],
      entry: words[15] === NONE ? undefined : words[15],
    };
  }

  #slots(words: Uint32Array): void {
    const { m, dimensions, slotLimit } = this.#known();
    const [, first, end] = words;
    if (first !== this.#nextSlot || end <= first || end > slotLimit) fail("slots are out of order");
    this.#nextSlot = end;
    const maskWords = Math.ceil((2 * m) / 32);
    const codeWords = FACTOR_WORDS + Math.ceil(dimensions / 64) * 16;
    const bitWords = Math.ceil((end - first) / 32);
    let at = SLOTS_HEAD_WORDS + bitWords;
    for (let index = 0; index < end - first; index += 1) {
      if (((words[SLOTS_HEAD_WORDS + (index >>> 5)] >>> (index & 31)) & 1) === 0) continue;
      const mark = words[at + 1];
      let linkCount = 0;
      for (let mask = 0; mask < maskWords; mask += 1) linkCount += bitsOf(words[at + 2 + mask]);
      const links = at + 2 + maskWords;
      const isDead = mark >>> 8 !== 0;
      at = links + linkCount + (isDead ? codeWords : 0);
      if (!(at <= words.length - CHECKSUM_WORDS)) fail("a piece of slots is cut short");
      for (let link = links; link < links + linkCount; link += 1) {
        if (words[link] >= slotLimit) fail(`a link leads to slot ${words[link]} of ${slotLimit}`);
      }
      this.#count(mark & 0xff, linkCount, isDead);
    }
    if (at !== words.length - CHECKSUM_WORDS) fail("a piece of slots goes on");
  }

  #count(level: number, linkCount: number, isDead: boolean): void {
    while (this.levelCounts.length <= level) this.levelCounts.push(0);
    const isFirst = this.levelCounts.every((count) => count === 0);
    this.levelCounts[level] += 1;
    if (isDead) this.tombstoneCount += 1;
    if (linkCount === 0) this.unlinkedCount += 1;
    this.linkCount += linkCount;
    this.linksMin = isFirst ? linkCount : Math.min(this.linksMin, linkCount);
    this.linksMax = Math.max(this.linksMax, linkCount);
  }

  #upper(words: Uint32Array): void {
    const { upperNodeCount, slotLimit } = this.#known();
    const [, first, end] = words;
    if (first !== this.#nextUpper || end <= first || end > upperNodeCount) {
      fail("upper nodes are out of order");
    }
    this.#nextUpper = end;
    if (words.length < UPPER_HEAD_WORDS + (end - first) + CHECKSUM_WORDS) {
      fail("a piece of upper nodes is cut short");
    }
    for (let index = 0; index < end - first; index += 1) {
      const slot = words[UPPER_HEAD_WORDS + index];
      if (slot === NONE) continue;
      if (slot >= slotLimit) fail(`an upper node is of slot ${slot} of ${slotLimit}`);
      this.upperInUse += 1;
    }
  }

  #known(): GraphParameters {
    return this.parameters ?? fail("links without a head");
  }
}

function fail(what: string): never {
  throw new MalformedBytes(what);
}

function bitsOf(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
