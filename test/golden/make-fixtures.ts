/**
 * Makes golden files of what this version writes, always the same:
 * `node test/golden/make-fixtures.ts NAME…`. Never for a name that was released: those are read for
 * ever, and are not made again.
 *
 *   log-effects-v2      a log with every kind of effect (`golden-effects.ts`)
 *   folder-v1           a whole data folder: log, snapshot, the file of an index
 *   folder-sealed-v1    the same, encrypted with the master key of `support/secrets.ts`
 *   redis-file          what the redis-server on the path saves (`support/rdb-values.ts`)
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CHAIN_START, RecordKind } from "../../src/log/record-format.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { sha256 } from "../../src/runtime/hashing.ts";
import { unitPayload } from "../fuzz/record-harness.ts";
import { connect, startFakeNode } from "../support/fake-node.ts";
import { seal, writeLog } from "../support/log-records.ts";
import { rdbCases } from "../support/rdb-values.ts";
import { RedisPeer } from "../support/redis-peer.ts";
import { FakeSecrets, masterKeyOf } from "../support/secrets.ts";
import { folderText, linesOf, writeFixture } from "./folder-text.ts";
import { goldenEffectEpochs } from "./golden-effects.ts";
import { goldenFolderCalls } from "./golden-folder.ts";

const GOLDEN_TIME_MS = 1_763_000_000_000;
const SEGMENT_BYTES = 16 * 1024;
const SECRETS_SEED = 7;
const PAYLOAD_BYTES_MAX = 1500;

function effectRecords(): Buffer[] {
  const records: Buffer[] = [];
  let previous: Buffer = CHAIN_START;
  const add = (epoch: number, kind: RecordKind, payload: Buffer): void => {
    const sequence = records.length + 1;
    const timeMs = GOLDEN_TIME_MS + sequence;
    const unitCount = kind === RecordKind.claim ? 0 : 1;
    const record = seal({ sequence, previous, payload, epoch, kind, timeMs, unitCount });
    records.push(record);
    previous = sha256(record);
  };
  for (const [index, units] of goldenEffectEpochs.entries()) {
    add(index + 1, RecordKind.claim, Buffer.alloc(0));
    for (const effects of units) add(index + 1, RecordKind.units, unitPayload(effects));
  }
  return records;
}

async function effectsLog(): Promise<string> {
  const disk = new FakeDisk(seededRandom(1));
  await writeLog(disk, SEGMENT_BYTES, effectRecords());
  return folderText(disk);
}

async function wholeFolder(isSealed: boolean): Promise<string> {
  const disk = new FakeDisk(seededRandom(1));
  const secrets = new FakeSecrets(SECRETS_SEED);
  secrets.files.set("/master-key", masterKeyOf(1));
  const { node } = startFakeNode(disk, {
    segmentBytes: SEGMENT_BYTES,
    nowMs: () => GOLDEN_TIME_MS,
    secrets,
    masterKey: isSealed ? { file: "/master-key", command: "" } : undefined,
  });
  await node.whenReady;
  const send = connect(node);
  for (const call of goldenFolderCalls()) {
    const reply = await send(...call);
    if (reply instanceof Error) throw reply;
  }
  await node.stop();
  return folderText(disk);
}

async function redisFile(): Promise<string> {
  const peer = await RedisPeer.start([], { isBinary: true });
  for (const [index, { commands }] of rdbCases.entries()) {
    for (const call of commands) await peer.command(...call);
    // A fixture stays small.
    if (String(await peer.command("dump", "k")).length > PAYLOAD_BYTES_MAX) {
      await peer.command("del", "k");
      continue;
    }
    await peer.command("copy", "k", `key ${index}`, "db", String(index % 3));
    if (index % 4 === 0) await peer.command("pexpireat", `key ${index}`, "9000000000000");
    await peer.command("del", "k");
  }
  await peer.command("save");
  const bytes = readFileSync(join(peer.folder, "dump.rdb"));
  await peer.stop();
  return `${linesOf(bytes).join("\n")}\n`;
}

const makers: Readonly<Record<string, () => Promise<string>>> = {
  "log-effects-v2": effectsLog,
  "folder-v1": () => wholeFolder(false),
  "folder-sealed-v1": () => wholeFolder(true),
  "redis-file": redisFile,
};

for (const name of process.argv.slice(2)) {
  const make = makers[name];
  if (make === undefined) throw new Error(`there is no fixture ${name} to make`);
  writeFixture(`${name}.hex`, await make());
}
process.exit(0);
