/**
 * Files as a later version might write them: the number of their format is one that is not known
 * here, and everything else is right. Whoever looks at one must say so, call it no damage that
 * could be cut away, and leave every byte of the folder as it is.
 */
import { ByteWriter } from "../../src/base/byte-writer.ts";
import { crc32c } from "../../src/base/crc32c.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { encodeEffect } from "../../src/keyspace/effect-codec.ts";
import { CHAIN_START, RECORD_TRAILER_BYTES } from "../../src/log/record-format.ts";
import { SEGMENT_HEADER_BYTES, segmentName } from "../../src/log/segment-format.ts";
import { exitCodeOf } from "../../src/node/fatal.ts";
import { Crc64 } from "../../src/rdb/crc64.ts";
import { RdbFileReader } from "../../src/rdb/file-reader.ts";
import { systemClock, systemTimers } from "../../src/runtime/clock.ts";
import { joinPath } from "../../src/runtime/disk.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { sha256 } from "../../src/runtime/hashing.ts";
import { silentLogger } from "../../src/runtime/logger.ts";
import { ExitCode, systemProcess } from "../../src/runtime/process.ts";
import { systemSecrets } from "../../src/runtime/secrets.ts";
import { repairTail } from "../../src/tools/repair-tail.ts";
import { connect, startFakeNode } from "../support/fake-node.ts";
import { followersOn } from "../support/in-process-followers.ts";
import { LOG_FOLDER, seal } from "../support/log-records.ts";
import { FakeSecrets, masterKeyOf } from "../support/secrets.ts";
import { fixtureBytes, folderOf, readFixture } from "./folder-text.ts";

interface NewerFile {
  readonly name: string;
  /** What is wrong with how it was taken; undefined if nothing is. */
  readonly look: () => Promise<string | undefined>;
}

const RECORD_CRC_AT = 88;
const VERSION_AT = 4;
const SEGMENT_CRC_AT = 504;
const FILE_HEADER_CRC_AT = 56;
const BLOCK_HEAD_BYTES = 28;
const SEGMENT_BYTES = 16 * 1024;
const FIRST_SEGMENT = joinPath(LOG_FOLDER, segmentName(1));

function goldenFolder(name = "folder-v1"): FakeDisk {
  return folderOf(readFixture(`${name}.hex`));
}

function pathOf(disk: FakeDisk, end: string): string {
  const found = disk.paths().find((path) => path.endsWith(end));
  if (found === undefined) throw new Error(`the fixture has no ${end}`);
  return found;
}

/** Folders are compared by all of their bytes; who looks may make the next segment ahead. */
function stateOf(disk: FakeDisk): string {
  return disk
    .paths()
    .map((path) => `${path} ${sha256(disk.content(path)).toString("hex")}`)
    .join("\n");
}

async function refusedStart(disk: FakeDisk, text: RegExp): Promise<string | undefined> {
  const before = stateOf(disk);
  const secrets = new FakeSecrets();
  secrets.files.set("/master-key", masterKeyOf(1));
  const isSealed = disk.paths().some((path) => path.endsWith("keys.json"));
  const masterKey = isSealed ? { file: "/master-key", command: "" } : undefined;
  const { node } = startFakeNode(disk, { segmentBytes: SEGMENT_BYTES, secrets, masterKey });
  const failure = await node.whenReady.then(
    () => undefined,
    (reason: Error) => reason,
  );
  if (failure === undefined) {
    await node.stop();
    return "it was started with";
  }
  const code = exitCodeOf(failure);
  if (code !== ExitCode.refused && code !== ExitCode.damaged) return `exit code ${code}`;
  if (!text.test(failure.message)) return failure.message;
  return stateOf(disk) === before ? undefined : "the folder was changed";
}

