/**
 * One flipped bit at every byte of every small file of a whole folder, and a node that is started
 * on it: it refuses and says where, or gives the right answers; what it could do without, it says
 * in its log.
 */
import { exitCodeOf } from "../../src/node/fatal.ts";
import type { Timers } from "../../src/runtime/clock.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { connect, type FakeNode, startFakeNode } from "../support/fake-node.ts";
import { FakeSecrets, masterKeyOf } from "../support/secrets.ts";
import type { DamageCounts } from "./damage-faults.ts";
import { MortalTimers } from "./mortal-timers.ts";

const KEY_FILE = "/key";
const SEGMENT_BYTES = 4096;
const EXIT_DAMAGED = 72;
const WRITES = 6;

function secrets(): FakeSecrets {
  const door = new FakeSecrets(1);
  door.files.set(KEY_FILE, masterKeyOf(1));
  return door;
}

function start(disk: FakeDisk, timers: Timers): FakeNode {
  return startFakeNode(disk, {
    segmentBytes: SEGMENT_BYTES,
    timers,
    masterKey: { file: KEY_FILE, command: "" },
    secrets: secrets(),
    configuration: [["master-key-file", KEY_FILE]],
  });
}

const textOf = (index: number): string => `value ${index} `.padEnd(200, "y");

/** An encrypted folder with a few keys, two snapshots, and no more log than they need. */
async function makeFolder(): Promise<ReadonlyMap<string, Buffer>> {
  const disk = new FakeDisk(seededRandom(1));
  const timers = new MortalTimers();
  const { node } = start(disk, timers);
  await node.whenReady;
  const send = connect(node);
  for (let index = 0; index < WRITES; index += 1) {
    await send("SET", `key:${index}`, textOf(index));
    if (index % 2 === 0) await send("SAVE");
  }
  await node.stop();
  timers.die();
  return new Map(disk.paths().map((path) => [path, Buffer.from(disk.content(path))]));
}

/** The last file whose name ends so; `bits` of each byte. */
export async function flipFolder(
  seed: number,
  ending: string,
  bits: number,
  counts: DamageCounts,
): Promise<void> {
  const random = seededRandom(seed);
  const files = await makeFolder();
  const path = [...files.keys()].findLast((name) => name.endsWith(ending)) ?? "";
  const byteCount = files.get(path)?.length ?? 0;
  for (let at = 0; at < byteCount; at += 1) {
    const first = Math.floor(random.fraction() * 8);
    for (let bit = 0; bit < bits; bit += 1) {
      const disk = new FakeDisk(random);
      for (const [other, bytes] of files) disk.place(other, bytes);
      disk.content(path)[at] ^= 1 << ((first + bit) % 8);
      counts.cases += 1;
      await judge(disk, `seed ${seed}, a flipped bit at byte ${at} of ${path}`, counts);
    }
  }
  if (byteCount === 0) counts.problems.push(`there is no file ${ending}`);
}

async function judge(disk: FakeDisk, what: string, counts: DamageCounts): Promise<void> {
  const timers = new MortalTimers();
  const { node, lines } = start(disk, timers);
  const failure = await node.whenReady.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (failure !== undefined) {
    const code = exitCodeOf(failure);
    const words = String(failure);
    if (code !== EXIT_DAMAGED) counts.problems.push(`${what}: exit code ${code}, ${words}`);
    else if (!words.includes("/log/")) counts.problems.push(`${what}: no place in ${words}`);
    else counts.refused += 1;
  } else {
    const send = connect(node);
    for (let index = 0; index < WRITES; index += 1) {
      const found = await send("GET", `key:${index}`);
      if (found !== textOf(index)) {
        counts.problems.push(`${what}: key:${index} is ${String(found)}, and nothing was said`);
      }
    }
    if (lines.some(({ level }) => level === "warn" || level === "error")) counts.cut += 1;
    else counts.harmless += 1;
  }
  await node.stop().catch(() => undefined);
  timers.die();
}
