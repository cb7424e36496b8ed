/**
 * Logs that old versions wrote are read for ever: `test/fixtures/log-v*.hex` hold their segments as
 * lines of hexadecimal digits, each file's zeros at the end left out. That of version 3 is sealed,
 * with the keys of `key-ring-v1.json`.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ByteReader } from "../../src/base/byte-reader.ts";
import { FolderKeys } from "../../src/keys/folder-keys.ts";
import type { Effect } from "../../src/keyspace/effect.ts";
import { decodeEffect } from "../../src/keyspace/effect-codec.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { joinPath } from "../../src/runtime/disk.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { FakeWorld, seededRandom } from "../../src/runtime/fake-world.ts";
import { silentLogger } from "../../src/runtime/logger.ts";
import { DrivenKeyspace, makeCatalog, startBackfills } from "../search/index-support.ts";
import { LOG_FOLDER, openDriver } from "../support/log-records.ts";
import { FakeSecrets, masterKeyOf } from "../support/secrets.ts";
import {
  goldenEpochs,
  goldenFilledKeys,
  goldenIndexEpochs,
  goldenKeys,
  goldenSegmentBytes,
  goldenTimeMs,
} from "./golden-log.ts";

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
}

/** Of the sealed log, whose master key is in no file. */
function goldenKeysOf(disk: FakeDisk): FolderKeys {
  const secrets = new FakeSecrets();
  secrets.files.set("/master-key", masterKeyOf(1));
  return new FolderKeys({
    disk,
    folder: LOG_FOLDER,
    secrets,
    nowMs: () => 0,
    logger: silentLogger,
    master: { file: "/master-key", command: "" },
  });
}

function loadFixture(name: string): FakeDisk {
  const disk = new FakeDisk(seededRandom(1));
  const text = fixture(`${name}.hex`).toString();
  for (const part of text.split("file ").slice(1)) {
    const [name, ...lines] = part.trim().split("\n");
    const content = Buffer.alloc(goldenSegmentBytes);
    Buffer.from(lines.join(""), "hex").copy(content);
    disk.place(joinPath(LOG_FOLDER, name), content);
  }
  return disk;
}

/** Applies the log to the keyspace; its epochs, of units, of effects. */
async function readGolden(
  name: string,
  keyspace: Keyspace,
  timeMsOf: (sequence: number) => number = () => 0,
): Promise<Effect[][][]> {
  const disk = loadFixture(name);
  const keys = name === "log-v3" ? goldenKeysOf(disk) : undefined;
  if (keys !== undefined) disk.place(`${LOG_FOLDER}/keys.json`, fixture("key-ring-v1.json"));
  const driver = openDriver(disk, goldenSegmentBytes, new FakeWorld(), keys);
  const epochs: Effect[][][] = [];
  const { tail, torn } = await driver.open((record) => {
    expect(record.timeMs).toBe(timeMsOf(record.sequence));
    if (record.unitCount === 0) epochs.push([]);
    const reader = new ByteReader(record.payload);
    while (reader.remaining > 0) {
      const unit: Effect[] = [];
      for (let left = reader.u32(); left > 0; left -= 1) unit.push(decodeEffect(reader));
      for (const effect of unit) keyspace.apply(effect, 0);
      epochs.at(-1)?.push(unit);
    }
  });
  await driver.close();
  expect(torn).toBeUndefined();
  expect(tail).toMatchObject({ epoch: 2, sequence: epochs.flat().length + 2 });
  return epochs;
}

test.each([
  ["log-v1", () => 0],
  ["log-v2", goldenTimeMs],
  ["log-v3", goldenTimeMs],
])("the golden %s gives its effects, its times and its state", async (name, timeMsOf) => {
  const keyspace = new Keyspace();
  expect(await readGolden(name, keyspace, timeMsOf)).toEqual(goldenEpochs);
  const keys = keyspace.databases.flatMap((_, database) =>
    [...keyspace.keys(database)].map((key) => `${database}:${key}`),
  );
  expect(keys.sort()).toEqual(goldenKeys.toSorted());
  expect([...keyspace.indexDefinitions.keys()]).toEqual(["kept"]);
  expect(keyspace.peek(0, "string")).toMatchObject({
    value: { bytes: "value-more\0\0end" },
    expiryMs: 2_000_000_000_000,
  });
});

test("the golden log of indexes gives their documents in their order", async () => {
  const keyspace = new DrivenKeyspace();
  const { catalog, world } = makeCatalog(keyspace, null);
  expect(await readGolden("log-v1-indexes", keyspace)).toEqual(goldenIndexEpochs);
  const filled = catalog.find("filled");
  expect(filled?.isBackfilling).toBe(false);
  expect(goldenFilledKeys.map((_, id) => filled?.documents.keyOf(id))).toEqual(goldenFilledKeys);
  expect(filled?.documents.count).toBe(goldenFilledKeys.length);
  // Before slices were in the log it ended like this, and the next primary begins with them.
  const unfilled = catalog.find("unfilled");
  expect(unfilled?.isBackfilling).toBe(true);
  expect(unfilled?.documents.count).toBe(1);
  startBackfills(keyspace, catalog, () => {});
  world.settle();
  expect(unfilled?.isBackfilling).toBe(false);
  expect(unfilled?.documents.count).toBe(goldenFilledKeys.length);
});
