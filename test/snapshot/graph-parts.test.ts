/**
 * The files of indexes: whoever takes them back has the documents, ids and graphs of whoever made
 * them, and goes on in the same way as one who read the whole log; whatever is wrong with a file,
 * the index is complete, and says why it is built again.
 */
import { afterEach, describe, expect, test } from "vitest";
import { type Effect, EffectId } from "../../src/keyspace/effect.ts";
import type { Random } from "../../src/runtime/clock.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { encodeSchema } from "../../src/search/definition.ts";
import type { AttributeDeclaration } from "../../src/search/schema.ts";
import { graphName } from "../../src/snapshot/snapshot-names.ts";
import { numeric, schemaOf, tag, vector } from "../search/index-support.ts";
import { FOLDER, GraphHost, SEQUENCE } from "./graph-host.ts";

const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const DIMENSIONS = 40;
const KEYS = 700;
const path = `${FOLDER}/${graphName(SEQUENCE, 0)}`;

const hosts: GraphHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.close();
});

function newHost(disk: FakeDisk, threadCount = 2): GraphHost {
  const host = new GraphHost(disk, threadCount);
  hosts.push(host);
  return host;
}

const attributes: AttributeDeclaration[] = [
  vector("a", DIMENSIONS),
  tag("tag"),
  vector("b", DIMENSIONS, { metric: "COSINE", m: 8, efConstruction: 60 }),
  numeric("number"),
  vector("flat", 4, { algorithm: "FLAT" }),
];

function create(name: string, prefix: string, declared = attributes): Effect {
  return { id: EffectId.indexCreate, name, definition: encodeSchema(schemaOf(declared, [prefix])) };
}

function vectorBytes(random: Random, dimensions: number): Buffer {
  const values = Array.from({ length: dimensions }, () => random.fraction() * 2 - 1);
  return Buffer.from(new Float32Array(values).buffer);
}

/** One change of the kind that clients make: most write vectors, some take them away. */
function chooseChange(host: GraphHost, random: Random): Effect | undefined {
  const database = 0;
  const key = `d:${Math.floor(random.fraction() * KEYS)}`;
  const dice = random.fraction();
  const isThere = host.keyspace.peek(0, key) !== undefined;
  if (dice < 0.12) {
    return isThere ? { id: EffectId.keyDelete, database, key, reason: "deleted" } : undefined;
  }
  if (dice < 0.16 && isThere) {
    return { id: EffectId.expirySet, database, key, expiryMs: 4_000_000_000_000 };
  }
  const pairs: (string | Buffer)[] = ["tag", dice < 0.5 ? "x" : "y", "number", String(dice)];
  if (dice < 0.2) pairs.push("a", "no vector");
  else pairs.push("a", vectorBytes(random, DIMENSIONS));
  if (dice > 0.6) pairs.push("b", vectorBytes(random, DIMENSIONS));
  if (dice > 0.8) pairs.push("flat", vectorBytes(random, 4));
  return { id: EffectId.hashSet, database, key, pairs };
}

function change(host: GraphHost, random: Random, count: number): void {
  for (let done = 0; done < count; done += 1) {
    const effect = chooseChange(host, random);
    if (effect !== undefined) host.apply(effect);
    if (random.fraction() < 0.002) host.apply({ id: EffectId.indexSeal, name: "one" });
  }
}

/** Written, dumped, and written on: its copy, and what came behind it. */
async function dumped(random: Random, disk = new FakeDisk(random)) {
  const first = newHost(disk);
  first.apply(create("one", "d:"), create("two", "d:1"));
  change(first, random, 1800);
  const parts = first.beginDump();
  const copy = first.copyKeyspace(random);
  const documents = first.documents("one");
  const placeInLog = first.log.length;
  change(first, random, 800);
  await first.nameParts(parts);
  change(first, random, 300);
  return { disk, first, copy, documents, tail: first.log.slice(placeInLog) };
}

/** The documents that each filter passes, and the nearest of a query, by key. */
async function answers(host: GraphHost, random: Random): Promise<unknown> {
  const index = host.index("one");
  const found: unknown[] = [
    host
      .documents("one")
      .slice(1)
      .map((line) => line.split(" ")[1])
      .sort(),
  ];
  for (const alias of ["a", "b", "flat"]) {
    const attribute = index.attributes.get(alias);
    if (attribute?.kind !== "VECTOR") throw new Error(`${alias} is no vector`);
    const { dimensions } = attribute.index.parameters;
    const query = vectorBytes(random, dimensions);
    const filter = null;
    const { ids } = await attribute.index.nearest({
      query,
      k: 10_000,
      efRuntime: 0,
      filter,
      timeoutMs: 0,
    });
    found.push([...ids].map((id) => index.documents.keyOf(id)));
  }
  return found;
}

