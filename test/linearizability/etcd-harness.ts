/**
 * H5 etcd: the checker against histories of etcd that Jepsen recorded, as they are published with
 * the checker porcupine: it must agree with the answer that porcupine's own test expects of each.
 * Both are read from a checkout of the caller's.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HarnessReport } from "../support/harness-report.ts";
import { findRequirement } from "../support/requirement.ts";
import { check } from "./checker.ts";
import { parseJepsenLog } from "./jepsen-log.ts";
import { registerModel } from "./models.ts";

const HISTORY_COUNT = 102;

export async function compareWithPorcupine(): Promise<HarnessReport> {
  const title = "the checker agrees with porcupine about histories of etcd";
  const about = { harness: "H5 etcd", title, seed: undefined };
  const folder = findRequirement("porcupine");
  if (folder === undefined) {
    return { ...about, figures: {}, failures: [], leftOut: "porcupine is not here" };
  }
  const source = readFileSync(join(folder, "porcupine_test.go"), "utf8");
  const expected = [...source.matchAll(/checkJepsen\(t, (\d+), (true|false)\)/g)];
  const failures: string[] = [];
  let stepCount = 0;
  for (const [, number, isCorrect] of expected) {
    const name = `etcd_${number.padStart(3, "0")}.log`;
    const log = readFileSync(join(folder, "test_data", "jepsen", name), "utf8");
    const verdict = check(registerModel, parseJepsenLog(log));
    stepCount += verdict.stepCount;
    const answer = isCorrect === "true" ? "linearizable" : "violation";
    if (verdict.result !== answer) failures.push(`${name}: ${verdict.result}, not ${answer}`);
  }
  const agreed = expected.length - failures.length;
  if (expected.length !== HISTORY_COUNT) failures.push(`${expected.length} histories are there`);
  return { ...about, figures: { histories: expected.length, agreed, stepCount }, failures };
}
