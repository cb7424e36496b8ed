/**
 * The checker against small histories whose answer is plain, for each model, and against a search
 * through all orders of random ones.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { check } from "./checker.ts";
import { isOpen, type Model, type Operation, prefixOf } from "./history.ts";
import {
  counterModel,
  documentModel,
  type ListInput,
  type ListOutput,
  listModel,
  type RegisterInput,
  registerModel,
  type SetInput,
  type SetOutput,
  setModel,
  transactionModel,
  type Value,
} from "./models.ts";
import { describeViolation, smallestViolation } from "./report.ts";
import { NumberSet, Visited } from "./visited.ts";

/** Called at, answered at (undefined: never), what was asked, what was answered. */
type Line<Input, Output> = readonly [number, number | undefined, Input, Output?];

function historyOf<Input, Output>(
  lines: readonly Line<Input, Output>[],
): Operation<Input, Output>[] {
  return lines.map(([calledAt, returnedAt, input, output], client) => ({
    client,
    input,
    calledAt,
    returnedAt: returnedAt ?? Number.POSITIVE_INFINITY,
    output: returnedAt === undefined ? undefined : output,
  }));
}

function isLinearizable<Input, Output>(
  model: Model<Input, Output>,
  ...lines: readonly Line<Input, Output>[]
): boolean {
  const { result } = check(model, historyOf(lines));
  expect(result).not.toBe("undecided");
  return result === "linearizable";
}

const read = { kind: "read" } as const;
const write = (value: string): RegisterInput => ({ kind: "write", value });
const cas = (from: Value, to: Value): RegisterInput => ({ kind: "cas", from, to });

describe("a register", () => {
  const is = (...lines: readonly Line<RegisterInput, Value>[]): boolean =>
    isLinearizable(registerModel, ...lines);

  test("may answer concurrent reads before and after a write", () => {
    expect(is([0, 9, write("1"), null], [1, 3, read, null], [4, 6, read, "1"])).toBe(true);
    expect(is([0, 9, write("1"), null], [1, 3, read, "1"], [2, 6, read, null])).toBe(true);
  });

  test("cannot go back", () => {
    expect(is([0, 9, write("1"), null], [1, 3, read, "1"], [4, 6, read, null])).toBe(false);
    const writes = [
      [0, 1, write("1"), null],
      [2, 3, write("2"), null],
    ] as const;
    expect(is(...writes, [4, 5, read, "1"])).toBe(false);
    expect(is(...writes, [4, 5, read, "2"])).toBe(true);
  });

  test("shows nothing that nobody wrote", () => {
    expect(is([0, 1, write("1"), null], [2, 3, read, "7"])).toBe(false);
  });

  test("may take an unanswered write at any later time, or never, but not before its call", () => {
    const unanswered = [2, undefined, write("2")] as const;
    expect(is(unanswered, [3, 4, read, null], [5, 6, read, null])).toBe(true);
    expect(is(unanswered, [3, 4, read, null], [50, 60, read, "2"])).toBe(true);
    expect(is(unanswered, [3, 4, read, "2"], [5, 6, read, null])).toBe(false);
    expect(is(unanswered, [0, 1, read, "2"])).toBe(false);
  });

  test("takes an unanswered write once", () => {
    const lines = [
      [0, undefined, write("1")],
      [1, 2, read, "1"],
      [3, 4, write("2"), null],
    ] as const;
    expect(is(...lines, [5, 6, read, "1"])).toBe(false);
  });

  test("compares and sets, swaps and deletes", () => {
    const start = [0, 1, write("1"), null] as const;
    expect(is(start, [2, 5, cas("1", "2"), "1"], [3, 6, cas("1", "3"), "0"])).toBe(true);
    expect(is(start, [2, 5, cas("1", "2"), "1"], [3, 6, cas("1", "3"), "1"])).toBe(false);
    expect(is(start, [2, 3, cas("1", "2"), "0"])).toBe(false);
    expect(is(start, [2, undefined, cas("1", "2")], [3, 4, read, "2"])).toBe(true);
    expect(is(start, [2, 3, { kind: "swap", value: null }, "1"], [4, 5, read, null])).toBe(true);
    expect(is(start, [2, 3, { kind: "swap", value: "2" }, null])).toBe(false);
    expect(is(start, [2, 3, { kind: "delete" }, "1"], [4, 5, { kind: "delete" }, "0"])).toBe(true);
    expect(is(start, [2, 3, { kind: "delete" }, "0"])).toBe(false);
  });
});