describe(`files of indexes (seed ${seed})`, () => {
  test("bring documents and graphs back, and what comes next makes the same of them", async () => {
    const random = seededRandom(seed);
    const { disk, first, copy, documents, tail } = await dumped(random);
    const second = newHost(disk, 1);
    await second.restore(copy);
    expect(second.documents("one")).toEqual(documents);
    for (const bytes of tail) second.applyBytes(bytes);
    expect(await answers(second, seededRandom(1))).toEqual(await answers(first, seededRandom(1)));
    const graphs = await first.graphs();
    expect(await second.graphs()).toEqual(graphs);
    expect(second.documents("one")).toEqual(first.documents("one"));
    expect(second.documents("two")).toEqual(first.documents("two"));
    expect([second.graphLoad("one"), second.graphLoad("two")]).toEqual(["loaded", "loaded"]);
    expect(first.graphLoad("one")).toBe("built");
    expect(second.warnings).toEqual([]);

    // As one who reads everything from the beginning.
    const third = newHost(disk);
    for (const bytes of first.log) third.applyBytes(bytes);
    expect(await third.graphs()).toEqual(await first.graphs());

    // And so does a dump of what was loaded.
    const parts = second.beginDump();
    const again = second.copyKeyspace(random);
    await second.nameParts(parts);
    const fourth = newHost(disk);
    await fourth.restore(again);
    change(second, seededRandom(seed + 1), 800);
    change(fourth, seededRandom(seed + 1), 800);
    expect(await fourth.graphs()).toEqual(await second.graphs());
  });

  test("are refused where any byte of them is wrong, and the index is complete", async () => {
    const random = seededRandom(seed);
    const { disk, first, copy, tail } = await dumped(random);
    const sound = Buffer.from(disk.content(path));
    for (let round = 0; round < 6; round += 1) {
      const bytes = Buffer.from(sound);
      const place = Math.floor(random.fraction() * bytes.length);
      if (round % 3 === 0) disk.place(path, bytes.subarray(0, place));
      else {
        bytes[place] ^= 1 << Math.floor(random.fraction() * 8);
        disk.place(path, bytes);
      }
      const second = newHost(disk);
      await second.restore(copy);
      for (const effect of tail) second.applyBytes(effect);
      expect(await answers(second, seededRandom(1))).toEqual(await answers(first, seededRandom(1)));
      await second.settle();
      expect(second.graphLoad("one"), `byte ${place}`).toMatch(/^rebuilt: .+/);
      expect(second.graphLoad("two")).toBe("loaded");
      expect(second.warnings.length).toBe(2);
      expect(second.warnings[0]).toContain('"index":"one","alias":"a","reason"');
    }
  });

  test("that are not there, or of another sequence, are done without", async () => {
    const random = seededRandom(seed);
    const { disk, first, copy, tail } = await dumped(random);
    await disk.rename(path, `${FOLDER}/${graphName(SEQUENCE + 1, 0)}`);
    const second = newHost(disk);
    await second.restore(copy);
    for (const effect of tail) second.applyBytes(effect);
    expect(await answers(second, seededRandom(1))).toEqual(await answers(first, seededRandom(1)));
    expect(second.graphLoad("one")).toBe("rebuilt: the snapshot has no file of it");
    await disk.rename(
      `${FOLDER}/${graphName(SEQUENCE + 1, 0)}`,
      `${FOLDER}/${graphName(SEQUENCE, 5)}`,
    );
    disk.place(path, disk.content(`${FOLDER}/${graphName(SEQUENCE, 1)}`));
    const third = newHost(disk);
    await third.restore(copy);
    await third.settle();
    // Under whatever number it stands, and one of two of the same index is enough.
    expect([third.graphLoad("one"), third.graphLoad("two")]).toEqual(["loaded", "loaded"]);
  });

  test("of another keyspace are refused: fewer documents, more, and other vectors", async () => {
    const random = seededRandom(seed);
    const { disk, copy } = await dumped(random);
    const other = vectorBytes(random, DIMENSIONS);
    const cases: [string, (host: GraphHost) => void, RegExp][] = [
      [
        "one less",
        (host) =>
          host.apply({ id: EffectId.keyDelete, database: 0, key: "d:gone", reason: "deleted" }),
        /lacks 1 of its documents/,
      ],
      [
        "one more",
        (host) =>
          host.apply({ id: EffectId.hashSet, database: 0, key: "d:new", pairs: ["a", other] }),
        /has 1 that it does not know/,
      ],
      [
        "another vector",
        (host) => {
          const known = [...host.keyspace.keys(0)].find((key) => {
            const value = host.keyspace.peek(0, key)?.value;
            return value?.type === "hash" && value.get("a")?.length === DIMENSIONS * 4;
          });
          if (known === undefined) throw new Error("no document has a vector");
          host.apply({ id: EffectId.hashSet, database: 0, key: known, pairs: ["a", other] });
        },
        /a vector is another one than was linked/,
      ],
    ];
    for (const [name, disturb, reason] of cases) {
      const second = newHost(disk);
      if (name === "one less") {
        const kept = copy.keys.slice(1);
        await second.restore({ indexes: copy.indexes, keys: kept });
      } else {
        await second.restore(copy, () => disturb(second));
      }
      await second.settle();
      expect(second.graphLoad("one"), name).toMatch(/^rebuilt: /);
      expect(second.graphLoad("one"), name).toMatch(reason);
      const progress = second.index("one").vectorProgress();
      expect([progress.tailCount, progress.graphCount]).toEqual([0, progress.count]);
      const keyCount = [...second.keyspace.keys(0)].length;
      expect(second.documents("one").length - 1).toBe(keyCount);
    }
  });

  test("of an index that was made anew since, or of other parameters, do not count", async () => {
    const random = seededRandom(seed);
    const { disk, copy } = await dumped(random);
    const second = newHost(disk);
    const changed = [vector("a", DIMENSIONS, { m: 12 }), ...attributes.slice(1)];
    const indexes = [create("one", "d:", changed)].map((effect) => {
      const host = newHost(disk);
      host.apply(effect);
      return host.log[0];
    });
    await second.restore({ indexes: [...indexes, ...copy.indexes.slice(1)], keys: copy.keys });
    await second.settle();
    expect(second.graphLoad("one")).toBe("rebuilt: its definition is another one");
    expect(second.graphLoad("two")).toBe("loaded");
  });

  test("are given up with their snapshot, and leave nothing behind", async () => {
    const random = seededRandom(seed);
    const { disk, copy } = await dumped(random);
    const second = newHost(disk);
    const place = { folder: FOLDER, sequence: SEQUENCE };
    await second.taker.begin(place);
    for (const bytes of [...copy.indexes, ...copy.keys.slice(100)]) second.applyBytes(bytes);
    second.apply({ id: EffectId.allFlush });
    second.taker.abandon(place);
    second.apply(create("one", "d:"));
    change(second, random, 300);
    expect(second.graphLoad("one")).toBe("built");
    await second.settle();
    expect(second.index("one").vectorProgress().tailCount).toBe(0);
  });

  test("are given up while they are written, and nothing waits for them", async () => {
    const random = seededRandom(seed);
    const disk = new FakeDisk(random);
    const first = newHost(disk);
    first.apply(create("one", "d:"));
    change(first, random, 1500);
    const parts = first.beginDump();
    for (const part of parts) part.abandon();
    await expect(parts[0].whenWritten).rejects.toThrow("given up");
    change(first, random, 500);
    await first.settle();
    expect(first.index("one").vectorProgress().tailCount).toBe(0);

    // A failing disk too: the snapshot goes on without the file, and says so.
    disk.disturb = (_call, what) => (what === "write" ? "ENOSPC" : undefined);
    const failing = first.beginDump();
    await expect(failing[0].whenWritten).rejects.toThrow("ENOSPC");
    expect(first.warnings.length).toBe(1);
    await first.settle();

    // And an index that is dropped meanwhile.
    disk.disturb = () => undefined;
    const dropped = first.beginDump();
    first.apply({ id: EffectId.indexDrop, name: "one" });
    await Promise.allSettled(dropped.map(({ whenWritten }) => whenWritten));
  });

  test("of an index that was being filled leave the rest to a backfill", async () => {
    const random = seededRandom(seed);
    const disk = new FakeDisk(random);
    const first = newHost(disk);
    change(first, random, 2000);
    first.apply(create("one", "d:"));
    const keys = [...first.keyspace.keys(0)].slice(0, 200);
    first.apply({ id: EffectId.indexBackfill, name: "one", keys, left: 300 });
    change(first, random, 100);
    const parts = first.beginDump();
    const copy = first.copyKeyspace(random);
    const documents = first.documents("one");
    await first.nameParts(parts);

    const second = newHost(disk);
    await second.restore(copy);
    expect(second.documents("one")).toEqual(documents);
    expect(second.index("one").isBackfilling).toBe(true);
    second.catalog.startBackfills({
      mayWrite: () => true,
      write: (slice) => second.apply({ id: EffectId.indexBackfill, ...slice }),
    });
    await second.index("one").whenBackfilled();
    expect(second.documents("one").length - 1).toBe([...second.keyspace.keys(0)].length);
    await second.settle();
    expect(second.graphLoad("one")).toBe("loaded");
    // Whoever reads what it wrote has the same.
    const third = newHost(disk);
    await third.restore(copy);
    for (const bytes of second.log.slice(copy.indexes.length + copy.keys.length)) {
      third.applyBytes(bytes);
    }
    expect(third.index("one").isBackfilling).toBe(false);
    expect(await third.graphs()).toEqual(await second.graphs());
  });
});
