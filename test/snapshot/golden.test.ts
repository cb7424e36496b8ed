/**
 * Snapshots of old versions are read for ever: `test/fixtures/snapshot-v1.hex` is one of the
 * golden log of version 2, in which every kind of effect stands. And in it no changed byte passes.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { keyspaceDigest } from "../../src/commands/server/digest.ts";
import { defaultEncodingLimits } from "../../src/keyspace/encoding-limits.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { applyRecord } from "../../src/node/recover.ts";
import { systemClock, systemTimers } from "../../src/runtime/clock.ts";
import { joinPath } from "../../src/runtime/disk.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { foldSnapshot } from "../../src/snapshot/fold.ts";
import { snapshotName, temporaryName } from "../../src/snapshot/snapshot-names.ts";
import { SnapshotDamaged, SnapshotReader } from "../../src/snapshot/snapshot-reader.ts";
import { LOG_FOLDER, openDriver } from "../support/log-records.ts";
import { smallLog } from "../support/small-log.ts";

const FIXTURE = fileURLToPath(new URL("../fixtures/snapshot-v1.hex", import.meta.url));

async function fromLog(): Promise<{ readonly keyspace: Keyspace; readonly sequence: number }> {
  const keyspace = new Keyspace();
  const driver = openDriver(smallLog(), 4096);
  const { tail } = await driver.open((record) => {
    applyRecord(keyspace, record, 0);
  });
  await driver.close();
  return { keyspace, sequence: tail.sequence };
}

async function made(sequence: number): Promise<Buffer> {
  const disk = smallLog();
  const job = {
    folder: LOG_FOLDER,
    sequence,
    madeAtMs: 1_700_000_000_000,
    memoryBytes: 2 ** 30,
    databaseCount: 16,
    encodingLimits: defaultEncodingLimits(),
  };
  const world = { disk, clock: systemClock, timers: systemTimers };
  const listener = { progress: () => undefined, baseDamaged: () => undefined };
  await foldSnapshot(world, job, undefined, listener);
  return disk.content(joinPath(LOG_FOLDER, temporaryName(snapshotName(sequence))));
}

function fixture(): Buffer {
  return Buffer.from(readFileSync(FIXTURE, "utf8").replaceAll("\n", ""), "hex");
}

async function load(bytes: Buffer, sequence: number): Promise<Keyspace> {
  const disk = new FakeDisk(seededRandom(1));
  disk.place(joinPath(LOG_FOLDER, snapshotName(sequence)), bytes);
  const reader = await SnapshotReader.open(disk, LOG_FOLDER, sequence, undefined);
  const keyspace = new Keyspace();
  await reader.load(keyspace, 0, () => undefined);
  return keyspace;
}

test("a snapshot of version 1 is read, and one is written in the same bytes", async () => {
  const { keyspace, sequence } = await fromLog();
  const bytes = await made(sequence);
  expect(bytes.equals(fixture())).toBe(true);
  const read = await load(fixture(), sequence);
  expect(read.keyCount(0)).toBeGreaterThan(5);
  expect(keyspaceDigest(read)).toBe(keyspaceDigest(keyspace));
  expect(read.indexDefinitions).toEqual(keyspace.indexDefinitions);
});

test("a bit flipped at every byte of it is found", async () => {
  const { sequence } = await fromLog();
  const random = seededRandom(7);
  const whole = fixture();
  for (let at = 0; at < whole.length; at += 1) {
    const flipped = Buffer.from(whole);
    flipped[at] ^= 1 << Math.floor(random.fraction() * 8);
    await expect(load(flipped, sequence), `byte ${at}`).rejects.toThrow(SnapshotDamaged);
  }
});
