/**
 * Which snapshots may go: all but the newest two, from which a start recovers, and of each of the
 * last days the newest, which is what people go back to. A snapshot that is made for the log's
 * length comes many times a day, and keeping all of those would fill the disk.
 */
const DAY_MS = 24 * 60 * 60 * 1000;
const KEPT_ALWAYS = 2;

export interface DatedSnapshot {
  readonly sequence: number;
  readonly madeAtMs: number;
}

/** The newest is the last; `retentionDays` 0 keeps the newest two alone. */
export function snapshotsToRemove<Snapshot extends DatedSnapshot>(
  snapshots: readonly Snapshot[],
  nowMs: number,
  retentionDays: number,
): Snapshot[] {
  const keptDays = new Set<number>();
  const removed: Snapshot[] = [];
  for (let index = snapshots.length - 1; index >= 0; index -= 1) {
    const snapshot = snapshots[index];
    const day = Math.floor(snapshot.madeAtMs / DAY_MS);
    const isOfNewest = index >= snapshots.length - KEPT_ALWAYS;
    const isYoung = nowMs - snapshot.madeAtMs <= retentionDays * DAY_MS;
    if (isOfNewest || (isYoung && !keptDays.has(day))) keptDays.add(day);
    else removed.push(snapshot);
  }
  return removed;
}
