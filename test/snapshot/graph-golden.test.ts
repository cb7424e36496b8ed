/**
 * The file of an index that a version wrote is read for ever, and version 1 is written as it was:
 * `test/fixtures/graph-file-version-1.hex`, with tombstones, free ids and two graphs in it.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Effect, EffectId } from "../../src/keyspace/effect.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { encodeSchema } from "../../src/search/definition.ts";
import { graphName } from "../../src/snapshot/snapshot-names.ts";
import { schemaOf, tag, vector } from "../search/index-support.ts";
import { FOLDER, GraphHost, SEQUENCE } from "./graph-host.ts";

const fixture = new URL("../fixtures/graph-file-version-1.hex", import.meta.url);
const path = `${FOLDER}/${graphName(SEQUENCE, 0)}`;
const DIMENSIONS = 4;

function goldenBytes(): Buffer {
  return Buffer.from(readFileSync(fixture, "utf8").replaceAll(/\s/g, ""), "hex");
}

/** Whole numbers, so that their bytes are the same wherever they are made. */
function vectorOf(key: number, salt: number): Buffer {
  const values = Array.from({ length: DIMENSIONS }, (_, at) => ((key * 31 + salt) * (at + 7)) % 97);
  return Buffer.from(new Float32Array(values).buffer);
}

function write(host: GraphHost): void {
  const attributes = [
    vector("a", DIMENSIONS, { m: 4, efConstruction: 20 }),
    tag("tag"),
    vector("b", DIMENSIONS, { m: 2, efConstruction: 20, metric: "COSINE" }),
  ];
  const definition = encodeSchema(schemaOf(attributes, ["d:"]));
  host.apply({ id: EffectId.indexCreate, name: "golden", definition });
  const set = (key: number, salt: number): Effect => {
    const pairs = ["a", vectorOf(key, salt), "tag", "x"];
    if (key % 3 === 0) pairs.push("b", vectorOf(key, salt + 1));
    return { id: EffectId.hashSet, database: 0, key: `d:${key}`, pairs };
  };
  for (let key = 0; key < 230; key += 1) host.apply(set(key, 0));
  host.apply({ id: EffectId.indexSeal, name: "golden" });
  for (let key = 0; key < 20; key += 1) host.apply(set(key, 5));
  host.apply({ id: EffectId.indexSeal, name: "golden" });
  host.apply({ id: EffectId.keyDelete, database: 0, key: "d:77", reason: "deleted" });
}

test("a file of version 1 is read, and written, as it was", async () => {
  const random = seededRandom(1);
  const disk = new FakeDisk(random);
  const first = new GraphHost(disk);
  const second = new GraphHost(disk);
  try {
    write(first);
    const parts = first.beginDump();
    const copy = first.copyKeyspace(random);
    await first.nameParts(parts);
    expect(disk.content(path).toString("hex")).toBe(goldenBytes().toString("hex"));

    disk.place(path, goldenBytes());
    await second.restore(copy);
    expect(await second.graphs()).toEqual(await first.graphs());
    expect(second.documents("golden")).toEqual(first.documents("golden"));
    expect(second.graphLoad("golden")).toBe("loaded");
    const { tombstoneCount } = second.index("golden").vectorProgress();
    expect(tombstoneCount).toBeGreaterThan(0);
  } finally {
    await first.close();
    await second.close();
  }
});
