/**
 * One harness, by its name, in this process; its report goes to who started it (`main.ts`).
 */
import { must } from "../../src/base/assert.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { harnesses } from "./harnesses.ts";

const name = process.argv[2];
const harness = must(
  harnesses.find((each) => each.name === name),
  `there is a harness ${name}`,
);

async function run(): Promise<HarnessReport> {
  try {
    return await harness.run();
  } catch (failure) {
    const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
    const seed = process.env["LODESTONE_TEST_SEED"];
    return {
      harness: name,
      title: "threw",
      seed: seed === undefined ? undefined : Number(seed),
      figures: {},
      failures: [text],
    };
  }
}

const report = await run();
// What a harness has left running must not keep this process alive, and says nothing any more.
process.send?.(report, () => process.exit(0));
