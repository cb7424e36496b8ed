/**
 * Point in time: what a folder held at a moment, as a new folder of its own.
 *
 * - The source is read without a lock and never changed; a server may run on it.
 * - The new folder gets the newest sound snapshot before the moment and the log behind it, cut
 *   right after the moment's record, and the key ring. Its first server claims the next epoch.
 * - Until it is whole a marker stands in it, and no server starts there: half a copy would look
 *   like a sound log that ends early. What was verified here is verified again by that start.
 */
import { FolderKeys } from "../keys/folder-keys.ts";
import { KEY_RING_NAME } from "../keys/key-ring-format.ts";
import type { MasterKeySetting } from "../keys/master-key.ts";
import { segmentsOf, walkLog } from "../log/folder-walk.ts";
import { LogDamaged, LogHeld, LogUnfit } from "../log/log-driver.ts";
import { encodeSegmentHeader, segmentName, UNFINISHED_NAME } from "../log/segment-format.ts";
import { segmentsBehind } from "../log/segment-scan.ts";
import { type Disk, DiskError, FolderHeld, joinPath, replaceFile } from "../runtime/disk.ts";
import { type RestoreBase, RestoreBases } from "./restore-base.ts";
import { type FoundMoment, MomentFinder } from "./restore-moment.ts";
import type { RestoreTarget } from "./restore-target.ts";
import type { World } from "./world.ts";

const COPY_BYTES = 4 * 1024 * 1024;
const EMPTY_SEGMENT_BYTES = 64 * 1024;
const REPORT_PERIOD_MS = 1000;
const OURS =
  /^(?:folder\.(?:lock|holder)|segment-.*|snapshot-.*|keys\.json(?:\.new)?|restore\..*)$/;

/** What stands in a folder that was held and never written to. */
const NOTHING_YET = /^(?:folder\.(?:lock|holder)|restore\.unfinished\.new)$/;

export interface RestoreSettings {
  readonly from: string;
  readonly into: string;
  readonly target: RestoreTarget;
  readonly databaseCount: number;
  readonly masterKey?: MasterKeySetting;
  readonly say: (line: string) => void;
  readonly progress: (line: string) => void;
}

export interface RestoredFolder {
  /** The newest record that is in the new folder, and when it was sealed; 0 if it does not say. */
  readonly sequence: number;
  readonly timeMs: number;
  /** 0 without one. */
  readonly snapshotSequence: number;
  readonly byteCount: number;
}

/** Throws LogUnfit where the moment is not covered, LogDamaged where it is not readable. */
export async function restoreFolder(
  world: World,
  settings: RestoreSettings,
): Promise<RestoredFolder> {
  const { disk } = world;
  const { from, into } = settings;
  if ((await disk.list(from)).length === 0) throw new LogUnfit(`there is nothing in ${from}`);
  await refuseUsed(disk, into);
  const keys = keysOf(world, settings);
  try {
    await keys.open();
    const bases = await RestoreBases.list({ ...settings, disk, folder: from, keys });
    const moment = await findMoment(world, settings, keys, bases);
    const base = await bases.choose(moment.sequence);
    return await build(world, settings, moment, base);
  } catch (failure) {
    if (!(failure instanceof DiskError) || failure.code !== "ENOENT") throw failure;
    throw new LogUnfit(
      `a file went that was to be read (${failure.message}): a server on that folder removed it, ` +
        "since it has a newer snapshot. Restore again",
    );
  } finally {
    await keys.close();
  }
}

function keysOf({ disk, secrets, clock, logger }: World, settings: RestoreSettings): FolderKeys {
  const nowMs = () => clock.nowMs();
  const master = settings.masterKey ?? { file: "", command: "" };
  return new FolderKeys({ disk, folder: settings.from, secrets, nowMs, logger, master });
}

/** Only what an earlier attempt left may be there. */
async function refuseUsed(disk: Disk, into: string): Promise<void> {
  const names = await disk.list(into);
  const pattern = names.includes(UNFINISHED_NAME) ? OURS : NOTHING_YET;
  if (names.every((name) => pattern.test(name))) return;
  throw new LogUnfit(`${into} is not empty: what is restored goes into a folder of its own`);
}

async function findMoment(
  world: World,
  settings: RestoreSettings,
  keys: FolderKeys,
  bases: RestoreBases,
): Promise<FoundMoment> {
  const { disk, clock } = world;
  const names = segmentsOf(await disk.list(settings.from));
  const nowMs = clock.nowMs();
  try {
    return (await look(world, settings, keys, names)).end(bases.moments, nowMs);
  } catch (failure) {
    // What is damaged below a snapshot that is old enough is not needed.
    const base = bases.before(settings.target);
    const needed = segmentsBehind(names, base?.sequence ?? 0);
    if (!(failure instanceof LogDamaged) || needed.length === names.length) throw failure;
    return (await look(world, settings, keys, needed)).end(bases.moments, nowMs);
  }
}

