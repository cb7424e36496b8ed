/**
 * A disk that fails at its n-th call, for every n until nothing is left to fail: in a process that
 * writes, in one that recovers from a torn tail, and in both.
 *
 * After the failure the process is gone, with its page cache or without. The next one reads what is
 * there and appends; then power is lost, so that whatever was shown or acknowledged on the strength
 * of the page cache alone is missed.
 */
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { makeChain } from "../support/log-records.ts";
import { type Ending, LogHistory } from "./log-history.ts";

const CODES = ["EIO", "ENOSPC"] as const;
type Code = (typeof CODES)[number];
/** What the failed process takes with it. */
const ENDS = ["process", "power"] as const;
type End = (typeof ENDS)[number];

const PAYLOAD_BYTES_MAX = 700;
const BEFORE_POWER_LOSS = 6;
const AFTERWARDS = 3;

export interface CallFaultCounts {
  runs: number;
  failed: number;
  healed: number;
  refused: number;
  /** Calls of the longest run. */
  calls: number;
  readonly byKind: Map<string, number>;
  readonly problems: string[];
}

export function newCounts(): CallFaultCounts {
  return { runs: 0, failed: 0, healed: 0, refused: 0, calls: 0, byKind: new Map(), problems: [] };
}

interface Fault {
  readonly code: Code;
  readonly call: number;
  kind: string;
}

/** Every n in a process that appends `recordCount` records to a new log. */
export async function failWriting(
  seed: number,
  recordCount: number,
  counts: CallFaultCounts,
): Promise<void> {
  const records = makeChain(seededRandom(seed), recordCount + AFTERWARDS, PAYLOAD_BYTES_MAX);
  await forEveryCall(counts, async (fault, end) => {
    const disk = new FakeDisk(seededRandom(seed + fault.call));
    const label = `seed ${seed}, ${fault.code} at call ${fault.call} of the first process, ${end}`;
    const history = new LogHistory(disk, records, label);
    const isOver = await failingProcess(history, fault, recordCount, counts);
    await aftermath(history, end, counts);
    return isOver;
  });
}

/** Every n in a process that recovers a log whose last append was torn, and appends to it. */
export async function failRecovering(seed: number, counts: CallFaultCounts): Promise<void> {
  const recordCount = BEFORE_POWER_LOSS + 2 * AFTERWARDS;
  const records = makeChain(seededRandom(seed), recordCount, 3 * PAYLOAD_BYTES_MAX);
  await forEveryCall(counts, async (fault, end) => {
    // The same seed for every n: the tail is torn in the same way.
    const disk = new FakeDisk(seededRandom(seed));
    const label = `seed ${seed}, ${fault.code} at call ${fault.call} of a recovery, ${end}`;
    const history = new LogHistory(disk, records, label);
    await history.processUntilPowerLoss(BEFORE_POWER_LOSS);
    const isOver = await failingProcess(history, fault, AFTERWARDS, counts);
    await aftermath(history, end, counts);
    return isOver;
  });
}

async function forEveryCall(
  counts: CallFaultCounts,
  run: (fault: Fault, end: End) => Promise<boolean>,
): Promise<void> {
  for (const code of CODES) {
    for (const end of ENDS) {
      for (let call = 1; ; call += 1) {
        counts.runs += 1;
        counts.calls = Math.max(counts.calls, call);
        if (await run({ code, call, kind: "" }, end)) break;
      }
    }
  }
}

/** Whether the process made fewer calls than the one that was to fail. */
async function failingProcess(
  history: LogHistory,
  fault: Fault,
  appendCount: number,
  counts: CallFaultCounts,
): Promise<boolean> {
  const { disk } = history;
  disk.callCount = 0;
  disk.disturb = (call, what) => {
    if (call !== fault.call) return undefined;
    fault.kind = what;
    return fault.code;
  };
  const ending = await history.process(appendCount);
  disk.disturb = () => undefined;
  if (fault.kind === "") return true;
  counts.byKind.set(fault.kind, (counts.byKind.get(fault.kind) ?? 0) + 1);
  note(ending, counts);
  return false;
}

function note(ending: Ending, counts: CallFaultCounts): void {
  if (ending.kind === "failed") counts.failed += 1;
  else if (ending.kind === "refused") counts.refused += 1;
  else counts.healed += 1;
}

/** A disk that only failed, and damaged nothing, must never make a later start impossible. */
async function aftermath(history: LogHistory, end: End, counts: CallFaultCounts): Promise<void> {
  const { disk, problems } = history;
  if (end === "power") disk.losePower();
  else disk.killProcess();
  const endings = [await history.process(AFTERWARDS)];
  disk.losePower();
  endings.push(await history.process(0));
  for (const ending of endings) {
    if (ending.kind !== "done") problems.push(`a later start: ${ending.reason.message}`);
  }
  counts.problems.push(...problems);
}
