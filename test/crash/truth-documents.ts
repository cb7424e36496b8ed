/**
 * Documents of the search truth: what writers make of them, and their brute-force twin. Each has
 * tags, a number, a text and the same vector in a FLAT and an HNSW field; writers also leave
 * fields out, take them away, put nonsense in vectors, let keys expire and move them out of sight.
 */
import type { Random } from "../../src/runtime/clock.ts";
import type { RespReply } from "./resp-client.ts";

export const DIMENSIONS = 32;
export const TAGS = ["red", "green", "blue", "grey", "pink"] as const;
export const WORDS = "river stone cloud lantern meadow harbor copper violet ember cedar".split(" ");
export const NUMBERS = 10_000;
/** Vectors lie around so many places, as those of texts do, so that neighbors mean something. */
const CLUSTERS = 60;
const SPREAD = 0.5;
const FAR_MS = 3_600_000;
const NEAR_MS = 25;

export const PREFIX = "truth:";
/** Not in the index. */
const ASIDE = "aside:";

export type Words = (string | Buffer)[];

/** Chance, and the places that vectors lie around. */
export class TruthChance {
  readonly #random: Random;
  readonly #centers: readonly Float32Array[];

  constructor(random: Random, centersOf: Random) {
    this.#random = random;
    this.#centers = Array.from({ length: CLUSTERS }, () =>
      Float32Array.from({ length: DIMENSIONS }, () => centersOf.fraction() * 2 - 1),
    );
  }

  below(limit: number): number {
    return Math.floor(this.#random.fraction() * limit);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)];
  }

  vector(): Float32Array {
    const center = this.pick(this.#centers);
    return center.map((value) => value + (this.#random.fraction() - 0.5) * 2 * SPREAD);
  }

  text(): string {
    return Array.from({ length: 1 + this.below(5) }, () => this.pick(WORDS)).join(" ");
  }

  tags(): string {
    return Array.from({ length: 1 + this.below(2) }, () => this.pick(TAGS)).join(",");
  }
}

export function bytesOf(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}

export function createIndexCommand(name: string): Words {
  const options = ["6", "TYPE", "FLOAT32", "DIM", String(DIMENSIONS), "DISTANCE_METRIC", "L2"];
  const fields = ["tag", "TAG", "number", "NUMERIC", "words", "TEXT"];
  const vectors = ["flat", "VECTOR", "FLAT", ...options, "graph", "VECTOR", "HNSW", ...options];
  return ["FT.CREATE", name, "PREFIX", "1", PREFIX, "SCHEMA", ...fields, ...vectors];
}

/** All fields of a document. */
export function wholeDocument(chance: TruthChance, key: string): Words {
  const vector = bytesOf(chance.vector());
  const number = String(chance.below(NUMBERS));
  const plain = ["tag", chance.tags(), "number", number, "words", chance.text()];
  return ["HSET", key, ...plain, "flat", vector, "graph", vector];
}

/** Commands that belong together: more than one for a MULTI. */
export function chooseWrites(chance: TruthChance, keyCount: number): Words[] {
  const key = (): string => `${PREFIX}${chance.below(keyCount)}`;
  const dice = chance.below(100);
  if (dice < 45) return [wholeDocument(chance, key())];
  if (dice < 55) return [["HSET", key(), "number", String(chance.below(NUMBERS))]];
  if (dice < 62) return [["HSET", key(), "tag", chance.tags(), "words", chance.text()]];
  if (dice < 66) return [["HSET", key(), "graph", bytesOf(chance.vector())]];
  if (dice < 68) return [["HSET", key(), "flat", "no vector"]];
  if (dice < 71) return [["HDEL", key(), chance.pick(["tag", "number", "words", "graph", "flat"])]];
  if (dice < 83) return [["DEL", key()]];
  if (dice < 86) return [["PEXPIRE", key(), String(NEAR_MS)]];
  if (dice < 89) return [["PEXPIRE", key(), String(FAR_MS)]];
  if (dice < 92) return [["COPY", key(), key(), "REPLACE"]];
  if (dice < 94) return [["COPY", key(), `${ASIDE}${chance.below(20)}`, "REPLACE"]];
  if (dice < 96) return [["COPY", `${ASIDE}${chance.below(20)}`, key(), "REPLACE"]];
  return [wholeDocument(chance, key()), ["DEL", key()], wholeDocument(chance, key())];
}

export interface TruthDocument {
  readonly key: string;
  readonly tags: readonly string[];
  /** NaN where there is none. */
  readonly number: number;
  readonly words: readonly string[];
  /** Undefined where there is none, or where what is there is none. */
  readonly flat: Float32Array | undefined;
  readonly graph: Float32Array | undefined;
}

function textIn(reply: RespReply): string {
  return Buffer.isBuffer(reply) ? reply.toString("latin1") : "";
}

function vectorIn(reply: RespReply): Float32Array | undefined {
  if (!Buffer.isBuffer(reply) || reply.length !== DIMENSIONS * 4) return undefined;
  return Float32Array.from({ length: DIMENSIONS }, (_, at) => reply.readFloatLE(at * 4));
}

/** What HMGET key tag number words flat graph answers. */
export function documentIn(key: string, reply: RespReply): TruthDocument | undefined {
  if (!Array.isArray(reply)) throw new Error(`HMGET ${key} gave ${String(reply)}`);
  if (reply.every((field) => field === null)) return undefined;
  const [tag, number, words, flat, graph] = reply;
  return {
    key,
    tags: textIn(tag).split(",").filter(Boolean),
    number: number === null ? Number.NaN : Number(textIn(number)),
    words: textIn(words).split(" ").filter(Boolean),
    flat: vectorIn(flat),
    graph: vectorIn(graph),
  };
}

export function distanceOf(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < DIMENSIONS; index += 1) sum += (left[index] - right[index]) ** 2;
  return sum;
}