async function look(
  { disk, clock, timers }: World,
  { from, target, progress }: RestoreSettings,
  keys: FolderKeys,
  names: readonly string[],
): Promise<MomentFinder> {
  const finder = new MomentFinder(target);
  const isHeld = (await disk.holderOf(from).catch(() => undefined)) !== undefined;
  let reportedAt = clock.monotonicMs();
  try {
    await walkLog({ disk, timers, folder: from, names, isHeld, keys }, (record, place) => {
      if (clock.monotonicMs() - reportedAt >= REPORT_PERIOD_MS) {
        reportedAt = clock.monotonicMs();
        progress(`read up to record ${record.sequence}`);
      }
      return finder.take(record, place);
    });
  } catch (failure) {
    if (!(failure instanceof LogDamaged) || !finder.isDecided) throw failure;
  }
  return finder;
}

async function build(
  world: World,
  settings: RestoreSettings,
  moment: FoundMoment,
  base: RestoreBase,
): Promise<RestoredFolder> {
  const { disk } = world;
  const { from, into } = settings;
  await disk.makeFolder(into);
  const lock = await disk.lock(into, `pid ${world.process.id}, a restore`).catch((failure) => {
    throw failure instanceof FolderHeld ? new LogHeld(failure.message) : failure;
  });
  try {
    const words = `a copy of ${from} that is not whole yet\n`;
    await replaceFile(disk, into, UNFINISHED_NAME, Buffer.from(words, "utf8"));
    await removeLeftovers(disk, into);
    const copy = new Copy(world, settings);
    if (await disk.exists(joinPath(from, KEY_RING_NAME))) await copy.file(KEY_RING_NAME);
    for (const name of base.names) await copy.file(name);
    await copy.log(base, moment);
    await disk.syncFolder(into);
    await disk.remove(joinPath(into, UNFINISHED_NAME));
    await disk.syncFolder(into);
    const { sequence, timeMs } = moment;
    return { sequence, timeMs, snapshotSequence: base.sequence, byteCount: copy.byteCount };
  } finally {
    await lock.release();
  }
}

async function removeLeftovers(disk: Disk, into: string): Promise<void> {
  for (const name of await disk.list(into)) {
    if (name.startsWith("folder.") || name === UNFINISHED_NAME) continue;
    await disk.remove(joinPath(into, name));
  }
}

class Copy {
  byteCount = 0;
  readonly #world: World;
  readonly #settings: RestoreSettings;
  #reportedAt: number;

  constructor(world: World, settings: RestoreSettings) {
    this.#world = world;
    this.#settings = settings;
    this.#reportedAt = world.clock.monotonicMs();
  }

  /** What stands behind the base, cut behind the moment. */
  async log({ sequence, footer, segments }: RestoreBase, { place, ...moment }: FoundMoment) {
    if (footer !== undefined && moment.sequence === sequence) {
      await this.#emptySegment(sequence + 1, footer.chain);
      return;
    }
    if (place === undefined) throw new LogUnfit(`record ${moment.sequence} is not in the log`);
    for (const name of segments) {
      const isLast = name === place.name;
      await this.file(name, isLast ? place.endOffset : undefined);
      if (isLast) return;
    }
  }

  /** A server reads on from a snapshot in a log, however empty. */
  async #emptySegment(firstSequence: number, previous: Buffer): Promise<void> {
    const { disk } = this.#world;
    const path = joinPath(this.#settings.into, segmentName(firstSequence));
    const file = await disk.open(path, "create");
    try {
      const bytes = Buffer.alloc(EMPTY_SEGMENT_BYTES);
      encodeSegmentHeader({ shard: 0, firstSequence, previous }).copy(bytes);
      await file.write(bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** All of it, or so many bytes. */
  async file(name: string, sizeBytes?: number): Promise<void> {
    const { disk } = this.#world;
    const source = await disk.open(joinPath(this.#settings.from, name), "read");
    try {
      const end = sizeBytes ?? (await source.sizeBytes());
      const target = await disk.open(joinPath(this.#settings.into, name), "create");
      try {
        const window = Buffer.allocUnsafeSlow(Math.min(COPY_BYTES, Math.max(1, end)));
        for (let at = 0; at < end; at += window.length) {
          const bytes = window.subarray(0, Math.min(window.length, end - at));
          const count = await source.read(bytes, at);
          if (count < bytes.length) {
            throw new DiskError(`read ${source.path}: only ${at + count} bytes came`, "EIO");
          }
          await target.write(bytes, at);
          this.#report(bytes.length);
        }
        await target.sync();
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  }

  #report(byteCount: number): void {
    this.byteCount += byteCount;
    const now = this.#world.clock.monotonicMs();
    if (now - this.#reportedAt < REPORT_PERIOD_MS) return;
    this.#reportedAt = now;
    this.#settings.progress(`copied ${Math.floor(this.byteCount / 1e6)} MB`);
  }
}
