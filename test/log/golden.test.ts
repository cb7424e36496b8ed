/**
 * A log that version 1 wrote is read for ever: `test/fixtures/log-v1.hex` holds its segments as
 * lines of hexadecimal digits, each file's zeros at the end left out.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ByteReader } from "../../src/base/byte-reader.ts";
import type { Effect } from "../../src/keyspace/effect.ts";
import { decodeEffect } from "../../src/keyspace/effect-codec.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { joinPath } from "../../src/runtime/disk.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { LOG_FOLDER, openDriver } from "../support/log-records.ts";
import { goldenEpochs, goldenKeys, goldenSegmentBytes } from "./golden-log.ts";

function loadFixture(): FakeDisk {
  const disk = new FakeDisk(seededRandom(1));
  const text = readFileSync(new URL("../fixtures/log-v1.hex", import.meta.url), "utf8");
  for (const part of text.split("file ").slice(1)) {
    const [name, ...lines] = part.trim().split("\n");
    const content = Buffer.alloc(goldenSegmentBytes);
    Buffer.from(lines.join(""), "hex").copy(content);
    disk.place(joinPath(LOG_FOLDER, name), content);
  }
  return disk;
}

test("the golden log of version 1 gives its effects and its state", async () => {
  const driver = openDriver(loadFixture(), goldenSegmentBytes);
  const keyspace = new Keyspace();
  const epochs: Effect[][][] = [];
  const { tail, torn } = await driver.open((record) => {
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
  expect(tail).toMatchObject({ epoch: goldenEpochs.length, sequence: 13 });
  expect(epochs).toEqual(goldenEpochs);
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
