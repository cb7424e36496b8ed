/**
 * Index == brute force over the keyspace, asked through a client of one server: tags, numbers,
 * texts and FLAT exactly; HNSW by its recall, and that it shows nothing that is not there; then
 * what the server itself finds wrong inside its graph.
 */
import type { RespClient, RespReply } from "./resp-client.ts";
import {
  bytesOf,
  distanceOf,
  documentIn,
  NUMBERS,
  PREFIX,
  TAGS,
  type TruthChance,
  type TruthDocument,
  WORDS,
} from "./truth-documents.ts";

const K = 10;
const EVERYTHING = "1000000";
const EXACT_ROUNDS = 5;
export const RECALL_QUERIES = 60;
/** Of float32 sums in another order. */
const DISTANCE_TOLERANCE = 1e-3;
const REACHABLE_SHARE_MIN = 0.999;

export interface TruthFigures {
  readonly problems: string[];
  queries: number;
  /** Of HNSW at the default ef: found of what brute force has. */
  found: number;
  expected: number;
  /** Of one state of the index: the worst of them. */
  recallLeast: number;
  unreachable: number;
  nodes: number;
}

interface Neighbor {
  readonly key: string;
  readonly distance: number;
}

function itemsOf(reply: RespReply | undefined): RespReply[] {
  if (!Array.isArray(reply)) throw new Error(`no array but ${String(reply)}`);
  return reply;
}

async function readDocuments(client: RespClient): Promise<TruthDocument[]> {
  const keys = itemsOf(await client.must("KEYS", `${PREFIX}*`)).map(String);
  const fields = ["tag", "number", "words", "flat", "graph"];
  const replies = await Promise.all(keys.map((key) => client.must("HMGET", key, ...fields)));
  return replies.flatMap((reply, at) => documentIn(keys[at], reply) ?? []);
}

export class TruthCheck {
  readonly #client: RespClient;
  readonly #index: string;
  readonly #chance: TruthChance;
  readonly #figures: TruthFigures;
  readonly #mislead: (document: TruthDocument) => TruthDocument;
  #documents: readonly TruthDocument[] = [];

  /** `mislead` changes what the keys are taken to say, to show that answers are held against it. */
  constructor(
    client: RespClient,
    index: string,
    chance: TruthChance,
    figures: TruthFigures,
    mislead: (document: TruthDocument) => TruthDocument = (document) => document,
  ) {
    this.#mislead = mislead;
    this.#client = client;
    this.#index = index;
    this.#chance = chance;
    this.#figures = figures;
  }

  /** While nobody writes. */
  async checkAll(): Promise<void> {
    this.#documents = (await readDocuments(this.#client)).map(this.#mislead);
    await this.#checkExact();
    for (let round = 0; round < EXACT_ROUNDS; round += 1) await this.#checkFlat(round % 2 === 1);
    await this.#checkRecall("as it came up");
    await this.#client.must("FT._DEBUG", "FLUSH", this.#index);
    await this.#checkRecall("with all in the graph");
    await this.#checkGraph();
  }

