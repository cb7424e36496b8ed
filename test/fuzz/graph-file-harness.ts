/**
 * H7, files of indexes: what stands in their blocks is changed, with all checksums made right
 * again, and they are taken back with their keyspace. Each is refused with a reason that people are
 * told, or is loaded; either way every document is there under one id, searches find documents that
 * are there at distances that are true, and writing goes on.
 *
 * LODESTONE_CORRUPT_GRAPHS says how many, LODESTONE_TEST_SEED begins them again.
 */
import { assert } from "../../src/base/assert.ts";
import { type Effect, EffectId } from "../../src/keyspace/effect.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom as worldRandom } from "../../src/runtime/fake-world.ts";
import { encodeSchema } from "../../src/search/definition.ts";
import { graphName } from "../../src/snapshot/snapshot-names.ts";
import { schemaOf, tag, vector } from "../search/index-support.ts";
import { FOLDER, GraphHost, type KeyspaceCopy, SEQUENCE } from "../snapshot/graph-host.ts";
import { type Random, seededRandom } from "../support/command-grammar.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { corruptedFile, type LooseFile, putTogether, takenApart } from "./block-files.ts";
import { within } from "./fuzzed-server.ts";

const FILES = Number(process.env["LODESTONE_CORRUPT_GRAPHS"] ?? 120);
const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const DIMENSIONS = 8;
const KEYS = 300;
const WAIT_MS_MAX = 20_000;
const FAILURES_MAX = 5;
const PATH = `${FOLDER}/${graphName(SEQUENCE, 0)}`;

const attributes = [
  vector("a", DIMENSIONS, { m: 4, efConstruction: 40 }),
  tag("tag"),
  vector("b", DIMENSIONS, { metric: "COSINE", m: 6, efConstruction: 30 }),
];
const created: Effect = {
  id: EffectId.indexCreate,
  name: "one",
  definition: encodeSchema(schemaOf(attributes, ["d:"])),
};

function vectorBytes(random: Random): Buffer {
  return Buffer.from(Float32Array.from({ length: DIMENSIONS }, () => random() * 2 - 1).buffer);
}

function write(host: GraphHost, random: Random, count: number): void {
  for (let left = count; left > 0; left -= 1) {
    const key = `d:${Math.floor(random() * KEYS)}`;
    if (random() < 0.15 && host.keyspace.peek(0, key) !== undefined) {
      host.apply({ id: EffectId.keyDelete, database: 0, key, reason: "deleted" });
      continue;
    }
    const pairs = ["tag", "x", "a", vectorBytes(random), "b", vectorBytes(random)];
    host.apply({ id: EffectId.hashSet, database: 0, key, pairs });
  }
}

async function searches(host: GraphHost, random: Random): Promise<void> {
  const index = host.index("one");
  for (const alias of ["a", "b"]) {
    const attribute = index.attributes.get(alias);
    assert(attribute?.kind === "VECTOR", "the attribute is one of vectors");
    const query = vectorBytes(random);
    const plan = { query, k: 20, efRuntime: 0, filter: null, timeoutMs: 0 };
    const { ids, distances } = await attribute.index.nearest(plan);
    let before = Number.NEGATIVE_INFINITY;
    for (const [place, id] of ids.entries()) {
      const key = index.documents.keyOf(id);
      assert(key !== undefined, `what is found is there: ${id}`);
      assert(distances[place] >= before, "what is nearer comes first");
      before = distances[place];
      if (alias === "a") checkDistance(host, key, query, distances[place]);
    }
    assert(new Set(ids).size === ids.length, "nobody is found twice");
  }
}

/** Squared, of the field that the key has. */
function checkDistance(host: GraphHost, key: string, query: Buffer, distance: number): void {
  const value = host.keyspace.peek(0, key)?.value;
  assert(value?.type === "hash", "a document is a hash");
  const field = value.get("a");
  assert(Buffer.isBuffer(field) || typeof field === "string", "a document has its vector");
  const bytes = Buffer.from(field as string, "latin1");
  let sum = 0;
  for (let at = 0; at < DIMENSIONS; at += 1) {
    sum += (bytes.readFloatLE(at * 4) - query.readFloatLE(at * 4)) ** 2;
  }
  assert(Math.abs(sum - distance) < 1e-3, `a distance is true: ${distance}, and not ${sum}`);
}

function checkDocuments(host: GraphHost): void {
  const keys = [...host.keyspace.keys(0)].filter((key) => key.startsWith("d:"));
  const lines = host.documents("one").slice(1);
  assert(lines.length === keys.length, `${lines.length} documents of ${keys.length} keys`);
  const known = new Set(lines.map((line) => line.split(" ")[1]));
  for (const key of keys) assert(known.has(key), `the index has ${key}`);
}

interface Dump {
  readonly file: LooseFile;
  readonly copy: KeyspaceCopy;
}

async function makeDump(random: Random): Promise<Dump> {
  const disk = new FakeDisk(worldRandom(1));
  const host = new GraphHost(disk, 1);
  host.apply(created);
  write(host, random, 700);
  const parts = host.beginDump();
  const copy = host.copyKeyspace(worldRandom(1));
  await host.nameParts(parts);
  await host.close();
  return { file: takenApart(disk.content(PATH)), copy };
}

/** How the index says that it came back. */
async function takeBack(content: Buffer, copy: KeyspaceCopy, random: Random): Promise<string> {
  const disk = new FakeDisk(worldRandom(1));
  disk.place(PATH, content);
  const host = new GraphHost(disk, 1);
  await host.restore(copy);
  checkDocuments(host);
  await searches(host, random);
  write(host, random, 60);
  await host.settle();
  await searches(host, random);
  checkDocuments(host);
  const told = host.graphLoad("one");
  await host.close();
  return told;
}

export async function fuzzGraphFiles(): Promise<HarnessReport> {
  const random = seededRandom(seed);
  const { file, copy } = await makeDump(random);
  const failures: string[] = [];
  const counts = { loaded: 0, rebuilt: 0 };
  const sound = await takeBack(putTogether(file), copy, random);
  if (sound !== "loaded") failures.push(`the sound file: ${sound}`);
  let count = 0;
  while (count < FILES && failures.length < FAILURES_MAX) {
    count += 1;
    const content = putTogether(corruptedFile(file, random));
    const told = await within(
      takeBack(content, copy, random).catch((failure: Error) => failure),
      WAIT_MS_MAX,
    );
    if (told === undefined) failures.push(`file ${count} hangs`);
    else if (told instanceof Error) failures.push(`file ${count}: ${told.stack}`);
    else if (told === "loaded") counts.loaded += 1;
    else if (/^rebuilt: ./.test(told)) counts.rebuilt += 1;
    else failures.push(`file ${count}: it came back as ${told}`);
  }
  return {
    harness: "H7 graph",
    title: "files of indexes that were changed, checksums and all, do no harm",
    seed,
    figures: { files: count, ...counts },
    failures,
  };
}
