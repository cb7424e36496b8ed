/**
 * Which record of a kept log a moment means, and whether the log covers it.
 *
 * A record says when it was sealed, by its writer's clock. Everything that was acknowledged by a
 * moment was sealed by then, so the moment means the last record before the first one that is
 * later. Where the clock was set back meanwhile more than one place could be meant: that is said
 * and left to whoever asks, never guessed.
 */

import type { WalkedPlace } from "../log/folder-walk.ts";
import { LogUnfit, type StoredRecord } from "../log/log-driver.ts";
import { type RestoreTarget, timeText } from "./restore-target.ts";

/** A snapshot that can be restored by itself, without a record. */
export interface SnapshotMoment {
  readonly sequence: number;
  readonly timeMs: number;
}

export interface FoundMoment {
  readonly sequence: number;
  readonly timeMs: number;
  /** Of the record in the log; undefined where only a snapshot has it. */
  readonly place: WalkedPlace | undefined;
}

interface Seen {
  readonly sequence: number;
  readonly timeMs: number;
}

export class MomentFinder {
  /** Enough was seen: damage behind it does not matter. */
  isDecided = false;
  readonly #target: RestoreTarget;
  #first: Seen | undefined;
  #last: Seen | undefined;
  /** The first record with a time: before it times mean nothing. */
  #firstTimed: Seen | undefined;
  #found: FoundMoment | undefined;
  #later: Seen | undefined;

  constructor(target: RestoreTarget) {
    this.#target = target;
  }

  take({ sequence, timeMs }: StoredRecord, place: WalkedPlace): undefined | "stop" {
    const seen = { sequence, timeMs };
    this.#first ??= seen;
    this.#last = seen;
    if (timeMs > 0) this.#firstTimed ??= seen;
    const target = this.#target;
    if (target.kind === "sequence") {
      if (sequence !== target.sequence) return undefined;
      this.#found = { sequence, timeMs, place };
      this.isDecided = true;
      return "stop";
    }
    if (this.#firstTimed === undefined) return undefined;
    if (timeMs > target.timeMs) {
      this.#later ??= seen;
      this.isDecided = true;
      return undefined;
    }
    if (this.#later !== undefined && timeMs > 0) throw this.#ambiguous(this.#later, seen);
    this.#found = { sequence, timeMs, place };
    return undefined;
  }

  /** Throws LogUnfit, with what is covered, where the moment is not. */
  end(snapshots: readonly SnapshotMoment[], nowMs: number): FoundMoment {
    const target = this.#target;
    if (target.kind === "sequence") {
      const alone = snapshots.find(({ sequence }) => sequence === target.sequence);
      const found = this.#found ?? (alone && { ...alone, place: undefined });
      if (found === undefined) throw this.#uncovered(`record ${target.sequence}`, snapshots);
      return found;
    }
    const asked = timeText(target.timeMs);
    if (target.timeMs > nowMs) throw new LogUnfit(`${asked} is in the future`);
    if (this.#found !== undefined) return this.#found;
    const before = this.#rightBefore(snapshots);
    if (before !== undefined && before.timeMs > 0 && before.timeMs <= target.timeMs) {
      return { ...before, place: undefined };
    }
    throw this.#uncovered(asked, snapshots);
  }

  /** The snapshot behind which the log goes on at once. */
  #rightBefore(snapshots: readonly SnapshotMoment[]): SnapshotMoment | undefined {
    if (this.#first === undefined) return snapshots.at(-1);
    const wanted = this.#first.sequence - 1;
    return snapshots.find(({ sequence }) => sequence === wanted);
  }

  #ambiguous(later: Seen, again: Seen): LogUnfit {
    return new LogUnfit(
      "the clock was set back in the meantime, so that time was twice: record " +
        `${later.sequence} is of ${timeText(later.timeMs)}, and record ${again.sequence} behind it ` +
        `of ${timeText(again.timeMs)}. Say which record is meant, by its sequence`,
    );
  }

  #uncovered(asked: string, snapshots: readonly SnapshotMoment[]): LogUnfit {
    const covered: string[] = [];
    if (this.#first !== undefined && this.#last !== undefined) {
      covered.push(`records ${this.#first.sequence} to ${this.#last.sequence}`);
    }
    if (this.#firstTimed !== undefined && this.#last !== undefined) {
      const { sequence, timeMs } = this.#firstTimed;
      covered.push(
        `times from ${timeText(timeMs)} (record ${sequence}) to ${timeText(this.#last.timeMs)}`,
      );
    } else if (this.#first !== undefined) {
      covered.push("no times: this log is of a version that had none");
    }
    for (const { sequence, timeMs } of snapshots) {
      if (this.#first !== undefined && sequence >= this.#first.sequence) continue;
      covered.push(
        `the snapshot of record ${sequence}${timeMs > 0 ? `, ${timeText(timeMs)}` : ""}`,
      );
    }
    return new LogUnfit(
      `${asked} is not covered by what is kept: ${covered.join("; ") || "there is nothing"}`,
    );
  }
}
