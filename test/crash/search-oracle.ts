/**
 * Search against brute force over the keyspace itself: after a crash the index must answer exactly
 * what the documents that are there answer.
 */
import type { Random } from "../../src/runtime/clock.ts";
import { DIMENSIONS, TAGS, vectorBytes } from "./operations.ts";
import type { State } from "./oracle.ts";
import type { RespClient, RespReply } from "./resp-client.ts";

const K = 10;
const EVERYTHING = 10_000;
/** Above the count of documents, so that HNSW looks at all it can reach. */
const EF_RUNTIME = 1000;

interface Document {
  readonly key: string;
  readonly tag: string;
  readonly number: number;
  readonly vector: Float32Array;
}

export async function createIndex(client: RespClient): Promise<void> {
  const vector = ["6", "TYPE", "FLOAT32", "DIM", String(DIMENSIONS), "DISTANCE_METRIC", "L2"];
  const schema = ["tag", "TAG", "number", "NUMERIC"];
  const vectors = ["flat", "VECTOR", "FLAT", ...vector, "graph", "VECTOR", "HNSW", ...vector];
  const prefix = ["ON", "HASH", "PREFIX", "1", "document:"];
  await client.must("FT.CREATE", "documents", ...prefix, "SCHEMA", ...schema, ...vectors);
}

function documentsOf(state: State): Document[] {
  const documents: Document[] = [];
  for (const [key, text] of state) {
    if (!text.startsWith("hash ")) continue;
    const [, tag, number, hex] = text.split(" ");
    const bytes = Buffer.from(hex, "hex");
    const vector = new Float32Array(DIMENSIONS);
    for (let index = 0; index < DIMENSIONS; index += 1)
      vector[index] = bytes.readFloatLE(index * 4);
    documents.push({ key, tag, number: Number(number), vector });
  }
  return documents;
}

function distance(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += (left[index] - right[index]) ** 2;
  return sum;
}

/** Keys of an FT.SEARCH reply without content, in its order. */
function keysOf(reply: RespReply): string[] {
  if (!Array.isArray(reply)) throw new Error(`FT.SEARCH gave ${String(reply)}`);
  return reply.slice(1).map(String);
}

async function matching(client: RespClient, query: string): Promise<string[]> {
  const limit = ["LIMIT", "0", String(EVERYTHING), "NOCONTENT", "DIALECT", "2"];
  return keysOf(await client.must("FT.SEARCH", "documents", query, ...limit)).sort();
}

async function nearest(
  client: RespClient,
  field: string,
  filter: string,
  vector: readonly number[],
): Promise<string[]> {
  const ef = field === "graph" ? ` EF_RUNTIME ${EF_RUNTIME}` : "";
  const query = `${filter}=>[KNN ${K} @${field} $v${ef} AS distance]`;
  const options = ["SORTBY", "distance", "LIMIT", "0", String(K), "NOCONTENT"];
  const parameters = ["PARAMS", "2", "v", vectorBytes(vector), "DIALECT", "2"];
  return keysOf(await client.must("FT.SEARCH", "documents", query, ...options, ...parameters));
}

/** What search gets wrong; empty when it equals brute force. */
export async function checkSearch(
  client: RespClient,
  state: State,
  random: Random,
): Promise<string[]> {
  const documents = documentsOf(state);
  const problems: string[] = [];
  const compare = (what: string, found: readonly string[], expected: readonly string[]): void => {
    if (found.join() === expected.join()) return;
    const missing = expected.filter((key) => !found.includes(key));
    const extra = found.filter((key) => !expected.includes(key));
    problems.push(
      `${what}: misses ${missing.join() || "none"}, has ${extra.join() || "none"} more`,
    );
  };
  const keysWhere = (test: (document: Document) => boolean): string[] =>
    documents
      .filter(test)
      .map(({ key }) => key)
      .sort();
  for (const tag of TAGS) {
    const expected = keysWhere((document) => document.tag === tag);
    compare(`tag ${tag}`, await matching(client, `@tag:{${tag}}`), expected);
  }
  for (let round = 0; round < 3; round += 1) {
    const least = Math.floor(random.fraction() * 800);
    const most = least + Math.floor(random.fraction() * 300);
    const expected = keysWhere(({ number }) => number >= least && number <= most);
    compare("numeric", await matching(client, `@number:[${least} ${most}]`), expected);
  }
  for (let round = 0; round < 4; round += 1) {
    const vector = Array.from({ length: DIMENSIONS }, () => random.fraction() * 200 - 100);
    const tag = TAGS[round % TAGS.length];
    const isFiltered = round % 2 === 1;
    const rounded = new Float32Array(vector);
    const expected = documents
      .filter((document) => !isFiltered || document.tag === tag)
      .map(({ key, vector: held }) => ({ key, distance: distance(held, rounded) }))
      .sort((left, right) => left.distance - right.distance)
      .slice(0, K)
      .map(({ key }) => key);
    for (const field of ["flat", "graph"]) {
      const found = await nearest(client, field, isFiltered ? `(@tag:{${tag}})` : "*", vector);
      compare(`${field} KNN${isFiltered ? ` of ${tag}` : ""}`, found, expected);
    }
  }
  return problems;
}