  async #keysFound(query: string): Promise<string[]> {
    const limit = ["LIMIT", "0", EVERYTHING, "NOCONTENT", "DIALECT", "2"];
    const [total, ...keys] = itemsOf(
      await this.#client.must("FT.SEARCH", this.#index, query, ...limit),
    );
    this.#figures.queries += 1;
    if (total !== keys.length) this.#figures.problems.push(`${query}: counts ${String(total)}`);
    return keys.map(String).sort();
  }

  async #compare(query: string, matches: (document: TruthDocument) => boolean): Promise<void> {
    const found = new Set(await this.#keysFound(query));
    const expected = new Set(this.#documents.filter(matches).map(({ key }) => key));
    const missing = [...expected].filter((key) => !found.has(key)).slice(0, 5);
    const extra = [...found].filter((key) => !expected.has(key)).slice(0, 5);
    if (missing.length === 0 && extra.length === 0) return;
    this.#figures.problems.push(
      `${query}: misses [${missing.join()}], has too many [${extra.join()}]`,
    );
  }

  async #checkExact(): Promise<void> {
    await this.#compare("*", () => true);
    for (const tag of TAGS) await this.#compare(`@tag:{${tag}}`, ({ tags }) => tags.includes(tag));
    for (let round = 0; round < EXACT_ROUNDS; round += 1) {
      const least = this.#chance.below(NUMBERS);
      const most = least + this.#chance.below(NUMBERS / 4);
      const isBetween = ({ number }: TruthDocument) => number >= least && number <= most;
      await this.#compare(`@number:[${least} ${most}]`, isBetween);
      const [word, other] = [this.#chance.pick(WORDS), this.#chance.pick(WORDS)];
      await this.#compare(`@words:${word}`, ({ words }) => words.includes(word));
      const startsSo = (text: string) => text.startsWith(other.slice(0, 3));
      await this.#compare(`@words:${other.slice(0, 3)}*`, ({ words }) => words.some(startsSo));
      await this.#compare(`@words:"${word} ${other}"`, ({ words }) =>
        words.some((first, at) => first === word && words[at + 1] === other),
      );
      const tag = this.#chance.pick(TAGS);
      await this.#compare(
        `@tag:{${tag}} -@words:${word} @number:[${least} ${most}]`,
        (document) =>
          document.tags.includes(tag) && !document.words.includes(word) && isBetween(document),
      );
    }
  }

  async #nearest(field: string, filter: string, vector: Float32Array): Promise<Neighbor[]> {
    const query = `${filter}=>[KNN ${K} @${field} $v AS distance]`;
    const options = ["SORTBY", "distance", "LIMIT", "0", String(K), "RETURN", "1", "distance"];
    const parameters = ["PARAMS", "2", "v", bytesOf(vector), "DIALECT", "2"];
    const words = ["FT.SEARCH", this.#index, query, ...options, ...parameters];
    const [, ...items] = itemsOf(await this.#client.must(...words));
    this.#figures.queries += 1;
    return Array.from({ length: items.length / 2 }, (_, at) => ({
      key: String(items[2 * at]),
      distance: Number(String(itemsOf(items[2 * at + 1])[1])),
    }));
  }

  /** The true neighbors, nearest first; also those that are as near as the last. */
  #trueNearest(
    field: "flat" | "graph",
    vector: Float32Array,
    matches: (document: TruthDocument) => boolean,
  ): Neighbor[] {
    const all: Neighbor[] = [];
    for (const document of this.#documents) {
      const held = document[field];
      if (held === undefined || !matches(document)) continue;
      all.push({ key: document.key, distance: distanceOf(held, vector) });
    }
    return all.sort((left, right) => left.distance - right.distance).slice(0, K);
  }

  /** Who is found is there, and as far as it says. */
  #checkShown(field: "flat" | "graph", vector: Float32Array, found: readonly Neighbor[]): void {
    const byKey = new Map(this.#documents.map((document) => [document.key, document]));
    for (const { key, distance } of found) {
      const held = byKey.get(key)?.[field];
      const isThere = held !== undefined;
      if (isThere && Math.abs(distanceOf(held, vector) - distance) < DISTANCE_TOLERANCE) continue;
      const truth = isThere ? `is ${distanceOf(held, vector)} away` : "is not there";
      this.#figures.problems.push(`${field}: ${key} is shown ${distance} away and ${truth}`);
    }
  }

  async #checkFlat(isFiltered: boolean): Promise<void> {
    const vector = this.#chance.vector();
    const tag = this.#chance.pick(TAGS);
    const matches = ({ tags }: TruthDocument) => !isFiltered || tags.includes(tag);
    const expected = this.#trueNearest("flat", vector, matches);
    const found = await this.#nearest("flat", isFiltered ? `(@tag:{${tag}})` : "*", vector);
    this.#checkShown("flat", vector, found);
    const isSame = expected.every(
      ({ distance }, at) => Math.abs(distance - (found[at]?.distance ?? -1)) < DISTANCE_TOLERANCE,
    );
    if (isSame && found.length === expected.length) return;
    const texts = [expected, found].map((list) => list.map(({ key }) => key).join());
    this.#figures.problems.push(`flat KNN: expected ${texts[0]}, found ${texts[1]}`);
  }

  async #checkRecall(when: string): Promise<void> {
    let hits = 0;
    let total = 0;
    for (let round = 0; round < RECALL_QUERIES; round += 1) {
      const vector = this.#chance.vector();
      const expected = this.#trueNearest("graph", vector, () => true);
      const found = await this.#nearest("graph", "*", vector);
      this.#checkShown("graph", vector, found);
      if (found.length !== expected.length) {
        this.#figures.problems.push(`graph KNN ${when}: ${found.length} of ${expected.length}`);
      }
      const farthest = (expected.at(-1)?.distance ?? 0) + DISTANCE_TOLERANCE;
      total += expected.length;
      hits += found.filter(({ distance }) => distance <= farthest).length;
    }
    this.#figures.found += hits;
    this.#figures.expected += total;
    if (total > 0) this.#figures.recallLeast = Math.min(this.#figures.recallLeast, hits / total);
  }

  /** What `FT._DEBUG GRAPH` says of it, once everything is in it. */
  async #checkGraph(): Promise<void> {
    const [, reply] = itemsOf(await this.#client.must("FT._DEBUG", "GRAPH", this.#index));
    const about = namedOf(reply);
    const faults = namedOf(about.get("faults"));
    const live = Number(about.get("nodes")) - Number(about.get("tombstones"));
    const documents = this.#documents.filter(({ graph }) => graph !== undefined).length;
    const { problems } = this.#figures;
    if (live !== documents) problems.push(`the graph has ${live} live nodes for ${documents}`);
    const unreachable = Number(faults.get("unreachable"));
    for (const [name, count] of faults) {
      if (name !== "unreachable" && count !== 0) problems.push(`graph: ${name} ${String(count)}`);
    }
    this.#figures.unreachable += unreachable;
    this.#figures.nodes += live;
    if (unreachable > live * (1 - REACHABLE_SHARE_MIN)) {
      problems.push(`${unreachable} of ${live} nodes cannot be reached`);
    }
  }
}

function namedOf(reply: RespReply | undefined): Map<string, RespReply> {
  const items = itemsOf(reply);
  const pairs = Array.from({ length: items.length / 2 }, (_, at): [string, RespReply] => [
    String(items[2 * at]),
    items[2 * at + 1],
  ]);
  return new Map(pairs);
}
