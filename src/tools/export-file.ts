/**
 * A folder's keys into a dump.rdb that redis-server loads. The file appears under its name when all
 * of it is on the disk. Indexes, users and configuration are no part of the format.
 */
import type { Bytes } from "../base/bytes.ts";
import { LODESTONE_VERSION } from "../base/version.ts";
import type { RestoredValue } from "../keyspace/effect.ts";
import type { Entry } from "../keyspace/entry.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { flatValue } from "../keyspace/restored-value.ts";
import type { World } from "../node/world.ts";
import { formOf } from "../rdb/encode-value.ts";
import { RdbFileWriter } from "../rdb/file-writer.ts";
import { type FolderSettings, withFolder } from "./folder.ts";
import { Refusal } from "./refusal.ts";

const CHUNK_BYTES = 1024 * 1024;
const REPORT_PERIOD_MS = 1000;
const VERSION_MIN = 10;

export interface ExportSettings extends FolderSettings {
  readonly file: string;
}

export interface ExportCounts {
  keyCount: number;
  byteCount: number;
  /** Of the format; 10 is Redis 7.0's, 11 that of 7.2, 12 that of 7.4. */
  version: number;
}

export async function exportFile(world: World, settings: ExportSettings): Promise<ExportCounts> {
  const { disk } = world;
  const { file, folder, say } = settings;
  if ((await disk.list(folder)).length === 0) throw new Refusal(`there is no log in ${folder}`);
  if (await disk.exists(file)) throw new Refusal(`${file} is there already`);
  return await withFolder(world, settings, async ({ keyspace }) => {
    if (keyspace.indexDefinitions.size > 0) {
      say(`left out: ${keyspace.indexDefinitions.size} search indexes, which the format has not`);
    }
    const beside = `${file}.new`;
    if (await disk.exists(beside)) await disk.remove(beside);
    const counts = await write(world, settings, keyspace, beside);
    await disk.rename(beside, file);
    await disk.syncFolder(folderOf(file));
    return counts;
  });
}

async function write(
  { disk, clock }: World,
  { progress }: ExportSettings,
  keyspace: Keyspace,
  path: string,
): Promise<ExportCounts> {
  const nowMs = clock.nowMs();
  const version = neededVersion(keyspace, nowMs);
  const counts = { keyCount: 0, byteCount: 0, version };
  const createdAt = String(Math.floor(nowMs / 1000));
  const writer = new RdbFileWriter(version, {
    "lodestone-ver": LODESTONE_VERSION,
    "redis-bits": "64",
    ctime: createdAt,
  });
  const file = await disk.open(path, "create");
  try {
    const append = async (bytes: Buffer) => {
      await file.write(bytes, counts.byteCount);
      counts.byteCount += bytes.length;
    };
    let reportedAt = clock.monotonicMs();
    for (const [database, store] of keyspace.databases.entries()) {
      if (store.keyCount === 0) continue;
      writer.beginDatabase(database, store.keyCount, 0);
      for (const key of store.keys()) {
        const entry = keyspace.peek(database, key);
        const value = entry === undefined ? undefined : valueAt(entry, nowMs);
        if (entry === undefined || value === undefined) continue;
        writer.key(key, value, entry.expiryMs);
        counts.keyCount += 1;
        if (writer.pendingBytes >= CHUNK_BYTES) await append(writer.take());
        if (clock.monotonicMs() - reportedAt < REPORT_PERIOD_MS) continue;
        reportedAt = clock.monotonicMs();
        progress?.(`exported: ${counts.keyCount} keys`);
      }
    }
    await append(writer.take());
    await append(writer.end());
    await file.sync();
  } finally {
    await file.close();
  }
  return counts;
}

function neededVersion(keyspace: Keyspace, nowMs: number): number {
  let version = VERSION_MIN;
  for (const [database, store] of keyspace.databases.entries()) {
    for (const key of store.keys()) {
      const entry = keyspace.peek(database, key);
      // All other types fit the oldest.
      if (entry?.value.type !== "stream" && entry?.value.type !== "hash") continue;
      if (entry.value.type === "hash" && entry.value.expiringCount === 0) continue;
      const value = valueAt(entry, nowMs);
      if (value !== undefined) version = Math.max(version, formOf(value).version);
    }
  }
  return version;
}

/** Undefined if its time has passed, or that of all its fields. */
function valueAt(entry: Entry, nowMs: number): RestoredValue | undefined {
  if (entry.expiryMs !== 0 && entry.expiryMs <= nowMs) return undefined;
  const value = flatValue(entry.value);
  if (value.type !== "fields" || value.expiriesMs.length === 0) return value;
  const pairs: Bytes[] = [];
  const expiriesMs: number[] = [];
  for (const [index, timeMs] of value.expiriesMs.entries()) {
    if (timeMs !== 0 && timeMs <= nowMs) continue;
    pairs.push(value.pairs[index * 2], value.pairs[index * 2 + 1]);
    expiriesMs.push(timeMs);
  }
  return pairs.length === 0 ? undefined : { ...value, pairs, expiriesMs };
}

function folderOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "." : path.slice(0, end + 1);
}