/** A repair must not cut away what a newer version acknowledged. */
async function refusedRepair(disk: FakeDisk): Promise<string | undefined> {
  const before = stateOf(disk);
  const world = {
    clock: systemClock,
    timers: systemTimers,
    random: seededRandom(1),
    disk,
    process: systemProcess,
    logger: silentLogger,
    secrets: systemSecrets,
    followers: followersOn(disk, systemClock, systemTimers),
  };
  const quiet = () => undefined;
  const how = { databaseCount: 16, isAgreed: true, progress: quiet, say: quiet };
  const settings = { folder: LOG_FOLDER, ...how };
  const failure = await repairTail(world, settings).then(
    () => undefined,
    (reason: Error) => reason,
  );
  if (failure === undefined) return "a repair cut it away";
  if (!/a newer version/.test(failure.message)) return failure.message;
  return stateOf(disk) === before ? undefined : "a repair changed the folder";
}

/** One segment with these records. */
function logOf(records: readonly Buffer[]): FakeDisk {
  const disk = goldenFolder("log-effects-v2");
  const header = Buffer.from(disk.content(FIRST_SEGMENT).subarray(0, SEGMENT_HEADER_BYTES));
  const content = Buffer.alloc(SEGMENT_BYTES);
  Buffer.concat([header, ...records]).copy(content);
  const alone = new FakeDisk(seededRandom(1));
  alone.place(FIRST_SEGMENT, content);
  return alone;
}

function unit(...effectBytes: Buffer[]): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32LE(effectBytes.length);
  return Buffer.concat([count, ...effectBytes]);
}

function encoded(effect: Parameters<typeof encodeEffect>[1]): Buffer {
  const writer = new ByteWriter(64);
  encodeEffect(writer, effect);
  return Buffer.from(writer.written());
}

function recordsWith(payload: Buffer): [Buffer, Buffer] {
  const claim = seal({ sequence: 1, previous: CHAIN_START, payload: Buffer.alloc(0) });
  return [claim, seal({ sequence: 2, previous: sha256(claim), payload })];
}

const sound = unit(
  encoded({ id: EffectId.stringSet, database: 0, key: "k", value: "v", expiryMs: 0 }),
);

function newerRecord(): FakeDisk {
  const [claim, record] = recordsWith(sound);
  record.writeUInt16LE(9, VERSION_AT);
  record.writeUInt32LE(crc32c(record, 0, RECORD_CRC_AT), RECORD_CRC_AT);
  const trailer = record.length - RECORD_TRAILER_BYTES;
  record.writeUInt32LE(crc32c(record, 0, trailer), trailer);
  return logOf([claim, record]);
}

function newerSegment(): FakeDisk {
  const disk = goldenFolder("log-effects-v2");
  const content = disk.content(FIRST_SEGMENT);
  content.writeUInt16LE(9, VERSION_AT);
  content.writeUInt32LE(crc32c(content, 0, SEGMENT_CRC_AT), SEGMENT_CRC_AT);
  disk.place(FIRST_SEGMENT, content);
  return disk;
}

/** The file with the number at this place of its first block, or of its header, set to 9. */
function newerBlockFile(end: string, at: "header" | "first block" | "footer"): FakeDisk {
  const disk = goldenFolder();
  const path = pathOf(disk, end);
  const content = Buffer.from(disk.content(path));
  if (at === "header") {
    content.writeUInt16LE(9, VERSION_AT);
    content.writeUInt32LE(crc32c(content, 0, FILE_HEADER_CRC_AT), FILE_HEADER_CRC_AT);
  } else {
    const trailerAt = content.length - 24;
    const head = at === "footer" ? Number(content.readBigUInt64LE(trailerAt)) : 64;
    const start = head + BLOCK_HEAD_BYTES;
    const payload = content.subarray(start, start + content.readUInt32LE(head));
    payload.writeUInt32LE(9, 0);
    content.writeUInt32LE(crc32c(payload), head + 20);
    content.writeUInt32LE(crc32c(content, head, head + 24), head + 24);
  }
  disk.place(path, content);
  return disk;
}

