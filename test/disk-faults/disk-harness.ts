/**
 * H2: a disk that fails, tears, flips, misdirects, forgets and lies, under the log and under whole
 * nodes. What was acknowledged is there or the start refuses and says where; nothing is answered
 * after a failure.
 *
 * Numbers of a release: LODESTONE_DISK_CALLS says how many calls the longest run makes, each of
 * which fails once; LODESTONE_DISK_BITS how many bits of a byte are flipped; LODESTONE_DISK_SEEDS
 * how many torn tails are recovered from and how many times nodes go through all calls.
 */
import { installFailpoints, parseFailpoints } from "../../src/runtime/failpoint.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { failRecovering, failWriting, newCounts } from "./call-faults.ts";
import { Damage, newDamageCounts } from "./damage-faults.ts";
import { flipFolder } from "./folder-flips.ts";
import { failNodes, newNodeCounts } from "./node-faults.ts";

export const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);

export interface DiskSizes {
  readonly calls: number;
  readonly bits: number;
  readonly seeds: number;
}

export const sizes: DiskSizes = {
  calls: Number(process.env["LODESTONE_DISK_CALLS"] ?? 90),
  bits: Number(process.env["LODESTONE_DISK_BITS"] ?? 1),
  seeds: Number(process.env["LODESTONE_DISK_SEEDS"] ?? 3),
};

/** What a record takes, with its share of a segment. */
const CALLS_PER_RECORD = 3.5;
const FLIPPED_RECORDS = 100;
const FLIPPED_PAYLOAD_BYTES_MAX = 40;
const TORN_PAYLOAD_BYTES = 2600;
const MISDIRECTED_RECORDS = 24;
const FAILURES_SHOWN = 10;

const plain = { hasSnapshots: false, stride: 1 };
/** Snapshots make many calls, each of which a release makes fail. */
const saving = { hasSnapshots: true, stride: sizes.seeds > 3 ? 1 : 6 };

/** What one kind of fault has found so far. */
interface Step {
  readonly run: () => Promise<void>;
  readonly problems: readonly string[];
}

/** With `planted` the code has that bug, and it ends with the first kind of fault that shows it. */
export async function runDiskFaults(
  firstSeed: number,
  { calls, bits, seeds }: DiskSizes,
  planted = "",
): Promise<HarnessReport> {
  const writing = newCounts();
  const recovering = newCounts();
  const nodes = newNodeCounts();
  const ring = newDamageCounts();
  const snapshot = newDamageCounts();
  const [bytes, tears, places] = [1, 2, 3].map(() => new Damage(firstSeed));
  const seedsOf = (count: number) => Array.from({ length: count }, (_, index) => firstSeed + index);
  const steps: Step[] = [
    step(writing, () => failWriting(firstSeed, Math.ceil(calls / CALLS_PER_RECORD), writing)),
    ...seedsOf(seeds).map((each) => step(recovering, () => failRecovering(each, recovering))),
    step(places.counts, () => places.misdirect(MISDIRECTED_RECORDS)),
    step(places.counts, () => places.mixHistories(MISDIRECTED_RECORDS)),
    step(places.counts, () => places.readShort(MISDIRECTED_RECORDS)),
    ...seedsOf(Math.ceil(seeds / 3)).flatMap((each) => [
      step(nodes, () => failNodes(each, nodes, { ...plain, failpoints: planted })),
      step(nodes, () => failNodes(each, nodes, { ...saving, failpoints: planted })),
    ]),
    step(tears.counts, () => tears.tearLast(TORN_PAYLOAD_BYTES)),
    step(bytes.counts, () => bytes.flipBits(FLIPPED_RECORDS, FLIPPED_PAYLOAD_BYTES_MAX, bits)),
    step(ring, () => flipFolder(firstSeed, ".json", bits, ring)),
    step(snapshot, () => flipFolder(firstSeed, ".snap", bits, snapshot)),
  ];
  const failures = await runSteps(steps, planted);
  if (writing.refused + recovering.refused > 0) {
    failures.push("a disk that only failed was called damaged");
  }
  return {
    harness: "H2",
    title: "a disk that fails, tears, flips, misdirects, forgets and lies",
    seed: firstSeed,
    figures: {
      failedCalls: writing.runs + recovering.runs,
      callsOfTheLongestRun: Math.max(writing.calls, recovering.calls),
      endedByFailure: writing.failed + recovering.failed,
      wentOn: writing.healed + recovering.healed,
      failedCallsOfNodes: nodes.runs,
      exitsOfNodes: nodes.exits,
      acknowledgedToClients: nodes.acknowledged,
      snapshots: nodes.snapshots,
      snapshotsThatFailed: nodes.failedSnapshots,
      flippedBits: bytes.counts.cases,
      flipsRefused: bytes.counts.refused,
      flipsCutAndReported: bytes.counts.cut,
      tornWrites: tears.counts.cases,
      tornCutAndReported: tears.counts.cut,
      misplaced: places.counts.cases,
      misplacedRefused: places.counts.refused,
      misplacedHarmless: places.counts.harmless,
      keyRingFlips: ring.cases,
      keyRingFlipsRefused: ring.refused,
      snapshotFlips: snapshot.cases,
      snapshotFlipsReported: snapshot.cut,
      found: failures.length,
    },
    failures: failures.slice(0, FAILURES_SHOWN),
  };
}

function step({ problems }: Pick<Step, "problems">, run: Step["run"]): Step {
  return { run, problems };
}

async function runSteps(steps: readonly Step[], planted: string): Promise<string[]> {
  try {
    for (const { run, problems } of steps) {
      // Nodes install their own, and leave those of whoever came last.
      installFailpoints(parseFailpoints(planted));
      await run();
      if (planted !== "" && problems.length > 0) break;
    }
  } finally {
    installFailpoints([]);
  }
  return [...new Set(steps.flatMap(({ problems }) => problems))];
}
