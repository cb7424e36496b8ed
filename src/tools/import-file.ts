/**
 * A dump.rdb into a folder. The file is read twice: once to its end, so that nothing is changed if
 * one byte of it is wrong or does not fit, and once more to write its keys to the log, as effects,
 * like a server's. What is reported as imported is durable.
 */
import { limits } from "../base/limits.ts";
import { EffectId, type KeyRestore } from "../keyspace/effect.ts";
import { Keyspace } from "../keyspace/keyspace.ts";
import { restoredSize } from "../keyspace/restored-value.ts";
import { Appender } from "../log/appender.ts";
import type { World } from "../node/world.ts";
import { RdbFileReader, type RdbKey } from "../rdb/file-reader.ts";
import { type Disk, DiskError, type DiskFile } from "../runtime/disk.ts";
import { type FolderSettings, type OpenFolder, withFolder } from "./folder.ts";
import { Refusal } from "./refusal.ts";

const WRITER_ID_BYTES = 8;
/** What may wait for the disk before the next keys are read. */
const PENDING_BYTES_MAX = 16 * 1024 * 1024;
const REPORT_PERIOD_MS = 1000;

export interface ImportSettings extends FolderSettings {
  readonly file: string;
  /** Keys that are there already are replaced; otherwise they are a reason to refuse. */
  readonly isReplacing: boolean;
}

export interface ImportCounts {
  importedCount: number;
  replacedCount: number;
  /** Their time had passed. */
  expiredCount: number;
}

export async function importFile(world: World, settings: ImportSettings): Promise<ImportCounts> {
  const { folder, databaseCount } = settings;
  const file = await openedFile(world.disk, settings.file);
  try {
    // A file that is no good leaves no folder behind.
    const isNew = (await world.disk.list(folder)).length === 0;
    if (isNew) await checkFile(world, settings, file, new Keyspace(databaseCount));
    return await withFolder(world, settings, async (open) => {
      if (!isNew) await checkFile(world, settings, file, open.keyspace);
      return await writeKeys(world, settings, file, open);
    });
  } finally {
    await file.close();
  }
}

/** A file that cannot be opened is a mistake in the call, and no failure of the log's disk. */
async function openedFile(disk: Disk, path: string): Promise<DiskFile> {
  try {
    return await disk.open(path, "read");
  } catch (failure) {
    throw failure instanceof DiskError ? new Refusal(failure.message) : failure;
  }
}

async function checkFile(
  world: World,
  settings: ImportSettings,
  file: DiskFile,
  keyspace: Keyspace,
): Promise<void> {
  const { isReplacing, say } = settings;
  let keyCount = 0;
  const nowMs = world.clock.nowMs();
  // Of the file's own keys, so that one that comes twice is found before anything is written.
  const met = new Keyspace(keyspace.databases.length);
  const reader = await visitKeys(world, settings, file, "checked", (item) => {
    const { database, key, value, expiryMs } = item;
    keyCount += 1;
    if (database >= keyspace.databases.length) {
      throw new Refusal(
        `the file has keys in database ${database}: say --databases ${database + 1} or more, ` +
          "here and to the server",
      );
    }
    if (restoredSize(value) + key.length > limits.restoredBytesMax) {
      throw new Refusal(`the value of ${JSON.stringify(key)} is larger than one may be`);
    }
    if (!isReplacing && isLive(keyspace, database, key, nowMs)) {
      throw new Refusal(
        `${JSON.stringify(key)} is in database ${database} already: say --replace, or take another folder`,
      );
    }
    if (isReplacing || (expiryMs !== 0 && expiryMs <= nowMs)) return;
    if (isLive(met, database, key, nowMs)) {
      throw new Refusal(`${JSON.stringify(key)} comes twice in the file: say --replace`);
    }
    met.apply({ id: EffectId.stringSet, database, key, value: "", expiryMs: 0 }, nowMs);
  });
  const checksum = reader.hasChecksum ? "its checksum is right" : "it has no checksum";
  say(`${settings.file} is sound: version ${reader.version}, ${keyCount} keys, ${checksum}`);
  const { functionCount, moduleDataCount, emptyCount } = reader;
  if (functionCount > 0) say(`left out: ${functionCount} libraries of functions`);
  if (moduleDataCount > 0) say(`left out: what ${moduleDataCount} modules keep beside keys`);
  if (emptyCount > 0) say(`left out: ${emptyCount} keys without elements`);
}

