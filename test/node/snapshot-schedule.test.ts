/**
 * When snapshots come of themselves, and which of them go.
 */
import { describe, expect, test } from "vitest";
import { snapshotsToRemove } from "../../src/node/snapshot-retention.ts";
import {
  dueReason,
  parseSavePoints,
  parseTimes,
  type SnapshotRules,
} from "../../src/node/snapshot-schedule.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A midnight. */
const DAY = 20_000 * DAY_MS;
const never: SnapshotRules = { logBytes: 0, ageMs: 0, minutes: [], savePoints: [] };

function reason(rules: Partial<SnapshotRules>, nowMs: number, savedAtMs: number, bytes = 1) {
  const state = { nowMs, lastSavedAtMs: savedAtMs, logBytesSince: bytes, changesSince: bytes };
  return dueReason({ ...never, ...rules }, state);
}

describe("a snapshot is due", () => {
  test("never while nothing was written since the last, and never without a rule", () => {
    const all = { logBytes: 1, ageMs: 1, minutes: [0], savePoints: [{ seconds: 1, changes: 0 }] };
    expect(reason(all, DAY + DAY_MS, DAY, 0)).toBeUndefined();
    expect(reason({}, DAY + DAY_MS, DAY, 1e9)).toBeUndefined();
  });

  test("by the log's length and by age", () => {
    expect(reason({ logBytes: 100 }, DAY, DAY, 99)).toBeUndefined();
    expect(reason({ logBytes: 100 }, DAY, DAY, 100)).toBe("the log's length");
    expect(reason({ ageMs: HOUR_MS }, DAY + HOUR_MS - 1, DAY)).toBeUndefined();
    expect(reason({ ageMs: HOUR_MS }, DAY + HOUR_MS, DAY)).toBe("age");
  });

  test("at each time of day once, also if the server did not run then", () => {
    const rules = { minutes: parseTimes("03:00 15:30") ?? [] };
    const [three, half] = [DAY + 3 * HOUR_MS, DAY + 15.5 * HOUR_MS];
    expect(reason(rules, three - 1, DAY)).toBeUndefined();
    expect(reason(rules, three, DAY)).toBe("schedule");
    expect(reason(rules, half - 1, three)).toBeUndefined();
    expect(reason(rules, half, three)).toBe("schedule");
    expect(reason(rules, DAY + DAY_MS, half)).toBeUndefined();
    expect(reason(rules, DAY + 9 * HOUR_MS, DAY - HOUR_MS)).toBe("schedule");
  });

  test("by save points, all of whose numbers must be reached", () => {
    const rules = { savePoints: parseSavePoints("3600 1 60 100") ?? [] };
    expect(reason(rules, DAY + 59_999, DAY, 100)).toBeUndefined();
    expect(reason(rules, DAY + 60_000, DAY, 99)).toBeUndefined();
    expect(reason(rules, DAY + 60_000, DAY, 100)).toBe("save point");
    expect(reason(rules, DAY + HOUR_MS, DAY, 1)).toBe("save point");
  });

  test("by texts that are what they say", () => {
    expect(parseTimes("")).toEqual([]);
    expect(parseTimes(" 00:00  23:59 ")).toEqual([0, 1439]);
    for (const text of ["24:00", "3:00", "03:60", "noon"]) expect(parseTimes(text)).toBeUndefined();
    expect(parseSavePoints("")).toEqual([]);
    for (const text of ["900", "0 1", "900 -1", "x 1", "900 1 5"]) {
      expect(parseSavePoints(text)).toBeUndefined();
    }
  });
});

describe("of snapshots", () => {
  const at = (sequence: number, days: number) => ({ sequence, madeAtMs: DAY + days * DAY_MS });
  const removed = (list: ReturnType<typeof at>[], days: number, retentionDays: number) =>
    snapshotsToRemove(list, DAY + days * DAY_MS, retentionDays).map(({ sequence }) => sequence);

  test("the newest two stay, whatever their age", () => {
    expect(removed([at(1, 0), at(2, 1), at(3, 2)], 400, 0)).toEqual([1]);
    expect(removed([at(1, 0), at(2, 1)], 400, 0)).toEqual([]);
    expect(removed([], 0, 7)).toEqual([]);
  });

  test("of each of the last days the newest stays", () => {
    const list = [at(1, 0), at(2, 0.5), at(3, 1), at(4, 1.2), at(5, 1.9), at(6, 2), at(7, 2.1)];
    expect(removed(list, 2.2, 7)).toEqual([4, 3, 1]);
    expect(removed(list, 8, 7)).toEqual([4, 3, 2, 1]);
  });
});
