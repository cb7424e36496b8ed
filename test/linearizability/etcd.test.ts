/**
 * The checker against published histories of etcd (`etcd-harness.ts`); a small log of our own shows
 * that the lines are understood.
 */
import { describe, expect, test } from "vitest";
import { reportLine } from "../support/harness-report.ts";
import { findRequirement } from "../support/requirement.ts";
import { check } from "./checker.ts";
import { compareWithPorcupine } from "./etcd-harness.ts";
import { parseJepsenLog } from "./jepsen-log.ts";
import { registerModel } from "./models.ts";

describe.skipIf(findRequirement("porcupine") === undefined)("beside porcupine", () => {
  test("agrees about every published history of etcd", async () => {
    const report = await compareWithPorcupine();
    console.log(reportLine(report));
    expect(report.failures).toEqual([]);
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
