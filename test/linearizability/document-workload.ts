/**
 * A document under search: written and deleted as a hash, read through its key, through a search
 * for one of its values, and through the nearest vector in two indexes. Its vector is its value,
 * so that the distance from zero tells which value an index holds.
 */
import type { RespClient, RespReply } from "../crash/resp-client.ts";
import { type DocumentInput, type DocumentOutput, documentModel } from "./models.ts";
import { ask, type Workload } from "./subject.ts";
import { below } from "./workloads.ts";

const DIMENSIONS = 2;

function vectorOf(value: number): Buffer {
  return Buffer.from(new Float32Array([value, 0]).buffer);
}

/** For all documents of a server: their keys begin with `document:`. */
export async function createIndex(client: RespClient): Promise<void> {
  const vector = ["6", "TYPE", "FLOAT32", "DIM", DIMENSIONS, "DISTANCE_METRIC", "L2"];
  const schema = ["name", "TAG", "value", "TAG", "flat", "VECTOR", "FLAT", ...vector];
  const prefix = ["ON", "HASH", "PREFIX", "1", "document:"];
  const fields = [...schema, "graph", "VECTOR", "HNSW", ...vector];
  await ask(client, "FT.CREATE", "documents", ...prefix, "SCHEMA", ...fields);
}

function itemsOf(reply: RespReply): RespReply[] {
  if (!Array.isArray(reply)) throw new Error(`no array but ${String(reply)}`);
  return reply;
}

async function readNearest(
  client: RespClient,
  name: string,
  field: string,
): Promise<number | null> {
  const query = `(@name:{${name}})=>[KNN 1 @${field} $zero AS distance]`;
  const options = ["PARAMS", "2", "zero", vectorOf(0), "RETURN", "1", "distance", "DIALECT", "2"];
  const found = itemsOf(await ask(client, "FT.SEARCH", "documents", query, ...options));
  if (found.length === 1) return null;
  return Math.sqrt(Number(itemsOf(found[2])[1]));
}

/** `name` is of letters and digits. */
export function documentWorkload(name: string): Workload<DocumentInput, DocumentOutput> {
  const key = `document:${name}`;
  return {
    name: "document",
    model: documentModel,
    choose(random, number) {
      const pick = below(random, 100);
      if (pick < 35) return { kind: "write", value: number };
      if (pick < 47) return { kind: "delete" };
      // One of the last that may have been written.
      if (pick < 70) return { kind: "find", value: Math.max(1, number - 1 - below(random, 5)) };
      return { kind: "read", from: pick < 75 ? "key" : pick < 87 ? "flat" : "graph" };
    },
    async send(client, input) {
      switch (input.kind) {
        case "write": {
          const vector = vectorOf(input.value);
          const vectors = ["flat", vector, "graph", vector];
          await ask(client, "HSET", key, "name", name, "value", input.value, ...vectors);
          return null;
        }
        case "delete":
          return (await ask(client, "DEL", key)) === 1;
        case "find": {
          const query = `@name:{${name}} @value:{${input.value}}`;
          const options = ["NOCONTENT", "DIALECT", "2"];
          const found = itemsOf(await ask(client, "FT.SEARCH", "documents", query, ...options));
          return found.length === 2;
        }
        case "read": {
          if (input.from !== "key") return readNearest(client, name, input.from);
          const value = await ask(client, "HGET", key, "value");
          return value === null ? null : Number(value);
        }
      }
    },
    reads: [
      { kind: "read", from: "key" },
      { kind: "read", from: "flat" },
      { kind: "read", from: "graph" },
    ],
  };
}
