/**
 * The data whose memory is measured: for each type the commands that make one collection of so many
 * elements. Both servers are given the same, and nothing is drawn by chance.
 */
import { type CommandWords, inBatches } from "../bulk-client.ts";

/** An odd number near the golden share of 2^32: neighbors come out far apart. */
const SPREAD = 2_654_435_769;
const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** As unlike its neighbors as an identifier is; distinct for each number below 2^31. */
function textOf(number: number, lengthBytes: number): string {
  let text = number.toString(36);
  let state = Math.imul(number + 1, SPREAD) >>> 0;
  while (text.length < lengthBytes) {
    text += LETTERS[state % LETTERS.length];
    state = Math.imul(state ^ (state >>> 15), SPREAD) >>> 0;
  }
  return text;
}

/** Whole numbers in no order, distinct for each number below 2^31. */
function integerOf(number: number): number {
  return Math.imul(number + 1, SPREAD) >>> 0;
}

export interface DataKind {
  readonly name: string;
  /** Elements may have any length (10 and 40 bytes are measured). */
  readonly hasLength: boolean;
  /** A key holds one element. */
  readonly isSingle?: boolean;
  /** What fills `key` with `count` elements; `first` numbers its first, so that keys differ. */
  commands(
    key: string,
    first: number,
    count: number,
    elementBytes: number,
  ): Generator<CommandWords> | CommandWords[];
}

export const dataKinds: readonly DataKind[] = [
  {
    name: "hash",
    hasLength: true,
    commands: (key, first, count, elementBytes) =>
      inBatches(["HSET", key], first, count, (element) => [
        `f${element - first}`,
        textOf(element, elementBytes),
      ]),
  },
  {
    name: "set of integers",
    hasLength: false,
    commands: (key, first, count) =>
      inBatches(["SADD", key], first, count, (element) => [integerOf(element)]),
  },
  {
    name: "set",
    hasLength: true,
    commands: (key, first, count, elementBytes) =>
      inBatches(["SADD", key], first, count, (element) => [textOf(element, elementBytes)]),
  },
  {
    name: "list",
    hasLength: true,
    commands: (key, first, count, elementBytes) =>
      inBatches(["RPUSH", key], first, count, (element) => [textOf(element, elementBytes)]),
  },
  {
    name: "sorted set",
    hasLength: true,
    commands: (key, first, count, elementBytes) =>
      inBatches(["ZADD", key], first, count, (element) => [
        integerOf(element) % 1_000_000,
        textOf(element, elementBytes),
      ]),
  },
  {
    name: "stream",
    hasLength: true,
    *commands(key, first, count, elementBytes) {
      for (let at = 0; at < count; at += 1) {
        yield [
          "XADD",
          key,
          `${1_700_000_000_000 + at * 7}-0`,
          "field",
          textOf(first + at, elementBytes),
        ];
      }
    },
  },
  {
    name: "string",
    hasLength: true,
    isSingle: true,
    commands: (key, first, _count, elementBytes) => [["SET", key, textOf(first, elementBytes)]],
  },
];

export interface MemoryCase {
  readonly kind: DataKind;
  readonly keyCount: number;
  readonly elementCount: number;
  /** Of an element; 0 where it is an integer. */
  readonly elementBytes: number;
  /** Ours divided by Redis's: at most this. */
  readonly bar: number;
}

const SMALL_BAR = 1.5;
const LARGE_BAR = 2.5;

export interface MemorySizes {
  readonly smallKeyCount: number;
  readonly smallElementCounts: readonly number[];
  /** No case has more elements in all: fewer keys then. */
  readonly elementCountMax: number;
  readonly largeElementCount: number;
  readonly elementBytes: readonly number[];
}

export function memoryCases(sizes: MemorySizes): MemoryCase[] {
  return dataKinds.flatMap((kind) => {
    const lengths = kind.hasLength ? sizes.elementBytes : [0];
    const counts = kind.isSingle === true ? [1] : sizes.smallElementCounts;
    const small = counts.map((elementCount) => ({
      keyCount: Math.min(sizes.smallKeyCount, Math.ceil(sizes.elementCountMax / elementCount)),
      elementCount,
      bar: SMALL_BAR,
    }));
    const large = { keyCount: 1, elementCount: sizes.largeElementCount, bar: LARGE_BAR };
    const shapes = kind.isSingle === true ? small : [...small, large];
    return shapes.flatMap((shape) =>
      lengths.map((elementBytes) => ({ kind, elementBytes, ...shape })),
    );
  });
}

export function* commandsOf(memoryCase: MemoryCase): Generator<CommandWords> {
  const { kind, keyCount, elementCount, elementBytes } = memoryCase;
  for (let key = 0; key < keyCount; key += 1) {
    yield* kind.commands(`key:${key}`, key * elementCount, elementCount, elementBytes);
  }
}
