/**
 * H7, files of Redis's format: a few keys of every encoding that Redis or we write, changed behind
 * a checksum that is made right, are imported into a folder. Each file is refused, and then the
 * folder is what it was; or all of its keys are there, and as sound as any.
 *
 * LODESTONE_CORRUPT_FILES says how many, LODESTONE_TEST_SEED begins them again.
 */
import { readFileSync } from "node:fs";
import { EffectId } from "../../src/keyspace/effect.ts";
import type { Keyspace } from "../../src/keyspace/keyspace.ts";
import { flatValue } from "../../src/keyspace/restored-value.ts";
import type { World } from "../../src/node/world.ts";
import { Crc64 } from "../../src/rdb/crc64.ts";
import { RdbFileBad } from "../../src/rdb/file-reader.ts";
import { dumpPayload } from "../../src/rdb/payload.ts";
import { systemClock, systemTimers } from "../../src/runtime/clock.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom as worldRandom } from "../../src/runtime/fake-world.ts";
import { systemProcess } from "../../src/runtime/process.ts";
import { systemSecrets } from "../../src/runtime/secrets.ts";
import { withFolder } from "../../src/tools/folder.ts";
import { importFile } from "../../src/tools/import-file.ts";
import { Refusal } from "../../src/tools/refusal.ts";
import { pick, type Random, seededRandom } from "../support/command-grammar.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { followersOn } from "../support/in-process-followers.ts";
import { InProcessServer, silentLogger } from "../support/in-process-server.ts";
import { rdbCases } from "../support/rdb-values.ts";
import { corrupted } from "./byte-mutations.ts";
import { checkValues } from "./sound-values.ts";

const FILES = Number(process.env["LODESTONE_CORRUPT_FILES"] ?? 1000);
const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const PAYLOAD_FOOTER_BYTES = 10;
const PAYLOAD_BYTES_MAX = 3000;
const KEYS_MAX = 5;
const SEGMENT_BYTES = 256 * 1024;
const FAILURES_MAX = 5;
const SLOW_MS = 10_000;
const FILE = "/dump.rdb";

/** Type and value, as DUMP gives them: of both versions of Redis, and our own. */
function values(): Buffer[] {
  const fixtures = new URL("../fixtures/rdb-payloads.hex", import.meta.url);
  const lines = readFileSync(fixtures, "utf8").trimEnd().split("\n");
  const payloads: Buffer[] = lines.map((line) => Buffer.from(line.split("|")[2], "hex"));
  for (const { commands } of rdbCases) {
    const client = new InProcessServer().connect();
    for (const call of commands) client.command(...call);
    payloads.push(Buffer.from(String(client.command("DUMP", "k")), "latin1"));
  }
  const pairs = ["f", "v", "g", "w"];
  payloads.push(dumpPayload({ type: "fields", pairs, isLarge: false, expiriesMs: [9e12, 0] }));
  return payloads
    .filter(({ length }) => length <= PAYLOAD_BYTES_MAX)
    .map((payload) => payload.subarray(0, payload.length - PAYLOAD_FOOTER_BYTES));
}

/** A whole file of them, without its end. */
function fileBody(all: readonly Buffer[], random: Random): Buffer {
  const parts: Buffer[] = [Buffer.from("REDIS0012\xfe\x00", "latin1")];
  for (let left = 1 + Math.floor(random() * KEYS_MAX); left > 0; left -= 1) {
    const value = pick(all, random);
    const key = `key ${left}`;
    if (random() < 0.2) parts.push(Buffer.from([0xfc]), Buffer.from("00e0f1c5b3080000", "hex"));
    if (random() < 0.1) parts.push(Buffer.from([0xfe, Math.floor(random() * 18)]));
    const name = Buffer.from(key, "latin1");
    parts.push(value.subarray(0, 1), Buffer.from([name.length]), name, value.subarray(1));
  }
  return Buffer.concat(parts);
}

