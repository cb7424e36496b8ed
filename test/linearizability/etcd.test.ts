/**
 * The checker against histories of etcd that Jepsen recorded, as they are published with the
 * checker porcupine: it must agree with the answer that porcupine's own test expects of each. Both
 * are read from a checkout of the caller's; a small log of our own shows that the lines are
 * understood.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findRequirement } from "../support/requirement.ts";
import { check } from "./checker.ts";
import { parseJepsenLog } from "./jepsen-log.ts";
import { registerModel } from "./models.ts";

const folder = findRequirement("porcupine");
const HISTORY_COUNT = 102;

describe.skipIf(folder === undefined)("beside porcupine", () => {
  test("agrees about every published history of etcd", () => {
    const root = folder ?? "";
    const source = readFileSync(join(root, "porcupine_test.go"), "utf8");
    const expected = [...source.matchAll(/checkJepsen\(t, (\d+), (true|false)\)/g)];
    const wrong: string[] = [];
    let stepCount = 0;
    for (const [, number, isCorrect] of expected) {
      const name = `etcd_${number.padStart(3, "0")}.log`;
      const log = readFileSync(join(root, "test_data", "jepsen", name), "utf8");
      const verdict = check(registerModel, parseJepsenLog(log));
      stepCount += verdict.stepCount;
      const answer = isCorrect === "true" ? "linearizable" : "violation";
      if (verdict.result !== answer) wrong.push(`${name}: ${verdict.result}, not ${answer}`);
    }
    const agreed = expected.length - wrong.length;
    console.log(JSON.stringify({ etcd: expected.length, agreed, steps: stepCount }));
    expect(wrong).toEqual([]);
    expect(expected).toHaveLength(HISTORY_COUNT);
  });
});

describe("a log of Jepsen's", () => {
  const log = (...events: readonly string[]): string =>
    events.map((event) => `INFO  jepsen.util - ${event.replaceAll(" ", "\t")}\n`).join("");

  test("is read with its answers, and what timed out stays open", () => {
    const history = parseJepsenLog(
      log(
        "0 :invoke :write 1",
        "1 :invoke :cas [1 2]",
        "0 :ok :write 1",
        "1 :info :cas :timed-out",
        "2 :invoke :read nil",
        "2 :fail :read :timed-out",
        "2 :invoke :cas [7 8]",
        "2 :fail :cas [7 8]",
        "0 :invoke :read nil",
        "0 :ok :read 2",
      ),
    );
    const never = Number.POSITIVE_INFINITY;
    expect(history.map(({ returnedAt, output }) => [returnedAt, output])).toEqual([
      [2, null],
      [never, undefined],
      [never, undefined],
      [7, "0"],
      [9, "2"],
    ]);
    expect(check(registerModel, history).result).toBe("linearizable");
  });

  test("shows a read of what was overwritten", () => {
    const history = parseJepsenLog(
      log(
        "0 :invoke :write 1",
        "0 :ok :write 1",
        "0 :invoke :write 2",
        "0 :ok :write 2",
        "1 :invoke :read nil",
        "1 :ok :read 1",
      ),
    );
    expect(check(registerModel, history).result).toBe("violation");
  });
});
