/**
 * H7, snapshots: blocks of a snapshot are changed, effects in them moved, doubled or strange, with
 * all checksums made right again. Read alone, each is refused as damaged or holds values as sound
 * as any. Under a node each start succeeds with what the log says, or with what the snapshot says,
 * or is refused with an exit code that is not our own fault's; then it serves.
 *
 * LODESTONE_CORRUPT_SNAPSHOTS says how many, LODESTONE_TEST_SEED begins them again.
 */
import { must } from "../../src/base/assert.ts";
import { ByteReader } from "../../src/base/byte-reader.ts";
import { ByteWriter } from "../../src/base/byte-writer.ts";
import { commandTable } from "../../src/commands/registry.ts";
import { type Effect, EffectId } from "../../src/keyspace/effect.ts";
import { decodeEffect, encodeEffect } from "../../src/keyspace/effect-codec.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { joinPath } from "../../src/runtime/disk.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom as worldRandom } from "../../src/runtime/fake-world.ts";
import { FILE_HEADER_BYTES } from "../../src/snapshot/block-file-format.ts";
import { loadEffects } from "../../src/snapshot/load-effects.ts";
import { inSlotOrder } from "../../src/snapshot/slot-order.ts";
import {
  decodeFooter,
  encodeFooter,
  SnapshotBlockType,
} from "../../src/snapshot/snapshot-format.ts";
import { snapshotName } from "../../src/snapshot/snapshot-names.ts";
import { SnapshotDamaged, SnapshotReader } from "../../src/snapshot/snapshot-reader.ts";
import { typeGroups } from "../support/call-maker.ts";
import { pick, type Random, randomCall, seededRandom } from "../support/command-grammar.ts";
import { connect, startFakeNode } from "../support/fake-node.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { InProcessServer } from "../support/in-process-server.ts";
import { LOG_FOLDER } from "../support/log-records.ts";
import {
  BLOCK_OVERHEAD_BYTES,
  corruptedFile,
  type LooseBlock,
  type LooseFile,
  putTogether,
  takenApart,
} from "./block-files.ts";
import { judgeStart, type NodeTraffic } from "./node-judge.ts";
import { checkValues } from "./sound-values.ts";

const SNAPSHOTS = Number(process.env["LODESTONE_CORRUPT_SNAPSHOTS"] ?? 500);
const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
/** One in so many is also started with. */
const START_EVERY = 10;
const SEGMENT_BYTES = 64 * 1024;
const CALLS = 250;
/** So small that nearly all values come in several parts. */
const PART_BYTES = 24;
const STRING_PART_BYTES = 600;
const BLOCK_BYTES = 400;
const FAILURES_MAX = 5;
const SLOW_MS = 10_000;

const commands = commandTable.all
  .filter(({ name, declaration, subcommands }) => {
    const isBlocking = declaration.flags.includes("blocking");
    const isOfType = typeGroups.has(declaration.group) && subcommands === null;
    return isOfType && !isBlocking && name !== "pfselftest";
  })
  .concat(commandTable.all.filter(({ name }) => name.startsWith("xgroup|")))
  .map(({ declaration }) => declaration);

