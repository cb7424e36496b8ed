/**
 * H7, folders of the log: records, their headers, segments' headers and definitions of indexes are
 * changed, and all checksums and the chain are made right again, as only somebody who means it can.
 * A node that starts on such a folder refuses it, with an exit code that is not our own fault's, or
 * serves: searches and writes are answered, and it stops in peace.
 *
 * LODESTONE_CORRUPT_FOLDERS says how many, LODESTONE_TEST_SEED begins them again.
 */
import { ByteReader } from "../../src/base/byte-reader.ts";
import { crc32c } from "../../src/base/crc32c.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { decodeEffect } from "../../src/keyspace/effect-codec.ts";
import { CHAIN_START } from "../../src/log/record-format.ts";
import {
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentName,
} from "../../src/log/segment-format.ts";
import { joinPath } from "../../src/runtime/disk.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom as worldRandom } from "../../src/runtime/fake-world.ts";
import { pick, type Random, seededRandom } from "../support/command-grammar.ts";
import { connect, startFakeNode } from "../support/fake-node.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { LOG_FOLDER } from "../support/log-records.ts";
import { corrupted } from "./byte-mutations.ts";
import { judgeStart } from "./node-judge.ts";
import { unitPayload } from "./record-harness.ts";
import { PREVIOUS_AT, payloadOf, recordsOf, segmentOf, withPayload } from "./record-surgery.ts";

const FOLDERS = Number(process.env["LODESTONE_CORRUPT_FOLDERS"] ?? 300);
const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const SEGMENT_BYTES = 256 * 1024;
const FAILURES_MAX = 5;

const floats = (random: Random, count: number): string =>
  Buffer.from(Float32Array.from({ length: count }, () => random()).buffer).toString("latin1");

/** What the folder holds before it is changed: one record for each. */
function baseCalls(random: Random): string[][] {
  const vector = (name: string, how: string) => [name, "VECTOR", ...how.split(" ")];
  const flat = "FLAT 6 TYPE FLOAT32 DIM 4 DISTANCE_METRIC L2";
  const graph =
    "HNSW 14 TYPE FLOAT32 DIM 4 DISTANCE_METRIC COSINE INITIAL_CAP 10 M 4 EF_CONSTRUCTION 20 " +
    "EF_RUNTIME 10";
  const calls = [
    ["HSET", "d:before", "t", "a", "n", "1", "v", floats(random, 4), "w", floats(random, 4)],
    [
      ..."FT.CREATE one PREFIX 2 d: e: SCHEMA t TAG SEPARATOR ; n NUMERIC SORTABLE x TEXT".split(
        " ",
      ),
      ...vector("v", flat),
      ...vector("w", graph),
    ],
    ["FT.CREATE", "two", "STOPWORDS", "1", "the", "SCHEMA", "x", "TEXT", "WEIGHT", "2"],
    ["FT.CREATE", "three", "SCHEMA", ...vector("w", graph)],
    ["FT.DROPINDEX", "three"],
  ];
  for (let number = 0; number < 12; number += 1) {
    const fields = ["t", pick(["a", "b", "a;b"], random), "n", String(number), "x", "the word"];
    const vectors = ["v", floats(random, 4), "w", floats(random, 4)];
    calls.push(["HSET", `d:${number % 9}`, ...fields, ...vectors]);
  }
  return [
    ...calls,
    ["DEL", "d:3"],
    ["SET", "s", "v", "PX", "100000000"],
    ["APPEND", "s", "more"],
    ["RPUSH", "l", "1", "2", "3"],
    ["SADD", "set", "a", "b"],
    ["ZADD", "z", "1", "a", "2", "b"],
    ["XADD", "x", "1-1", "f", "v"],
    ["XGROUP", "CREATE", "x", "g", "0"],
    ["RENAME", "d:4", "e:4"],
    ["SWAPDB", "0", "1"],
    ["SWAPDB", "0", "1"],
  ];
}

async function makeRecords(random: Random): Promise<Buffer[]> {
  const disk = new FakeDisk(worldRandom(1));
  const { node } = startFakeNode(disk, { segmentBytes: SEGMENT_BYTES });
  await node.whenReady;
  const send = connect(node);
  for (const call of baseCalls(random)) await send(...call);
  await node.stop();
  return recordsOf(disk.content(joinPath(LOG_FOLDER, segmentName(1))));
}

/** Version, kind, shard, key, epoch, sequence, count, length, writer, time. */
const FIELDS_START = 4;

/** The same record with the definitions in it changed; undefined if it has none. */
function withBadDefinition(record: Buffer, random: Random): Buffer | undefined {
  const reader = new ByteReader(payloadOf(record));
  const units: Buffer[] = [];
  let isChanged = false;
  while (reader.remaining > 0) {
    const effects = Array.from({ length: reader.u32() }, () => decodeEffect(reader));
    units.push(
      unitPayload(
        effects.map((effect) => {
          if (effect.id !== EffectId.indexCreate) return effect;
          isChanged = true;
          const definition = corrupted(Buffer.from(effect.definition), random);
          return { ...effect, definition: definition.toString("latin1") };
        }),
      ),
    );
  }
  return isChanged ? withPayload(record, Buffer.concat(units)) : undefined;
}

