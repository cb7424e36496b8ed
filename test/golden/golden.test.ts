/**
 * Golden files (H14): every version's files are loaded and give their state, newer ones are
 * refused, and no effect's number is without a golden log.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ByteReader } from "../../src/base/byte-reader.ts";
import { ByteWriter } from "../../src/base/byte-writer.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { decodeEffect, encodeEffect } from "../../src/keyspace/effect-codec.ts";
import { systemDisk } from "../../src/runtime/system-disk.ts";
import { unitPayload } from "../fuzz/record-harness.ts";
import { reportLine } from "../support/harness-report.ts";
import { openDriver } from "../support/log-records.ts";
import { folderOf, folderText, readFixture } from "./folder-text.ts";
import { goldenEffectEpochs } from "./golden-effects.ts";
import { loadGoldenFiles } from "./golden-harness.ts";

/** A new kind of effect gets a golden log of its own, whose name is added here. */
const EFFECT_LOGS = ["log-effects-v2"];
const SEGMENT_BYTES = 16 * 1024;

test("files of every version are read for ever, and newer ones refused", async () => {
  const report = await loadGoldenFiles();
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
});

test("a file that gives another state is found", async () => {
  const other = "0".repeat(32);
  const expected = new Proxy({}, { get: () => other });
  const { failures, figures } = await loadGoldenFiles(expected);
  expect(failures).toHaveLength(Number(figures["files"]));
});

test("each effect is in a golden log, under its number, and is written as it was", async () => {
  const ids = new Set<number>();
  const epochs: unknown[][] = [];
  for (const name of EFFECT_LOGS) {
    const driver = openDriver(folderOf(readFixture(`${name}.hex`)), SEGMENT_BYTES);
    await driver.open((record) => {
      if (record.unitCount === 0) epochs.push([]);
      const reader = new ByteReader(record.payload);
      while (reader.remaining > 0) {
        const effects = Array.from({ length: reader.u32() }, () => {
          const start = reader.offset;
          const effect = decodeEffect(reader);
          ids.add(effect.id);
          const writer = new ByteWriter(64);
          encodeEffect(writer, effect);
          expect(writer.written()).toEqual(record.payload.subarray(start, reader.offset));
          return effect;
        });
        epochs.at(-1)?.push(unitPayload(effects).toString("hex"));
      }
    });
    await driver.close();
  }
  const golden = goldenEffectEpochs.map((units) =>
    units.map((effects) => unitPayload(effects).toString("hex")),
  );
  expect(epochs).toEqual(golden);
  expect([...ids].sort((left, right) => left - right)).toEqual(
    Object.values(EffectId).sort((left, right) => left - right),
  );
});

/** As they were when each was released: append-only. A number is never given to another effect. */
const goldenIds =
  "stringSet 1 keyDelete 2 expirySet 3 stringAppend 4 stringSetRange 5 keyRestore 6 stringSplice 7 " +
  "keyLoad 8 keyExtend 9 hashSet 10 hashDelete 11 hashUpdate 12 hashFieldExpiry 13 " +
  "listPushLeft 20 listPushRight 21 listPopLeft 22 listPopRight 23 listSet 24 listInsert 25 " +
  "listRemove 26 listTrim 27 setAdd 30 setRemove 31 sortedSetAdd 40 sortedSetRemove 41 " +
  "sortedSetRemoveRange 42 streamAdd 50 streamDelete 51 streamTrim 52 streamSetId 53 " +
  "streamGroupCreate 54 streamGroupDestroy 55 streamGroupSetId 56 streamConsumerSet 57 " +
  "streamConsumerDelete 58 streamDeliver 59 streamClaim 60 streamAcknowledge 61 " +
  "databaseFlush 100 allFlush 101 databaseSwap 102 indexCreate 110 indexDrop 111 indexSeal 112 " +
  "indexBackfill 113";

test("no effect's number is changed, used twice or given anew", () => {
  const now = Object.entries(EffectId).sort(([, left], [, right]) => left - right);
  expect(now.map(([name, id]) => `${name} ${id}`).join(" ")).toBe(goldenIds);
  expect(new Set(Object.values(EffectId)).size).toBe(now.length);
});

test("what a fixture says of a folder is the folder", () => {
  const text = readFixture("folder-v1.hex");
  expect(folderText(folderOf(text))).toBe(text);
});

/** Both are words for people and a lock of the system's: neither ever keeps anybody out. */
test("a lock's files of before are no reason to refuse, and say who holds the folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lodestone-golden-"));
  try {
    const holder = "pid 7, started 2025-11-13T02:13:20.000Z, at 127.0.0.1:6379";
    writeFileSync(join(folder, "folder.lock"), "");
    writeFileSync(join(folder, "folder.holder"), `${holder}\n`);
    expect(await systemDisk.holderOf(folder)).toBeUndefined();
    const lock = await systemDisk.lock(folder, "pid 8, started now, at 127.0.0.1:6380");
    await expect(systemDisk.lock(folder, "another")).rejects.toThrow("held by pid 8, started now");
    await lock.release();
    expect(readFileSync(join(folder, "folder.lock"))).toHaveLength(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
