/**
 * What the writers do, as values: chosen from a seed, sent as commands, folded by the oracle.
 *
 * Every connection owns its keys, so its operations in order explain their whole state; only the
 * counter is shared. Each value is unique, so a value that nobody sent is a phantom.
 */
import type { Random } from "../../src/runtime/clock.ts";

export const DIMENSIONS = 8;
export const TAGS = ["red", "green", "blue"] as const;
const KEYS_OF_A_KIND = 8;
const DOCUMENTS_OF_A_CONNECTION = 30;

export type Operation =
  | { readonly kind: "set"; readonly key: string; readonly value: string }
  | { readonly kind: "delete"; readonly key: string }
  | { readonly kind: "push"; readonly key: string; readonly value: string }
  | { readonly kind: "pair"; readonly keys: readonly [string, string]; readonly value: string }
  | {
      readonly kind: "document";
      readonly key: string;
      readonly tag: string;
      readonly number: number;
      readonly vector: readonly number[];
    }
  | { readonly kind: "increment" };

export function chooseOperation(random: Random, connection: number, count: number): Operation {
  const pick = random.fraction();
  const slot = Math.floor(random.fraction() * KEYS_OF_A_KIND);
  const value = `${connection}-${count}`;
  if (pick < 0.25) return { kind: "set", key: `string:${connection}:${slot}`, value };
  if (pick < 0.35) return { kind: "increment" };
  if (pick < 0.5) return { kind: "push", key: `list:${connection}`, value };
  if (pick < 0.65) {
    return { kind: "pair", keys: [`pair:${connection}:a`, `pair:${connection}:b`], value };
  }
  const document = Math.floor(random.fraction() * DOCUMENTS_OF_A_CONNECTION);
  const key = `document:${connection}:${document}`;
  if (pick < 0.72) return { kind: "delete", key };
  if (pick < 0.75) return { kind: "delete", key: `string:${connection}:${slot}` };
  return {
    kind: "document",
    key,
    tag: TAGS[Math.floor(random.fraction() * TAGS.length)],
    number: Math.floor(random.fraction() * 1000),
    vector: Array.from({ length: DIMENSIONS }, () => Math.floor(random.fraction() * 200) - 100),
  };
}

export function vectorBytes(vector: readonly number[]): Buffer {
  return Buffer.from(new Float32Array(vector).buffer);
}

/** One command, or the commands of a MULTI between MULTI and EXEC. */
export function commandsOf(operation: Operation): (string | Buffer)[][] {
  switch (operation.kind) {
    case "set":
      return [["SET", operation.key, operation.value]];
    case "delete":
      return [["DEL", operation.key]];
    case "push":
      return [["RPUSH", operation.key, operation.value]];
    case "increment":
      return [["INCR", "counter"]];
    case "pair":
      return [
        ["MULTI"],
        ["SET", operation.keys[0], operation.value],
        ["SET", operation.keys[1], operation.value],
        ["EXEC"],
      ];
    case "document": {
      const bytes = vectorBytes(operation.vector);
      const fields = ["tag", operation.tag, "number", String(operation.number)];
      return [["HSET", operation.key, ...fields, "flat", bytes, "graph", bytes]];
    }
  }
}
