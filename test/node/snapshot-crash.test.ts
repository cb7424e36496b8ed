/**
 * A process that dies, or a machine that loses its power, at any call to the disk while a snapshot
 * is made, named, and old snapshots and segments go: everything acknowledged is there afterwards,
 * and the next snapshot can be made.
 */
import { describe, expect, test } from "vitest";
import { keyspaceDigest } from "../../src/commands/server/digest.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { SnapshotKeeper } from "../../src/node/snapshot-keeper.ts";
import { systemClock, systemTimers } from "../../src/runtime/clock.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { silentLogger } from "../../src/runtime/logger.ts";
import { systemProcess } from "../../src/runtime/process.ts";
import { systemSecrets } from "../../src/runtime/secrets.ts";
import type { SnapshotPartMaker } from "../../src/snapshot/snapshot-parts.ts";
import { followersOn } from "../support/in-process-followers.ts";
import { LOG_FOLDER } from "../support/log-records.ts";
import { MemoryConfiguration } from "../support/memory-configuration.ts";
import { append, closeFolder, type OpenFolder, openFolder } from "../support/snapshot-folder.ts";

const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const SEGMENT_BYTES = 4 * 1024;

function keeperOf(
  disk: FakeDisk,
  folder: OpenFolder,
  makers: readonly SnapshotPartMaker[] = [],
): SnapshotKeeper {
  const { driver, keyspace, appender, recovered } = folder;
  const keeper = new SnapshotKeeper({
    world: {
      clock: systemClock,
      timers: systemTimers,
      random: seededRandom(1),
      disk,
      process: systemProcess,
      secrets: systemSecrets,
      followers: followersOn(disk, systemClock, systemTimers),
      logger: silentLogger,
    },
    folder: LOG_FOLDER,
    driver,
    keyspace,
    configuration: new MemoryConfiguration([["snapshot-retention-days", "0"]]),
    keys: undefined,
    handKeys: () => undefined,
    makers,
    failpoints: "",
    endRecord: () => ({ sequence: appender.endRecord(), isWritten: true }),
    whenDurable: () => appender.drain(),
    counts: () => ({ changeCount: 0, appendedBytes: appender.appendedBytes }),
  });
  keeper.start(recovered);
  return keeper;
}

async function write(folder: OpenFolder, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 5) {
    const effects = Array.from({ length: 5 }, (_, at) => ({
      id: EffectId.stringSet,
      database: (index + at) % 3,
      key: `key-${index + at}`,
      value: `${index}`.padEnd(100, "."),
      expiryMs: 0,
    }));
    for (const effect of effects) folder.keyspace.apply(effect, 0);
    await append(folder, [{ effects }]);
  }
}

/** Two snapshots and a log behind them; the next one has something to trim and to remove. */
async function prepared(): Promise<{
  readonly files: Map<string, Buffer>;
  readonly digest: string;
}> {
  const disk = new FakeDisk(seededRandom(seed));
  const folder = await openFolder(disk, undefined, silentLogger, SEGMENT_BYTES);
  const keeper = keeperOf(disk, folder);
  for (const from of [0, 100]) {
    await write(folder, from, from + 100);
    await keeper.begin();
  }
  await write(folder, 200, 300);
  await keeper.stop();
  await closeFolder(folder);
  const files = new Map(disk.paths().map((path) => [path, Buffer.from(disk.content(path))]));
  return { files, digest: keyspaceDigest(folder.keyspace) };
}

/** False if the snapshot was done before that call. */
async function dieAt(
  call: number,
  how: "process" | "power",
  { files, digest }: Awaited<ReturnType<typeof prepared>>,
): Promise<boolean> {
  const disk = new FakeDisk(seededRandom(seed + call));
  for (const [path, bytes] of files) disk.place(path, bytes);
  const folder = await openFolder(disk, undefined, silentLogger, SEGMENT_BYTES);
  const keeper = keeperOf(disk, folder);
  disk.callCount = 0;
  let isDead = false;
  disk.disturb = (number) => {
    if (number < call && !isDead) return undefined;
    isDead = true;
    return "EIO";
  };
  const whenDone = keeper.begin()?.catch(() => undefined);
  await whenDone;
  await keeper.stop();
  await closeFolder(folder).catch(() => undefined);
  if (how === "power") disk.losePower();
  else disk.killProcess();
  disk.disturb = () => undefined;
  const again = await openFolder(disk, undefined, silentLogger, SEGMENT_BYTES);
  expect(keyspaceDigest(again.keyspace), `${how} at call ${call}`).toBe(digest);
  const next = keeperOf(disk, again);
  await write(again, 300, 310);
  await next.begin();
  await next.stop();
  await closeFolder(again);
  const last = await openFolder(disk, undefined, silentLogger, SEGMENT_BYTES);
  expect(keyspaceDigest(last.keyspace)).toBe(keyspaceDigest(again.keyspace));
  expect(disk.paths().filter((path) => path.includes(".new"))).toEqual([]);
  await closeFolder(last);
  return isDead;
}

describe(`a death at every call to the disk (seed ${seed})`, () => {
  test.each(["process", "power"] as const)(
    "of the %s loses nothing and leaves nothing",
    { timeout: 240_000 },
    async (how) => {
      const before = await prepared();
      const names = [...before.files.keys()];
      expect(names.filter((name) => name.endsWith(".snap"))).toHaveLength(2);
      let call = 1;
      while (await dieAt(call, how, before)) call += 1;
      expect(call).toBeGreaterThan(40);
    },
  );
});

test("parts that cannot be made are left out, and the snapshot stands", async () => {
  const disk = new FakeDisk(seededRandom(seed));
  const folder = await openFolder(disk);
  const begun: number[] = [];
  const part = (begin: SnapshotPartMaker["begin"]): SnapshotPartMaker => ({
    closingEffects: () => [],
    begin(sequence) {
      begun.push(sequence);
      return begin(sequence);
    },
  });
  const keeper = keeperOf(disk, folder, [
    part(() => {
      throw new Error("it cannot begin");
    }),
    part(() => [
      { name: "x", whenWritten: Promise.reject(new Error("no room")), abandon: () => undefined },
    ]),
  ]);
  await write(folder, 0, 10);
  await keeper.begin();
  expect(keeper.figures().sequence).toBe(begun[0]);
  expect(begun).toHaveLength(2);
  expect(disk.paths().filter((path) => path.includes("snapshot-"))).toHaveLength(1);
  await keeper.stop();
  await closeFolder(folder);
});
