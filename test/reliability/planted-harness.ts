/**
 * Harnesses that end as none should, for the test of the runner: by name.
 */
import type { HarnessReport } from "../support/harness-report.ts";

const [, , name] = process.argv;
const seed = Number(process.env["LODESTONE_TEST_SEED"]);
const size = process.env["PLANTED_SIZE"] ?? "small";
const failures = name === "red" ? ["it is red"] : [];
const report: HarnessReport = {
  harness: name,
  title: "planted",
  seed,
  figures: { size },
  failures,
};

if (name === "dies") process.kill(process.pid, "SIGKILL");
else if (name === "hangs") setInterval(() => {}, 1000);
else if (name === "silent") process.exitCode = 0;
else process.send?.(report, () => process.exit(name === "late death" ? 70 : 0));
