/**
 * A plain model of databases of hashes, for `float-store.test.ts`: what commands leave behind, and
 * which documents an index over a field has, at which distances.
 */
import { ErrorReply } from "../../src/base/errors.ts";
import type { InProcessClient } from "../support/in-process-server.ts";

export interface ModelHash {
  readonly fields: Map<string, Buffer>;
  expiryMs: number;
}

export interface ModelIndex {
  readonly field: string;
  readonly metric: "L2" | "COSINE";
  readonly dimensions: number;
}

export type Database = Map<string, ModelHash>;

export class Model {
  readonly databases: Database[] = [new Map(), new Map()];
  readonly indexes = new Map<string, ModelIndex>();

  get first(): Database {
    return this.databases[0];
  }

  hash(database: number, key: string): ModelHash {
    const found = this.databases[database].get(key);
    if (found !== undefined) return found;
    const made = { fields: new Map<string, Buffer>(), expiryMs: 0 };
    this.databases[database].set(key, made);
    return made;
  }

  deleteField(database: number, key: string, field: string): void {
    const hash = this.databases[database].get(key);
    hash?.fields.delete(field);
    if (hash?.fields.size === 0) this.databases[database].delete(key);
  }

  copy(from: number, key: string, to: number, target: string): void {
    const hash = this.databases[from].get(key);
    if (hash === undefined || (from === to && key === target)) return;
    const fields = new Map(hash.fields);
    this.databases[to].delete(target);
    this.databases[to].set(target, { fields, expiryMs: hash.expiryMs });
  }

  flush(database: number): void {
    this.databases[database].clear();
    if (database === 0) this.indexes.clear();
  }

  swap(): void {
    this.databases.reverse();
  }

  expire(nowMs: number): void {
    for (const database of this.databases) {
      for (const [key, { expiryMs }] of database) {
        if (expiryMs !== 0 && expiryMs < nowMs) database.delete(key);
      }
    }
  }

  /** Distances of all documents of the index. */
  distances({ field, metric, dimensions }: ModelIndex, query: Buffer): Map<string, number> {
    const distances = new Map<string, number>();
    for (const [key, { fields }] of this.first) {
      const bytes = fields.get(field);
      if (!key.startsWith("d:") || bytes?.length !== dimensions * 4) continue;
      const values = floatsOf(bytes);
      if (!values.every(Number.isFinite)) continue;
      distances.set(key, distance(metric, values, floatsOf(query)));
    }
    return distances;
  }
}

function floatsOf(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, place) => bytes.readFloatLE(place * 4));
}

function distance(metric: "L2" | "COSINE", left: number[], right: number[]): number {
  const sum = (value: (place: number) => number): number =>
    left.reduce((total, _, place) => total + value(place), 0);
  if (metric === "L2") return sum((place) => (left[place] - right[place]) ** 2);
  const norms = Math.sqrt(sum((place) => left[place] ** 2) * sum((place) => right[place] ** 2));
  return norms === 0 ? 1 : 1 - sum((place) => left[place] * right[place]) / norms;
}

/** Distances of all that the index finds, by key. */
export async function foundDistances(
  client: InProcessClient,
  name: string,
  field: string,
  query: Buffer,
): Promise<Map<string, number>> {
  const text = `*=>[KNN 1000 @${field} $q AS distance]`;
  const options = ["PARAMS", "2", "q", query, "RETURN", "1", "distance", "LIMIT", "0", "1000"];
  const reply = await client.settle("FT.SEARCH", name, text, ...options, "DIALECT", "2");
  if (reply instanceof ErrorReply || !Array.isArray(reply)) throw new Error(String(reply));
  const found = new Map<string, number>();
  for (let at = 1; at < reply.length; at += 2) {
    const fields = reply[at + 1];
    found.set(String(reply[at]), Array.isArray(fields) ? Number(fields[1]) : Number.NaN);
  }
  return found;
}
