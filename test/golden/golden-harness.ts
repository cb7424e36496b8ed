/**
 * H14: whatever a version wrote is read for ever, and gives the same state; what a later version
 * wrote is refused by name, and nothing is changed by looking at it. Files of single formats are
 * compared by their own tests too (`test/{log,keys,search,snapshot}`); here they are all loaded as
 * a node or a tool loads them, and held to their digests.
 */
import { setImmediate as turn } from "node:timers/promises";
import { must } from "../../src/base/assert.ts";
import { keyspaceDigest } from "../../src/commands/server/digest.ts";
import { KEY_RING_NAME } from "../../src/keys/key-ring-format.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { recover } from "../../src/node/recover.ts";
import { systemClock, systemTimers } from "../../src/runtime/clock.ts";
import { joinPath } from "../../src/runtime/disk.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { FakeWorld, seededRandom } from "../../src/runtime/fake-world.ts";
import { sha256 } from "../../src/runtime/hashing.ts";
import { silentLogger } from "../../src/runtime/logger.ts";
import { systemProcess } from "../../src/runtime/process.ts";
import { systemSecrets } from "../../src/runtime/secrets.ts";
import { decodeSchema, encodeSchema } from "../../src/search/definition.ts";
import { withFolder } from "../../src/tools/folder.ts";
import { importFile } from "../../src/tools/import-file.ts";
import { connect, startFakeNode } from "../support/fake-node.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { followersOn } from "../support/in-process-followers.ts";
import { LOG_FOLDER, openDriver } from "../support/log-records.ts";
import { FakeSecrets, masterKeyOf } from "../support/secrets.ts";
import { fixtureBytes, folderOf, readFixture } from "./folder-text.ts";
import { goldenSearches } from "./golden-folder.ts";
import { newerFiles } from "./newer-files.ts";

const DIGEST_DIGITS = 32;

/** Of what `Load` says of each. Never changed; a fixture that is made anew would be another one. */
const expectedDigests: Readonly<Record<string, string>> = {
  "folder-sealed-v1": "95f5cd152939447406e59affe5ce1428",
  "folder-v1": "95f5cd152939447406e59affe5ce1428",
  "log-effects-v2": "cc05bb3852a8be944e808d247efbf5c7",
  "redis-file": "e8d33a85641d085d078ed6cdf233e714",
  "log-v1": "b082033f02c9bcab956362f9cefa4b06",
  "log-v1-indexes": "da80e17b0ae8e344449ca856689aafda",
  "log-v2": "0b9e5efa6c58aac3c4c6f2263be57d15",
  "index-definition-version-1": "7cda93fae2fe29d6c4233e100a45e0cb",
  "index-definition-version-2": "7cda93fae2fe29d6c4233e100a45e0cb",
};

/** The fixture's state in one line. */
type Load = (name: string) => Promise<string>;

/** Fixtures of before files' sizes were written down have segments of this size. */
const OLD_SEGMENT_BYTES = 2048;

function diskOf(name: string): FakeDisk {
  const text = readFixture(`${name}.hex`);
  const sized = text.replaceAll(/^(file \S+)$/gm, `$1 ${OLD_SEGMENT_BYTES}`);
  return folderOf(sized);
}

/** Definitions of indexes in the oldest ones are no definitions, so no index is made of them. */
const loadLog: Load = async (name) => {
  const keyspace = new Keyspace();
  const driver = openDriver(diskOf(name), OLD_SEGMENT_BYTES);
  const world = { clock: systemClock, timers: new FakeWorld(), logger: silentLogger };
  const timers = systemTimers;
  const { tail } = await recover(driver, keyspace, { ...world, timers }, () => undefined);
  await driver.close();
  return `${tail.sequence} ${tail.chain.toString("hex").slice(0, 16)} ${keyspaceDigest(keyspace)}`;
};

function withMasterKey(): FakeSecrets {
  const secrets = new FakeSecrets();
  secrets.files.set("/master-key", masterKeyOf(1));
  return secrets;
}

/** How the index's graph came back, once it did: links are checked on other threads. */
async function graphLoad(send: ReturnType<typeof connect>): Promise<string> {
  for (;;) {
    const information = JSON.stringify(await send("FT.INFO", "golden"));
    const told = /rebuilt|loaded|loading/.exec(information)?.[0] ?? "built";
    if (told !== "loading") return told;
    await turn();
  }
}

/** With searches, and where its parts came from. */
const loadFolder: Load = async (name) => {
  const disk = diskOf(name);
  const isSealed = disk.paths().includes(joinPath(LOG_FOLDER, KEY_RING_NAME));
  const { node } = startFakeNode(disk, {
    secrets: withMasterKey(),
    masterKey: isSealed ? { file: "/master-key", command: "" } : undefined,
  });
  await node.whenReady;
  const send = connect(node);
  const parts = [String(await send("DEBUG", "DIGEST"))];
  for (const search of goldenSearches) parts.push(JSON.stringify(await send(...search)));
  const information = String(await send("INFO", "everything"));
  parts.push(/rdb_last_load_keys_loaded:\d+/.exec(information)?.[0] ?? "no snapshot");
  parts.push(await graphLoad(send));
  await node.stop();
  return parts.join(" ");
};

const importRdb: Load = async (name) => {
  const disk = new FakeDisk(seededRandom(1));
  disk.place("/dump.rdb", fixtureBytes(`${name}.hex`));
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
  const say = () => undefined;
  const settings = { folder: "/log", databaseCount: 16, segmentBytes: 2 ** 20, say };
  const { importedCount } = await importFile(world, {
    ...settings,
    file: "/dump.rdb",
    isReplacing: false,
  });
  const digest = await withFolder(world, settings, async (open) => keyspaceDigest(open.keyspace));
  return `${importedCount} ${digest}`;
};

const loadDefinition: Load = async (name) => {
  const schema = decodeSchema(fixtureBytes(`${name}.hex`));
  return encodeSchema(schema).toString("hex");
};

const loads: Readonly<Record<string, Load>> = {
  "log-v1": loadLog,
  "log-v1-indexes": loadLog,
  "log-v2": loadLog,
  "log-effects-v2": loadLog,
  "folder-v1": loadFolder,
  "folder-sealed-v1": loadFolder,
  "redis-file": importRdb,
  "index-definition-version-1": loadDefinition,
  "index-definition-version-2": loadDefinition,
};

export async function loadGoldenFiles(
  expected: Readonly<Record<string, string>> = expectedDigests,
): Promise<HarnessReport> {
  const failures: string[] = [];
  for (const [name, load] of Object.entries(loads)) {
    const wanted = must(expected[name], `a digest of ${name}`);
    const found = await load(name).catch((failure: Error) => String(failure.stack));
    const digest = sha256(Buffer.from(found)).toString("hex").slice(0, DIGEST_DIGITS);
    if (digest !== wanted) failures.push(`${name}: ${digest}, and not ${wanted}: ${found}`);
  }
  let refusedCount = 0;
  for (const { name, look } of newerFiles) {
    const wrong = await look().catch((failure: Error) => String(failure.stack));
    if (wrong === undefined) refusedCount += 1;
    else failures.push(`a newer ${name}: ${wrong}`);
  }
  return {
    harness: "H14",
    title: "files of every version are read for ever, and newer ones refused",
    seed: undefined,
    figures: { files: Object.keys(loads).length, newerRefused: refusedCount },
    failures,
  };
}
