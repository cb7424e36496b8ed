/**
 * When a snapshot is due of itself: by the log's length, by age, by the time of day, or by Redis's
 * save points. Times of day are UTC, so that no clock change makes one twice or leaves one out.
 */
const DAY_MS = 24 * 60 * 60 * 1000;
const MINUTE_MS = 60_000;

export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

export interface SnapshotRules {
  /** 0: not by length. */
  readonly logBytes: number;
  /** 0: not by age. */
  readonly ageMs: number;
  /** Minutes of the day. */
  readonly minutes: readonly number[];
  readonly savePoints: readonly SavePoint[];
}

export interface SnapshotState {
  readonly nowMs: number;
  /** When the newest was made; when the first write of the log came, if there is none. */
  readonly lastSavedAtMs: number;
  readonly logBytesSince: number;
  readonly changesSince: number;
}

/** Why one is due; undefined while none is. Nothing is due while nothing was written since. */
export function dueReason(rules: SnapshotRules, state: SnapshotState): string | undefined {
  const { nowMs, lastSavedAtMs, logBytesSince, changesSince } = state;
  if (logBytesSince === 0) return undefined;
  const ageMs = nowMs - lastSavedAtMs;
  if (rules.logBytes > 0 && logBytesSince >= rules.logBytes) return "the log's length";
  if (rules.ageMs > 0 && ageMs >= rules.ageMs) return "age";
  const isPast = rules.minutes.some((minute) => lastSavedAtMs < lastOccurrence(minute, nowMs));
  if (isPast) return "schedule";
  const isSavePoint = rules.savePoints.some(
    ({ seconds, changes }) => changesSince >= changes && ageMs >= seconds * 1000,
  );
  return isSavePoint ? "save point" : undefined;
}

function lastOccurrence(minute: number, nowMs: number): number {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS + minute * MINUTE_MS;
  return today <= nowMs ? today : today - DAY_MS;
}

const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** `HH:MM`, separated by spaces; undefined for what is none. */
export function parseTimes(text: string): number[] | undefined {
  const minutes: number[] = [];
  for (const word of wordsOf(text)) {
    const match = TIME.exec(word);
    if (match === null) return undefined;
    minutes.push(Number(match[1]) * 60 + Number(match[2]));
  }
  return minutes;
}

/** Redis's `seconds changes seconds changes`; undefined for what is none. */
export function parseSavePoints(text: string): SavePoint[] | undefined {
  const numbers = wordsOf(text).map(Number);
  if (numbers.length % 2 !== 0) return undefined;
  const points: SavePoint[] = [];
  for (let index = 0; index < numbers.length; index += 2) {
    const [seconds, changes] = [numbers[index], numbers[index + 1]];
    const isGood = Number.isInteger(seconds) && Number.isInteger(changes);
    if (!isGood || seconds < 1 || changes < 0) return undefined;
    points.push({ seconds, changes });
  }
  return points;
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