/** A snapshot that cannot be read is done without while the log has everything, and is kept. */
async function startedFromLog(disk: FakeDisk, text: RegExp): Promise<string | undefined> {
  const path = pathOf(disk, ".snap");
  const before = disk.content(path);
  const { node, lines } = startFakeNode(disk, { segmentBytes: SEGMENT_BYTES });
  await node.whenReady;
  const digest = await connect(node)("DEBUG", "DIGEST");
  await node.stop();
  const line = lines.find(({ message }) => message.includes("SNAPSHOT IS DAMAGED"));
  if (line === undefined || !text.test(JSON.stringify(line.fields))) return "it is not named";
  if (!disk.content(path).equals(before)) return "the snapshot was changed";
  const plain = startFakeNode(goldenFolder(), { segmentBytes: SEGMENT_BYTES });
  await plain.node.whenReady;
  const expected = await connect(plain.node)("DEBUG", "DIGEST");
  await plain.node.stop();
  return digest === expected ? undefined : "the log gave another state";
}

async function rebuiltGraph(disk: FakeDisk, text: RegExp): Promise<string | undefined> {
  const { node } = startFakeNode(disk, { segmentBytes: SEGMENT_BYTES });
  await node.whenReady;
  const information = JSON.stringify(await connect(node)("FT.INFO", "golden"));
  await node.stop();
  return text.test(information) ? undefined : "FT.INFO does not say why";
}

function newerKeyRing(): FakeDisk {
  const disk = goldenFolder("folder-sealed-v1");
  const path = pathOf(disk, "keys.json");
  const text = disk.content(path).toString().replace('"version": 1', '"version": 9');
  disk.place(path, Buffer.from(text));
  return disk;
}

async function newerRdb(): Promise<string | undefined> {
  const bytes = fixtureBytes("redis-file.hex");
  const content = Buffer.concat([Buffer.from("REDIS0099"), bytes.subarray(9, -8)]);
  const checksum = new Crc64();
  checksum.update(content);
  const footer = Buffer.alloc(8);
  checksum.write(footer, 0);
  const whole = Buffer.concat([content, footer]);
  const read = async (into: Uint8Array, offset: number) =>
    whole.copy(into, 0, offset, offset + into.length);
  const failure = await new RdbFileReader({ read }, whole.length).nextKeys().then(
    () => undefined,
    (reason: Error) => reason,
  );
  return /version 99 .* not known/.test(failure?.message ?? "") ? undefined : String(failure);
}

/** In the middle of what is known. */
const unknownEffect = Buffer.from("c80000000000", "hex");
const newerDefinition = encoded({ id: EffectId.indexCreate, name: "i", definition: "\x09" });
const ofNewer = /format version 9, which a newer version of Lodestone wrote: start that one/;

export const newerFiles: readonly NewerFile[] = [
  { name: "record", look: () => refusedStart(newerRecord(), ofNewer) },
  { name: "record, repaired", look: () => refusedRepair(newerRecord()) },
  { name: "segment", look: () => refusedStart(newerSegment(), ofNewer) },
  { name: "segment, repaired", look: () => refusedRepair(newerSegment()) },
  {
    name: "effect",
    look: () =>
      refusedStart(
        logOf(recordsWith(unit(unknownEffect))),
        /record 2 .* effect 200 is not known .* newer version\?/,
      ),
  },
  {
    name: "definition",
    look: () =>
      refusedStart(
        logOf(recordsWith(unit(newerDefinition))),
        /record 2 .* unknown version 9.* newer version\?/,
      ),
  },
  {
    name: "block file",
    look: () => startedFromLog(newerBlockFile(".snap", "header"), /format version 9 is not known/),
  },
  {
    name: "snapshot",
    look: () =>
      startedFromLog(newerBlockFile(".snap", "footer"), /version 9 of the footer is not known/),
  },
  {
    name: "file of an index",
    look: () => rebuiltGraph(newerBlockFile("graph-0", "first block"), /version 9 is not known/),
  },
  {
    name: "key ring",
    look: () => refusedStart(newerKeyRing(), /keys\.json.* version 9 is not known/),
  },
  { name: "file of Redis's", look: newerRdb },
];