describe("the other models", () => {
  test("a counter counts each addition once, and tells where it stood", () => {
    const add = (amount: number) => ({ kind: "add", amount }) as const;
    const is = (...lines: Parameters<typeof historyOf<Input, number>>[0]): boolean =>
      isLinearizable(counterModel, ...lines);
    type Input = Parameters<typeof counterModel.step>[1];
    expect(is([0, 5, add(1), 3], [1, 6, add(2), 2], [7, 8, read, 3])).toBe(true);
    expect(is([0, 5, add(1), 1], [1, 6, add(2), 2])).toBe(false);
    expect(is([0, 1, add(1), 1], [2, undefined, add(2)], [3, 4, add(4), 7])).toBe(true);
    expect(is([0, 1, add(1), 1], [2, undefined, add(2)], [3, 4, add(4), 9])).toBe(false);
  });

  test("a list keeps its order, and gives out each value once", () => {
    const append = (value: string) => ({ kind: "append", value }) as const;
    const shift = { kind: "shift" } as const;
    const both = [
      [0, 5, append("a"), 1],
      [1, 6, append("b"), 2],
    ] as const;
    expect(isLinearizable(listModel, ...both, [7, 8, read, ["a", "b"]])).toBe(true);
    expect(isLinearizable(listModel, ...both, [7, 8, read, ["b", "a"]])).toBe(false);
    expect(isLinearizable(listModel, ...both, [7, 8, read, ["b"]])).toBe(false);
    const shifted = [...both, [7, 10, shift, "a"]] as const;
    expect(isLinearizable(listModel, ...shifted, [8, 11, shift, "b"])).toBe(true);
    expect(isLinearizable(listModel, ...shifted, [8, 11, shift, "a"])).toBe(false);
    expect(isLinearizable(listModel, [0, 1, shift, null], [2, 3, read, []])).toBe(true);
    expect(isLinearizable(listModel, ...both, [7, undefined, shift], [8, 9, read, ["b"]])).toBe(
      true,
    );
  });

  test("a set tells what it has, what it got and what it lost", () => {
    const add = { kind: "add", member: "a" } as const;
    const remove = { kind: "remove", member: "a" } as const;
    const has = { kind: "has", member: "a" } as const;
    expect(isLinearizable(setModel, [0, 5, add, true], [1, 6, add, false])).toBe(true);
    expect(isLinearizable(setModel, [0, 5, add, true], [1, 6, add, true])).toBe(false);
    const added = [0, 1, add, true] as const;
    expect(isLinearizable(setModel, added, [2, 5, remove, true], [3, 4, has, true])).toBe(true);
    expect(isLinearizable(setModel, added, [2, 3, remove, true], [4, 5, has, true])).toBe(false);
    expect(isLinearizable(setModel, added, [2, 3, read, ["a"]], [4, 5, read, []])).toBe(false);
  });

  test("a transaction is seen whole", () => {
    const pair = transactionModel(2);
    const writeBoth = {
      steps: [
        { key: 0, value: "1" },
        { key: 1, value: "1" },
      ],
    };
    const readBoth = { steps: [{ key: 0 }, { key: 1 }] };
    const readEach = (...values: Value[]): boolean =>
      isLinearizable(pair, [0, 9, writeBoth, []], [1, 5, readBoth, values]);
    expect(readEach("1", "1")).toBe(true);
    expect(readEach(null, null)).toBe(true);
    expect(readEach("1", null)).toBe(false);
    const own = { steps: [{ key: 0 }, { key: 0, value: "2" }, { key: 0 }] };
    expect(isLinearizable(pair, [0, 1, own, [null, "2"]])).toBe(true);
    expect(isLinearizable(pair, [0, 1, own, ["2", "2"]])).toBe(false);
    expect(isLinearizable(pair, [0, undefined, writeBoth], [1, 5, readBoth, ["1", "1"]])).toBe(
      true,
    );
  });

  test("a document is found right after its change was acknowledged, and not after its end", () => {
    const put = (value: number) => ({ kind: "write", value }) as const;
    const find = (value: number) => ({ kind: "find", value }) as const;
    const graph = { kind: "read", from: "graph" } as const;
    const put1 = [0, 1, put(1), null] as const;
    expect(isLinearizable(documentModel, put1, [2, 3, find(1), true])).toBe(true);
    expect(isLinearizable(documentModel, put1, [2, 3, find(1), false])).toBe(false);
    expect(isLinearizable(documentModel, [0, 3, put(1), null], [2, 4, find(1), false])).toBe(true);
    const put2 = [2, 3, put(2), null] as const;
    expect(isLinearizable(documentModel, put1, put2, [4, 5, find(1), true])).toBe(false);
    expect(isLinearizable(documentModel, put1, put2, [4, 5, graph, 1])).toBe(false);
    const end = [2, 3, { kind: "delete" }, true] as const;
    expect(isLinearizable(documentModel, put1, end, [4, 5, graph, null])).toBe(true);
    expect(isLinearizable(documentModel, put1, end, [4, 5, graph, 1])).toBe(false);
    expect(isLinearizable(documentModel, put1, end, [4, 5, find(1), true])).toBe(false);
  });
});