interface Folder {
  /** Of the whole folder, by path. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly snapshotPath: string;
  readonly sequence: number;
  readonly loose: LooseFile;
  readonly digest: unknown;
}

async function makeFolder(random: Random): Promise<Folder> {
  const disk = new FakeDisk(worldRandom(1));
  const { node } = startFakeNode(disk, { segmentBytes: SEGMENT_BYTES });
  await node.whenReady;
  const send = connect(node);
  const schema = "SCHEMA t TAG v VECTOR HNSW 6 TYPE FLOAT32 DIM 2 DISTANCE_METRIC L2".split(" ");
  await send("FT.CREATE", "one", "PREFIX", "1", "d:", ...schema);
  for (let number = 0; number < 9; number += 1) {
    const bytes = Buffer.from(Float32Array.of(random(), random()).buffer).toString("latin1");
    await send("HSET", `d:${number}`, "t", "a", "v", bytes);
  }
  for (let left = CALLS; left > 0; left -= 1) {
    await send(...randomCall(pick(commands, random), random));
  }
  await send("RESET");
  if ((await send("SAVE")) !== "OK") throw new Error("no snapshot was made");
  await send("SET", "behind", "the snapshot");
  const digest = await send("DEBUG", "DIGEST");
  await node.stop();
  const files = new Map(disk.paths().map((path) => [path, Buffer.from(disk.content(path))]));
  const snapshotPath = must(
    disk.paths().find((path) => path.endsWith(".snap")),
    "a snapshot is there",
  );
  const whole = takenApart(disk.content(snapshotPath));
  const { sequence } = whole.header;
  return { files, snapshotPath, sequence, loose: inSmallParts(whole), digest };
}

function payloadsOf(effects: readonly Effect[]): LooseBlock[] {
  const blocks: LooseBlock[] = [];
  const writer = new ByteWriter(64);
  const flush = (): void => {
    if (writer.length === 0) return;
    const payload = Buffer.from(writer.written());
    blocks.push({ type: SnapshotBlockType.entries, keyId: 0, payload });
    writer.clear();
  };
  for (const effect of effects) {
    encodeEffect(writer, effect);
    if (writer.length > BLOCK_BYTES) flush();
  }
  flush();
  return blocks;
}

/** The same keyspace in more and smaller parts and blocks, so that a small file has all kinds. */
function inSmallParts({ header, blocks }: LooseFile): LooseFile {
  const keyspace = new Keyspace();
  const globals: LooseBlock[] = [];
  for (const block of blocks.slice(0, -1)) {
    if (block.type === SnapshotBlockType.globals) globals.push(block);
    else for (const effect of effectsIn(block.payload)) keyspace.apply(effect, 0);
  }
  const effects: Effect[] = [];
  for (const { database, key } of inSlotOrder(keyspace)) {
    const entry = must(keyspace.peek(database, key), "a key that was just met");
    // A long string is extended in place: its first part is long.
    const partBytes = entry.value.type === "string" ? STRING_PART_BYTES : PART_BYTES;
    for (const effect of loadEffects(database, key, entry, partBytes)) effects.push(effect);
  }
  const entries = payloadsOf(effects);
  const footer = decodeFooter(must(blocks.at(-1), "a file has a footer").payload);
  if (typeof footer === "string") throw new Error(footer);
  let offset = FILE_HEADER_BYTES;
  for (const { payload } of globals) offset += BLOCK_OVERHEAD_BYTES + payload.length;
  const places = entries.map(({ payload }) => {
    const place = { firstSlot: 0, offset };
    offset += BLOCK_OVERHEAD_BYTES + payload.length;
    return place;
  });
  const end = Buffer.from(encodeFooter({ ...footer, blocks: places }));
  return { header, blocks: [...globals, ...entries, { type: 0, keyId: 0, payload: end }] };
}

function effectsIn(payload: Buffer): Effect[] {
  const reader = new ByteReader(Buffer.from(payload));
  const effects: Effect[] = [];
  while (reader.remaining > 0) effects.push(decodeEffect(reader));
  return effects;
}

/** What no snapshot holds; `other` is a database that is not there. */
function strangers(random: Random): Effect[] {
  const other = pick([0, 1, 15, 16, 255], random);
  return [
    { id: EffectId.allFlush },
    { id: EffectId.databaseFlush, database: other },
    { id: EffectId.databaseSwap, database: 0, other },
    { id: EffectId.indexDrop, name: "one" },
    { id: EffectId.indexSeal, name: "none" },
    { id: EffectId.indexBackfill, name: "one", left: 5, keys: ["a", "d:1"] },
    { id: EffectId.keyDelete, database: 0, key: "a", reason: "deleted" },
    { id: EffectId.hashSet, database: 0, key: "d:1", pairs: ["t", "b"] },
  ];
}

/** Whole effects in other places, twice, gone, or such as no snapshot has. */
function withMovedEffects(file: LooseFile, random: Random): LooseFile {
  const blocks = [...file.blocks];
  const at = Math.floor(random() * (blocks.length - 1));
  const effects = effectsIn(blocks[at].payload);
  for (let left = 1 + Math.floor(random() * 3); left > 0; left -= 1) {
    const place = Math.floor(random() * effects.length);
    const dice = random();
    if (dice < 0.3) effects.splice(place, 1);
    else if (dice < 0.7) {
      const others = effectsIn(blocks[Math.floor(random() * (blocks.length - 1))].payload);
      effects.splice(place, 0, pick(others, random));
    } else effects.splice(place, 0, pick(strangers(random), random));
  }
  const writer = new ByteWriter(64);
  for (const effect of effects) encodeEffect(writer, effect);
  blocks[at] = { ...blocks[at], payload: Buffer.from(writer.written()) };
  return { header: file.header, blocks };
}

class SnapshotFuzzer {
  readonly #random: Random;
  readonly #folder: Folder;
  readonly counts = { refused: 0, sound: 0, started: 0, startedFromLog: 0, notStarted: 0 };
  readonly failures: string[] = [];

