/**
 * The objects that clients share, as one thread would run them. Null stands for what is not there.
 * No value holds a comma or is empty, so that a state can be a joined text.
 */
import type { Model } from "./history.ts";

export type Value = string | null;

const NOTHING = "";

function stateOf(value: Value): string {
  return value ?? NOTHING;
}

function shown(output: unknown): string {
  return output === undefined ? "unknown" : JSON.stringify(output);
}

export type RegisterInput =
  | { readonly kind: "read" }
  /** Answers null. */
  | { readonly kind: "write"; readonly value: Value }
  /** Answers the value before. */
  | { readonly kind: "swap"; readonly value: Value }
  /** Answers "1" if it was there, else "0". */
  | { readonly kind: "delete" }
  /** Answers "1" if it was so and is changed, else "0". */
  | { readonly kind: "cas"; readonly from: Value; readonly to: Value };

export const registerModel: Model<RegisterInput, Value> = {
  initial: NOTHING,
  step(state, input, output) {
    const isKnown = output !== undefined;
    switch (input.kind) {
      case "read":
        return isKnown && stateOf(output) !== state ? undefined : state;
      case "write":
        return stateOf(input.value);
      case "swap":
        return isKnown && stateOf(output) !== state ? undefined : stateOf(input.value);
      case "delete":
        return isKnown && (output === "1") !== (state !== NOTHING) ? undefined : NOTHING;
      case "cas": {
        const fits = stateOf(input.from) === state;
        if (isKnown && (output === "1") !== fits) return undefined;
        return fits ? stateOf(input.to) : state;
      }
    }
  },
  isRead: ({ kind }) => kind === "read",
  describe(input, output) {
    const { kind } = input;
    if (kind === "cas") return `cas ${input.from} to ${input.to}: ${shown(output)}`;
    const value = kind === "write" || kind === "swap" ? ` ${input.value}` : "";
    return `${kind}${value}: ${shown(output)}`;
  },
};

/** An addition answers the new value, which is also what a read of it answers. */
export type CounterInput = { readonly kind: "read" } | { readonly kind: "add"; amount: number };

export const counterModel: Model<CounterInput, number> = {
  initial: "0",
  step(state, input, output) {
    const next = Number(state) + (input.kind === "add" ? input.amount : 0);
    return output !== undefined && output !== next ? undefined : String(next);
  },
  isRead: ({ kind }) => kind === "read",
  describe: (input, output) =>
    `${input.kind === "add" ? `add ${input.amount}` : "read"}: ${shown(output)}`,
};

export type ListInput =
  | { readonly kind: "read" }
  | { readonly kind: "append"; readonly value: string }
  | { readonly kind: "shift" };
/** All values, the new length, the value that was first. */
export type ListOutput = readonly string[] | number | Value;

function itemsOf(state: string): string[] {
  return state === NOTHING ? [] : state.split(",");
}

export const listModel: Model<ListInput, ListOutput> = {
  initial: NOTHING,
  step(state, input, output) {
    const isKnown = output !== undefined;
    if (input.kind === "read") {
      return isKnown && (output as readonly string[]).join() !== state ? undefined : state;
    }
    const items = itemsOf(state);
    if (input.kind === "append") {
      if (isKnown && output !== items.length + 1) return undefined;
      return state === NOTHING ? input.value : `${state},${input.value}`;
    }
    if (isKnown && output !== (items[0] ?? null)) return undefined;
    return items.slice(1).join();
  },
  isRead: ({ kind }) => kind === "read",
  describe: (input, output) =>
    `${input.kind}${input.kind === "append" ? ` ${input.value}` : ""}: ${shown(output)}`,
};

export type SetInput =
  | { readonly kind: "read" }
  | { readonly kind: "add" | "remove" | "has"; readonly member: string };
/** All members in order, or whether it was added, removed, is there. */
export type SetOutput = readonly string[] | boolean;

export const setModel: Model<SetInput, SetOutput> = {
  initial: NOTHING,
  step(state, input, output) {
    const isKnown = output !== undefined;
    if (input.kind === "read") {
      return isKnown && (output as readonly string[]).join() !== state ? undefined : state;
    }
    const members = itemsOf(state);
    const isThere = members.includes(input.member);
    const answer = input.kind === "add" ? !isThere : isThere;
    if (isKnown && output !== answer) return undefined;
    if (input.kind === "has" || !answer) return state;
    if (input.kind === "add") return [...members, input.member].sort().join();
    return members.filter((member) => member !== input.member).join();
  },
  isRead: ({ kind }) => kind === "read" || kind === "has",
  describe: (input, output) =>
    `${input.kind}${input.kind === "read" ? "" : ` ${input.member}`}: ${shown(output)}`,
};

/** Steps that happen as one, over a few keys named by their numbers. */
export interface TransactionInput {
  /** A step without a value reads. */
  readonly steps: readonly { readonly key: number; readonly value?: string }[];
}
/** What the reads saw, in their order. */
export type TransactionOutput = readonly Value[];

export function transactionModel(keyCount: number): Model<TransactionInput, TransactionOutput> {
  return {
    initial: Array.from({ length: keyCount }, () => NOTHING).join(),
    step(state, { steps }, output) {
      const values = state.split(",");
      let readCount = 0;
      for (const { key, value } of steps) {
        if (value !== undefined) values[key] = value;
        else if (output !== undefined && stateOf(output[readCount]) !== values[key]) {
          return undefined;
        } else readCount += 1;
      }
      return values.join();
    },
    isRead: ({ steps }) => steps.every(({ value }) => value === undefined),
    describe(input, output) {
      const steps = input.steps.map(({ key, value }) =>
        value === undefined ? `read ${key}` : `write ${value} to ${key}`,
      );
      return `(${steps.join(", ")}): ${shown(output)}`;
    },
  };
}

/** A document: what search shows must be what the last acknowledged change left. */
export type DocumentInput =
  | { readonly kind: "write"; readonly value: number }
  | { readonly kind: "delete" }
  /** Whether a search for this value finds the document. */
  | { readonly kind: "find"; readonly value: number }
  /** The value as the key, or as an index of vectors gives it; null if there is no document. */
  | { readonly kind: "read"; readonly from: "key" | "flat" | "graph" };
export type DocumentOutput = number | null | boolean;

export const documentModel: Model<DocumentInput, DocumentOutput> = {
  initial: NOTHING,
  step(state, input, output) {
    const isKnown = output !== undefined;
    switch (input.kind) {
      case "write":
        return String(input.value);
      case "delete":
        return isKnown && output !== (state !== NOTHING) ? undefined : NOTHING;
      case "find":
        return isKnown && output !== (state === String(input.value)) ? undefined : state;
      case "read":
        return isKnown && (output === null ? NOTHING : String(output)) !== state
          ? undefined
          : state;
    }
  },
  isRead: ({ kind }) => kind === "read" || kind === "find",
  describe(input, output) {
    if (input.kind === "read") return `read from ${input.from}: ${shown(output)}`;
    const value = input.kind === "delete" ? "" : ` ${input.value}`;
    return `${input.kind}${value}: ${shown(output)}`;
  },
};