describe("a violation", () => {
  const lines: Line<RegisterInput, Value>[] = [
    [0, 1, write("1"), null],
    [2, 3, write("2"), null],
    [4, 20, write("3"), null],
    [5, 6, read, "2"],
    [7, 8, read, "1"],
    [9, 10, read, "2"],
    [11, undefined, write("4")],
  ];

  test("is reported with its smallest prefix and what was under way", () => {
    const { answerCount, prefix } = smallestViolation(registerModel, historyOf(lines));
    expect(answerCount).toBe(4);
    expect(prefix.filter(isOpen)).toHaveLength(1);
    const report = describeViolation("seed 5, key a", registerModel, historyOf(lines));
    expect(report).toContain("seed 5, key a: not linearizable");
    expect(report).toContain("4 answers and 1 operations under way");
    expect(report).toContain('7 to      8  client 4  read: "1"');
    expect(report).toContain("4 to         client 2  write 3: unknown");
    expect(report).not.toContain("write 4");
  });

  test("is undecided where the search is given up", () => {
    expect(check(registerModel, historyOf(lines), 3).result).toBe("undecided");
  });

  test("is no wider than the history up to it", () => {
    const prefix = prefixOf(historyOf(lines), 3);
    expect(prefix).toHaveLength(4);
    expect(check(registerModel, prefix).result).toBe("linearizable");
  });
});

describe("where the search has been", () => {
  const setOf = (...numbers: number[]): NumberSet => {
    const set = new NumberSet(40);
    for (const number of numbers) set.flip(number);
    return set;
  };

  test("is told apart by its sets where their hashes are the same", () => {
    const visited = new Visited();
    const one = setOf(1, 33);
    const other = setOf(1, 34);
    other.hash = one.hash;
    expect(visited.add(one, setOf(), "a")).toBe(true);
    expect(visited.add(other, setOf(), "a")).toBe(true);
    expect(visited.add(setOf(33, 2, 1, 2), setOf(), "a")).toBe(false);
    expect(visited.add(one, setOf(), "b")).toBe(true);
  });

  test("covers where more open operations are used up, not where others are", () => {
    const visited = new Visited();
    expect(visited.add(setOf(1), setOf(2, 3), "a")).toBe(true);
    expect(visited.add(setOf(1), setOf(2, 3, 4), "a")).toBe(false);
    expect(visited.add(setOf(1), setOf(2, 4), "a")).toBe(true);
    expect(visited.add(setOf(1), setOf(), "a")).toBe(true);
    expect(visited.add(setOf(1), setOf(35), "a")).toBe(false);
  });
});