function sealedFile(body: Buffer): Buffer {
  const content = Buffer.concat([body, Buffer.from([0xff])]);
  const checksum = new Crc64();
  checksum.update(content);
  const footer = Buffer.alloc(8);
  checksum.write(footer, 0);
  return Buffer.concat([content, footer]);
}

function worldOf(disk: FakeDisk): World {
  return {
    clock: systemClock,
    timers: systemTimers,
    random: worldRandom(1),
    disk,
    process: systemProcess,
    logger: silentLogger,
    secrets: systemSecrets,
    followers: followersOn(disk, systemClock, systemTimers),
  };
}

const settings = {
  folder: "/log",
  databaseCount: 16,
  segmentBytes: SEGMENT_BYTES,
  say: () => undefined,
};

/** Keys of all databases, with the numbers of their databases. */
function keyNames(keyspace: Keyspace): string[] {
  return keyspace.databases.flatMap((database, number) =>
    [...database.keys()].map((key) => `${number} ${key}`),
  );
}

/** The values stand in another keyspace too, where commands can work with them. */
function work(keyspace: Keyspace, random: Random): void {
  for (const database of keyspace.databases) {
    const server = new InProcessServer({ configuration: [["debug-commands", "yes"]] });
    const names = [...database.keys()];
    for (const key of names) {
      const entry = database.get(key);
      if (entry === undefined) continue;
      const value = flatValue(entry.value);
      const { expiryMs } = entry;
      server.keyspace.apply({ id: EffectId.keyRestore, database: 0, key, value, expiryMs }, 0);
    }
    if (names.length > 0) checkValues(server, server.connect(), names, random);
  }
}

class FileFuzzer {
  readonly #random: Random;
  readonly #values = values();
  refusedCount = 0;
  importedCount = 0;
  readonly failures: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  async file(): Promise<void> {
    const random = this.#random;
    const bytes = sealedFile(corrupted(fileBody(this.#values, random), random));
    const startedAt = performance.now();
    try {
      await this.#import(bytes);
    } catch (failure) {
      const trace = failure instanceof Error ? failure.stack : String(failure);
      this.failures.push(`file ${bytes.toString("hex").slice(0, 1000)}: ${trace}`);
    }
    const ms = performance.now() - startedAt;
    if (ms > SLOW_MS) this.failures.push(`a file took ${ms} ms: ${bytes.toString("hex")}`);
  }

  async #import(bytes: Buffer): Promise<void> {
    const disk = new FakeDisk(worldRandom(1));
    const world = worldOf(disk);
    disk.place(FILE, bytes);
    let count: number | undefined;
    try {
      const counts = await importFile(world, { ...settings, file: FILE, isReplacing: false });
      count = counts.importedCount;
    } catch (failure) {
      if (!(failure instanceof Refusal || failure instanceof RdbFileBad)) throw failure;
    }
    if (count === undefined) {
      this.refusedCount += 1;
      const left = disk.paths().filter((path) => path !== FILE);
      if (left.length === 0) return;
      const names = await withFolder(world, settings, async (open) => keyNames(open.keyspace));
      if (names.length > 0) throw new Error(`refused, and ${names.length} keys are there`);
      return;
    }
    this.importedCount += 1;
    await withFolder(world, settings, async ({ keyspace }) => {
      const found = keyNames(keyspace).length;
      if (found !== count) throw new Error(`${count} keys were imported, and ${found} are there`);
      work(keyspace, this.#random);
    });
  }
}

export async function fuzzRdbFiles(): Promise<HarnessReport> {
  const fuzzer = new FileFuzzer(seededRandom(seed));
  let count = 0;
  while (count < FILES && fuzzer.failures.length < FAILURES_MAX) {
    await fuzzer.file();
    count += 1;
  }
  const { refusedCount, importedCount } = fuzzer;
  return {
    harness: "H7 rdb",
    title: "files of Redis's format that were changed are refused whole, or imported whole",
    seed,
    figures: { files: count, refused: refusedCount, imported: importedCount },
    failures: fuzzer.failures,
  };
}
