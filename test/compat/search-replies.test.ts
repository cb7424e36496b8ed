/**
 * FT.SEARCH against Redis Stack: the same documents, order, totals and RESP2 layout for random
 * documents and queries. Where we depart on purpose stands in `departures.md`.
 *
 * The peer is at LODESTONE_REDIS_STACK=HOST:PORT (loopback); without it the test says so and skips.
 */
import { createConnection, type Socket } from "node:net";
import { afterAll, expect, test } from "vitest";
import { Catalog } from "../../src/search/indexer.ts";
import { floats, SteppedWorld } from "../search/index-support.ts";
import { InProcessServer } from "../support/in-process-server.ts";
import { findRequirement } from "../support/requirement.ts";
import { startEngine } from "../vector/vector-support.ts";

type Answer = string | number | null | Answer[];
const peer = findRequirement("redis-stack");
const seed = Number(process.env.LODESTONE_SEED ?? Date.now() % 1_000_000);

class Peer {
  readonly #socket: Socket;
  #received = "";
  #wake: () => void = () => {};
  constructor(address: string) {
    const [host, port] = address.split(":");
    this.#socket = createConnection(Number(port), host);
    this.#socket.on("data", (data) => {
      this.#received += data.toString("latin1");
      this.#wake();
    });
  }
  async command(...args: string[]): Promise<Answer> {
    const parts = args.map((argument) => `$${argument.length}\r\n${argument}\r\n`);
    this.#socket.write(Buffer.from(`*${args.length}\r\n${parts.join("")}`, "latin1"));
    for (;;) {
      const read = this.#read(0);
      if (read !== undefined) {
        this.#received = this.#received.slice(read.end);
        return read.value;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
  #read(start: number): { value: Answer; end: number } | undefined {
    const lineEnd = this.#received.indexOf("\r\n", start);
    if (lineEnd < 0) return undefined;
    const kind = this.#received[start];
    const rest = this.#received.slice(start + 1, lineEnd);
    const end = lineEnd + 2;
    if (kind === ":") return { value: Number(rest), end };
    if (kind === "+") return { value: rest, end };
    if (kind === "-") return { value: `error: ${rest}`, end };
    const size = Number(rest);
    if (size < 0) return { value: null, end };
    if (kind === "$") {
      if (this.#received.length < end + size + 2) return undefined;
      return { value: this.#received.slice(end, end + size), end: end + size + 2 };
    }
    const items: Answer[] = [];
    let place = end;
    for (let item = 0; item < size; item += 1) {
      const read = this.#read(place);
      if (read === undefined) return undefined;
      items.push(read.value);
      place = read.end;
    }
    return { value: items, end: place };
  }
  close(): void {
    this.#socket.destroy();
  }
}

function random(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Distances by their presence (the peer adds in float32); as a set where order is not compared. */
function comparable(answer: unknown, isOrdered: boolean): string {
  if (!Array.isArray(answer)) return JSON.stringify(answer);
  const [total, ...rest] = answer;
  const documents: string[] = [];
  for (let place = 0; place < rest.length; place += 1) {
    if (!Array.isArray(rest[place + 1])) documents.push(JSON.stringify(rest[place]));
    else {
      const values = rest[place + 1];
      const fields: string[] = [];
      for (let at = 0; at < values.length; at += 2) {
        fields.push(values[at] === "d" ? "d" : `${values[at]}=${values[at + 1]}`);
      }
      // The peer gives a whole hash in the order in which it first met each field.
      fields.sort();
      documents.push(JSON.stringify([rest[place], fields]));
      place += 1;
    }
  }
  if (!isOrdered)
    return JSON.stringify([total, documents.length]) + (total <= 10 ? documents.sort() : "");
  return JSON.stringify([total, documents]);
}

test.skipIf(peer === undefined)(`the same answers, seed ${seed}`, async () => {
  const stack = new Peer(peer ?? "");
  afterAll(() => stack.close());
  const world = new SteppedWorld();
  const engine = startEngine(1);
  const server = new InProcessServer({
    makeCatalog(keyspace) {
      const catalog = new Catalog(keyspace, engine, world);
      keyspace.addListener(catalog);
      return catalog;
    },
  });
  const ours = server.connect();
  const below = random(seed);
  const both = async (...args: string[]) => {
    const theirs = await stack.command(...args);
    return { theirs, mine: await ours.settle(...args) };
  };
  await stack.command("FLUSHALL");
  const create = "FT.CREATE i PREFIX 1 d: SCHEMA t TAG n NUMERIC s TAG SORTABLE w TEXT NOSTEM";
  const vectors =
    "f VECTOR FLAT 6 TYPE FLOAT32 DIM 3 DISTANCE_METRIC L2 " +
    "h VECTOR HNSW 6 TYPE FLOAT32 DIM 3 DISTANCE_METRIC COSINE";
  await both(...create.split(" "), ...vectors.split(" "));
  world.settle();
  const vector = () => floats(below(1000) + 1, below(1000), below(1000)).toString("latin1");
  const words = ["red", "blue", "green", "Grey"];
  const word = () => words[below(words.length)];
  for (let document = 0; document < 60; document += 1) {
    const args = ["HSET", `d:${document}`, "x", `${document}`];
    if (below(8) > 0) args.push("t", `${word()},${word()}`);
    if (below(8) > 0) args.push("n", `${below(20)}`);
    if (below(8) > 0) args.push("s", word());
    if (below(8) > 0) args.push("w", `${word()} ${word()} the ${word()}`);
    const blob = vector();
    args.push("f", blob, "h", blob);
    await both(...args);
  }
  const clause = (): string => {
    switch (below(7)) {
      case 0:
        return `@t:{${word()}|${word()}}`;
      case 1:
        return `@n:[${below(10)} (${10 + below(10)}]`;
      case 2:
        return `-@t:{${word()}}`;
      case 3:
        return `(@t:{${word()}} | @n:[-inf ${below(20)}])`;
      case 4:
        return `@t:{${word().slice(0, 2)}*}`;
      case 5:
        return `~@t:{${word()}}`;
      default:
        return `(@n:[${below(20)} +inf] @s:{${word()}})`;
    }
  };
  const different: unknown[] = [];
  for (let round = 0; round < 400; round += 1) {
    const filter = below(3) === 0 ? `${clause()} ${clause()}` : clause();
    const field = below(2) === 0 ? "f" : "h";
    const isKnn = below(2) === 0;
    const text = isKnn ? `(${filter})=>[KNN ${1 + below(12)} @${field} $q AS d]` : filter;
    const args = ["FT.SEARCH", "i", text, "DIALECT", "2", "PARAMS", "2", "q", vector()];
    const shape = below(3);
    if (shape === 0) args.push("RETURN", "3", "x", "n", "d");
    else if (shape === 1) args.push("NOCONTENT");
    if (below(2) === 0) args.push("LIMIT", `${below(5)}`, `${1 + below(15)}`);
    const sortable = isKnn ? ["n", "s", "t", "d"] : ["n", "s", "t"];
    if (below(2) === 0) {
      args.push("SORTBY", sortable[below(sortable.length)], below(2) === 0 ? "ASC" : "DESC");
    }
    const { theirs, mine } = await both(...args);
    const isOrdered = args.includes("SORTBY");
    // Without SORTBY the orders differ on purpose, so what a window holds does too.
    if (!isOrdered && args.includes("LIMIT")) continue;
    if (comparable(theirs, isOrdered) !== comparable(mine, isOrdered)) {
      different.push({ args: args.filter((argument) => argument !== args[8]), theirs, mine });
    }
  }
  expect(different).toEqual([]);
});