function badHeader(record: Buffer, random: Random): Buffer {
  const bad = Buffer.from(record);
  const length = PREVIOUS_AT - FIELDS_START;
  const fields = corrupted(record.subarray(FIELDS_START, PREVIOUS_AT), random);
  fields.copy(bad, FIELDS_START, 0, Math.min(fields.length, length));
  return bad;
}

function badRecord(records: readonly Buffer[], at: number, random: Random): Buffer {
  const record = records[at];
  const dice = random();
  if (dice < 0.2) return badHeader(record, random);
  const payload = payloadOf(record);
  return payload.length === 0
    ? badHeader(record, random)
    : withPayload(record, corrupted(payload, random));
}

class FolderFuzzer {
  readonly #random: Random;
  readonly #records: readonly Buffer[];
  servedCount = 0;
  refusedCount = 0;
  readonly failures: string[] = [];

  constructor(random: Random, records: readonly Buffer[]) {
    this.#random = random;
    this.#records = records;
  }

  async folder(): Promise<void> {
    const { disk, what } = this.#badFolder();
    const { isServed, failure } = await judgeStart(disk, { segmentBytes: SEGMENT_BYTES }, (send) =>
      traffic(send, this.#random),
    );
    if (isServed) this.servedCount += 1;
    else this.refusedCount += 1;
    if (failure !== undefined) this.failures.push(`${what}: ${failure}`);
  }

  #badFolder(): { readonly disk: FakeDisk; readonly what: string } {
    const random = this.#random;
    const records = [...this.#records];
    const isOfSegment = random() < 0.05;
    let what = "the segment's header";
    if (!isOfSegment) {
      const definition = random() < 0.35 ? this.#badDefinition(records) : undefined;
      const at = definition?.at ?? Math.floor(random() * records.length);
      records[at] = definition?.record ?? badRecord(records, at, random);
      // What comes behind it often does not fit any more, and is refused for that.
      if (random() < 0.7) records.length = at + 1;
      what = `record ${at + 1}: ${records[at].toString("hex").slice(0, 800)}`;
    }
    const head = encodeSegmentHeader({ shard: 0, firstSequence: 1, previous: CHAIN_START });
    const header = isOfSegment ? badSegmentHeader(head, random) : head;
    const content = segmentOf(header, records, SEGMENT_BYTES);
    const disk = new FakeDisk(worldRandom(1));
    disk.place(joinPath(LOG_FOLDER, segmentName(1)), content);
    return { disk, what };
  }

  #badDefinition(records: readonly Buffer[]) {
    const found: { at: number; record: Buffer }[] = [];
    for (const [at, record] of records.entries()) {
      const bad = withBadDefinition(record, this.#random);
      if (bad !== undefined) found.push({ at, record: bad });
    }
    return pick(found, this.#random);
  }
}

function badSegmentHeader(header: Buffer, random: Random): Buffer {
  const crcAt = SEGMENT_HEADER_BYTES - 8;
  const fields = corrupted(header.subarray(FIELDS_START, 64), random);
  const bad = Buffer.from(header);
  fields.copy(bad, FIELDS_START, 0, Math.min(fields.length, 60));
  bad.writeUInt32LE(crc32c(bad, 0, crcAt), crcAt);
  return bad;
}

async function traffic(send: ReturnType<typeof connect>, random: Random): Promise<void> {
  const names = (await send("FT._LIST")) as string[];
  for (const name of [...names, "one"]) {
    await send("FT.INFO", name);
    await send("FT.SEARCH", name, "*", "LIMIT", "0", "3");
    await send("FT.SEARCH", name, "@t:{a} @n:[0 5] @x:word");
    for (const field of ["v", "w"]) {
      const query = `*=>[KNN 3 @${field} $q]`;
      await send("FT.SEARCH", name, query, "PARAMS", "2", "q", floats(random, 4), "DIALECT", "2");
    }
  }
  const document = [
    "t",
    "a",
    "n",
    "3",
    "x",
    "word",
    "v",
    floats(random, 4),
    "w",
    floats(random, 4),
  ];
  for (const key of ["d:new", "e:4", "d:1"]) await send("HSET", key, ...document);
  for (const key of (await send("KEYS", "*")) as string[]) {
    await send("DUMP", key);
    await send("DEL", key);
  }
  for (const name of names) await send("FT.DROPINDEX", name);
}

export async function fuzzLogFolders(): Promise<HarnessReport> {
  const random = seededRandom(seed);
  const fuzzer = new FolderFuzzer(random, await makeRecords(random));
  let count = 0;
  while (count < FOLDERS && fuzzer.failures.length < FAILURES_MAX) {
    await fuzzer.folder();
    count += 1;
  }
  const { servedCount, refusedCount } = fuzzer;
  return {
    harness: "H7 log",
    title: "folders that were changed, checksums and all, are refused, or served",
    seed,
    figures: { folders: count, refused: refusedCount, served: servedCount },
    failures: fuzzer.failures,
  };
}