async function writeKeys(
  world: World,
  settings: ImportSettings,
  file: DiskFile,
  { keyspace, driver, tail, keys }: OpenFolder,
): Promise<ImportCounts> {
  const counts = { importedCount: 0, replacedCount: 0, expiredCount: 0 };
  const appender = new Appender({
    driver,
    shard: 0,
    writerId: Buffer.from(world.random.hex(WRITER_ID_BYTES), "hex"),
    soon: (run) => world.timers.soon(run),
    monotonicMs: () => world.clock.monotonicMs(),
    nowMs: () => world.clock.nowMs(),
  });
  await appender.claim(tail, await keys.begin(tail.sequence));
  const nowMs = world.clock.nowMs();
  const take = (item: RdbKey) => takeKey(settings, keyspace, appender, item, nowMs, counts);
  try {
    await visitKeys(world, settings, file, "imported", take, async () => {
      if (appender.pendingBytes > PENDING_BYTES_MAX) await appender.drain();
      const reason = keyspace.isFull ? "keys and short strings have no room" : appender.refusal;
      if (reason === undefined) return;
      throw new Refusal(`${reason}: ${counts.importedCount} keys are imported, the rest is not`);
    });
  } finally {
    // Nothing is closed under an append that is in flight.
    await appender.drain();
  }
  return counts;
}

function takeKey(
  { isReplacing }: ImportSettings,
  keyspace: Keyspace,
  appender: Appender,
  { database, key, value, expiryMs }: RdbKey,
  nowMs: number,
  counts: ImportCounts,
): void {
  if (expiryMs !== 0 && expiryMs <= nowMs) {
    counts.expiredCount += 1;
    return;
  }
  if (isLive(keyspace, database, key, nowMs)) {
    // The check found no such key: the file is another one now.
    if (!isReplacing) throw new Refusal(changedMeanwhile(key, counts));
    counts.replacedCount += 1;
  }
  const effect: KeyRestore = { id: EffectId.keyRestore, database, key, value, expiryMs };
  keyspace.apply(effect, nowMs);
  appender.appendUnit([effect]);
  counts.importedCount += 1;
}

function changedMeanwhile(key: string, { importedCount }: ImportCounts): string {
  const name = JSON.stringify(key);
  return `the file was changed: ${name} is there; ${importedCount} keys are imported, the rest is not`;
}

function isLive(keyspace: Keyspace, database: number, key: string, nowMs: number): boolean {
  const store = keyspace.databases[database];
  const location = store.find(key);
  if (location === 0) return false;
  const expiryMs = store.expiryMsAt(location);
  return expiryMs === 0 || expiryMs > nowMs;
}

/** `between` runs between two batches. */
async function visitKeys(
  { clock }: World,
  { progress }: ImportSettings,
  file: DiskFile,
  what: string,
  visit: (item: RdbKey) => void,
  between: () => Promise<void> = async () => undefined,
): Promise<RdbFileReader> {
  const byteCount = await file.sizeBytes();
  const reader = new RdbFileReader(file, byteCount);
  let reportedAt = clock.monotonicMs();
  for (;;) {
    const keys = await reader.nextKeys();
    if (keys === undefined) return reader;
    for (const item of keys) visit(item);
    await between();
    if (clock.monotonicMs() - reportedAt < REPORT_PERIOD_MS) continue;
    reportedAt = clock.monotonicMs();
    progress?.(`${what}: ${Math.floor((reader.bytesDone * 100) / byteCount)} %`);
  }
}