/** All orders, one after the other; what the checker must agree with. */
function hasOrder<Input, Output>(
  model: Model<Input, Output>,
  left: readonly Operation<Input, Output>[],
  state: string,
): boolean {
  if (left.every(isOpen)) return true;
  return left.some((candidate) => {
    if (left.some((other) => other.returnedAt < candidate.calledAt)) return false;
    const next = model.step(state, candidate.input, candidate.output);
    const others = left.filter((other) => other !== candidate);
    return next !== undefined && hasOrder(model, others, next);
  });
}

/** Small histories of inputs with answers that may or may not fit, some of them unanswered. */
function histories<Input, Output>(
  input: fc.Arbitrary<Input>,
  answer: (input: Input) => fc.Arbitrary<Output>,
): fc.Arbitrary<Operation<Input, Output>[]> {
  const line = input.chain((asked) =>
    fc
      .record({
        calledAt: fc.integer({ min: 0, max: 15 }),
        length: fc.integer({ min: 1, max: 10 }),
        isUnknown: fc.boolean(),
        output: answer(asked),
      })
      .map(({ calledAt, length, isUnknown, output }): Line<Input, Output> => {
        const returnedAt = isUnknown ? undefined : calledAt + length + 0.5;
        return [calledAt, returnedAt, asked, output];
      }),
  );
  return fc.array(line, { minLength: 1, maxLength: 6 }).map(historyOf);
}

function expectAgreement<Input, Output>(
  model: Model<Input, Output>,
  arbitrary: fc.Arbitrary<Operation<Input, Output>[]>,
): void {
  const count = { violation: 0, linearizable: 0 };
  const agrees = (history: readonly Operation<Input, Output>[]): void => {
    const expected = hasOrder(model, history, model.initial) ? "linearizable" : "violation";
    count[expected] += 1;
    expect(check(model, history).result).toBe(expected);
  };
  fc.assert(fc.property(arbitrary, agrees), { numRuns: 5000 });
  expect(count.violation).toBeGreaterThan(200);
  expect(count.linearizable).toBeGreaterThan(200);
}

describe("agrees with a search through all orders of small histories", () => {
  // Few values, so that operations are alike and states come back.
  const value = fc.constantFrom("1", "2");

  test("of a register", () => {
    const input: fc.Arbitrary<RegisterInput> = fc.oneof(
      fc.constant(read),
      value.map(write),
      fc.tuple(value, value).map(([from, to]) => cas(from, to)),
      value.map((swapped) => ({ kind: "swap" as const, value: swapped })),
    );
    const answer = ({ kind }: RegisterInput): fc.Arbitrary<Value> =>
      kind === "cas" ? fc.constantFrom("0", "1") : fc.constantFrom("1", "2", null);
    expectAgreement(registerModel, histories(input, answer));
  });

  test("of a list", () => {
    const input: fc.Arbitrary<ListInput> = fc.oneof(
      fc.constant(read),
      value.map((appended) => ({ kind: "append" as const, value: appended })),
      fc.constant({ kind: "shift" as const }),
    );
    const answer = ({ kind }: ListInput): fc.Arbitrary<ListOutput> => {
      if (kind === "append") return fc.integer({ min: 1, max: 3 });
      return kind === "read" ? fc.array(value, { maxLength: 3 }) : fc.constantFrom("1", "2", null);
    };
    expectAgreement(listModel, histories(input, answer));
  });

  test("of a set", () => {
    const kind = fc.constantFrom("add", "remove", "has");
    const input = fc
      .tuple(kind, value)
      .map(([chosen, member]) => ({ kind: chosen, member }) as SetInput);
    expectAgreement(
      setModel,
      histories<SetInput, SetOutput>(input, () => fc.boolean()),
    );
  });
});