  constructor(random: Random, folder: Folder) {
    this.#random = random;
    this.#folder = folder;
  }

  async snapshot(isStarted: boolean): Promise<void> {
    const random = this.#random;
    const { loose } = this.#folder;
    const file = random() < 0.4 ? withMovedEffects(loose, random) : corruptedFile(loose, random);
    const bytes = putTogether(file);
    const startedAt = performance.now();
    try {
      await this.#read(bytes);
      if (isStarted) await this.#start(bytes);
    } catch (failure) {
      const trace = failure instanceof Error ? failure.stack : String(failure);
      this.failures.push(`snapshot ${blockOf(loose, file)}: ${trace}`);
    }
    const ms = performance.now() - startedAt;
    if (ms > SLOW_MS) this.failures.push(`a snapshot took ${ms} ms: ${blockOf(loose, file)}`);
  }

  async #read(bytes: Buffer): Promise<void> {
    const { sequence } = this.#folder;
    const disk = new FakeDisk(worldRandom(1));
    disk.place(joinPath(LOG_FOLDER, snapshotName(sequence)), bytes);
    const server = new InProcessServer({ configuration: [["debug-commands", "yes"]] });
    try {
      const reader = await SnapshotReader.open(disk, LOG_FOLDER, sequence, undefined);
      await reader.load(server.keyspace, 0, () => undefined);
      await reader.close();
    } catch (failure) {
      if (!(failure instanceof SnapshotDamaged)) throw failure;
      this.counts.refused += 1;
      return;
    }
    this.counts.sound += 1;
    checkValues(server, server.connect(), [...server.keyspace.keys(0)], this.#random);
  }

  async #start(bytes: Buffer): Promise<void> {
    const { files, snapshotPath, digest } = this.#folder;
    const disk = new FakeDisk(worldRandom(1));
    for (const [path, content] of files) disk.place(path, Buffer.from(content));
    disk.place(snapshotPath, bytes);
    const traffic: NodeTraffic = async (send, lines) => {
      const isFromLog = lines.some(({ message }) => message.includes("SNAPSHOT IS DAMAGED"));
      this.counts[isFromLog ? "startedFromLog" : "started"] += 1;
      const found = await send("DEBUG", "DIGEST");
      if (isFromLog && found !== digest)
        throw new Error("the log was there, and gave another state");
      await send("FT.SEARCH", "one", "@t:{a}");
      await send("FT.INFO", "one");
      for (const key of (await send("KEYS", "*")) as string[]) {
        await send("DUMP", key);
        await send("DEL", key);
      }
    };
    const options = { segmentBytes: SEGMENT_BYTES };
    const { isServed, failure } = await judgeStart(disk, options, traffic);
    if (!isServed) this.counts.notStarted += 1;
    if (failure !== undefined) throw new Error(`a start: ${failure}`);
  }
}

/** The block that is another one, in hexadecimal digits. */
function blockOf(sound: LooseFile, bad: LooseFile): string {
  const at = bad.blocks.findIndex((block, index) => block !== sound.blocks[index]);
  return `block ${at}: ${bad.blocks[at]?.payload.toString("hex").slice(0, 1200)}`;
}

export async function fuzzSnapshots(): Promise<HarnessReport> {
  const random = seededRandom(seed);
  const fuzzer = new SnapshotFuzzer(random, await makeFolder(random));
  let count = 0;
  while (count < SNAPSHOTS && fuzzer.failures.length < FAILURES_MAX) {
    await fuzzer.snapshot(count % START_EVERY === 0);
    count += 1;
  }
  return {
    harness: "H7 snapshot",
    title: "snapshots that were changed, checksums and all, are refused, or sound",
    seed,
    figures: { snapshots: count, ...fuzzer.counts },
    failures: fuzzer.failures,
  };
}
