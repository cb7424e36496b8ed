/**
 * H4: bugs that are planted one by one, each with the harness that finds it soonest: seeds of the
 * simulation (H3), or damages of a log (H2). A harness that forgets how to find one of them is
 * found here. Bounded by seeds and not by time, so that a busy machine changes nothing.
 */
import { installFailpoints, parseFailpoints } from "../../src/runtime/failpoint.ts";
import type { FailpointName } from "../../src/runtime/failpoints.ts";
import { Damage } from "../disk-faults/damage-faults.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { simulate } from "./simulation.ts";

const SEEDS_MAX = 250;
const OPERATIONS = 2000;
const CHAIN_RECORDS = 12;
const TORN_BYTES = 1600;

interface Finding {
  readonly by: string;
  readonly problem: string;
}

interface PlantedBug {
  readonly failpoint: FailpointName;
  readonly find: (failpoint: string, seed: number) => Promise<Finding | undefined>;
}

const plantedBugs: readonly PlantedBug[] = [
  { failpoint: "planted.reply-before-durable", find: bySimulation },
  { failpoint: "planted.skip-chain-check", find: byMixedHistories },
  { failpoint: "planted.skip-folder-sync", find: bySimulation },
  { failpoint: "planted.trim-before-verify", find: bySimulation },
  { failpoint: "planted.snapshot-misses-record", find: bySimulation },
  { failpoint: "planted.lose-search-change", find: bySimulation },
  { failpoint: "planted.lose-effect", find: bySimulation },
  { failpoint: "planted.split-unit", find: bySimulation },
  { failpoint: "planted.expire-without-effect", find: bySimulation },
  { failpoint: "planted.read-without-hazard", find: bySimulation },
  { failpoint: "planted.accept-torn-tail", find: byTornTails },
];

export async function findPlantedBugs(): Promise<HarnessReport> {
  const given = process.env["LODESTONE_TEST_SEED"];
  const seed = given === undefined ? Date.now() % 1_000_000_000 : Number(given);
  const failures: string[] = [];
  const figures: Record<string, number | string> = { bugs: plantedBugs.length };
  for (const { failpoint, find } of plantedBugs) {
    const startedMs = performance.now();
    const finding = await find(`${failpoint}=on`, seed);
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
    installFailpoints([]);
    const name = failpoint.replace("planted.", "");
    if (finding === undefined) failures.push(`${name} was not found in ${seconds} s, seed ${seed}`);
    else figures[name] = `${seconds} s, ${finding.by}`;
  }
  return { harness: "H4", title: "planted bugs are found", seed, figures, failures };
}

async function bySimulation(failpoints: string, first: number): Promise<Finding | undefined> {
  for (let seed = first; seed < first + SEEDS_MAX; seed += 1) {
    const { problems } = await simulate({ seed, operations: OPERATIONS, failpoints });
    if (problems.length > 0) {
      return { by: `H3, seed ${seed - first + 1} of ${SEEDS_MAX}`, problem: problems[0] };
    }
  }
  return undefined;
}

async function byMixedHistories(failpoints: string, seed: number): Promise<Finding | undefined> {
  installFailpoints(parseFailpoints(failpoints));
  const damage = new Damage(seed);
  await damage.mixHistories(CHAIN_RECORDS);
  return findingOf(damage);
}

async function byTornTails(failpoints: string, seed: number): Promise<Finding | undefined> {
  installFailpoints(parseFailpoints(failpoints));
  const damage = new Damage(seed);
  await damage.tearLast(TORN_BYTES);
  return findingOf(damage);
}

function findingOf({ counts }: Damage): Finding | undefined {
  const [problem] = counts.problems;
  return problem === undefined ? undefined : { by: "H2", problem };
}
