/**
 * ZADD, ZINCRBY and GEOADD: sets members' scores, under conditions.
 *
 * The effect holds final scores of those that changed, each member once. A score of -0 becomes 0
 * where Redis would hold it in a listpack, which knows no -0.
 */
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { EncodingLimits } from "../../keyspace/encoding-limits.ts";
import type { SortedSetValue } from "../../keyspace/sorted-set-value.ts";
import { DoubleReply, type Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";

const notANumber = new ErrorReply("ERR resulting score is not a number (NaN)");

export interface SettingOptions {
  /** Only members that are not there yet, or only those that are. */
  readonly isNew: boolean;
  readonly isThere: boolean;
  /** Only to a higher, or only to a lower score; new members are set in any case. */
  readonly isGreater: boolean;
  readonly isLess: boolean;
  /** The one score is added to what is there, and the sum is the reply. */
  readonly isIncrement: boolean;
  /** The reply counts changes too. */
  readonly isChangeCounted: boolean;
}

export const NO_OPTIONS = {
  isNew: false,
  isThere: false,
  isGreater: false,
  isLess: false,
  isIncrement: false,
  isChangeCounted: false,
};

/** Scores are no NaN, and as many as members: one for an increment. */
export function setScores(
  context: CommandContext,
  key: string,
  members: readonly string[],
  scores: readonly number[],
  options: SettingOptions,
): Reply {
  const set = context.lookupSortedSet(key);
  if (set instanceof ErrorReply) return set;
  if (set === undefined && options.isThere) return options.isIncrement ? null : 0;
  const changes = new ScoreChanges(set, context.keyspace.encodingLimits, members);
  let reply: Reply = null;
  for (let index = 0; index < members.length; index += 1) {
    const score = changes.offer(members[index], scores[index], options);
    if (Number.isNaN(score)) return notANumber;
    if (options.isIncrement && score !== undefined) reply = new DoubleReply(score);
  }
  if (changes.members.length > 0) {
    const { database } = context;
    const { members: changed, scores: final } = changes;
    context.apply({ id: EffectId.sortedSetAdd, database, key, members: changed, scores: final });
  }
  if (options.isIncrement) return reply;
  return options.isChangeCounted ? changes.changeCount : changes.addedCount;
}

class ScoreChanges {
  readonly members: string[];
  readonly scores: number[];
  addedCount: number;
  /** A member that comes several times counts each time. */
  changeCount: number;
  readonly #set: SortedSetValue | undefined;
  readonly #limits: EncodingLimits;
  /** Where each changed member is; undefined where no member can come twice. */
  readonly #places: Map<string, number> | undefined;
  #isSkipList: boolean;

  constructor(set: SortedSetValue | undefined, limits: EncodingLimits, offered: readonly string[]) {
    this.members = [];
    this.scores = [];
    this.addedCount = 0;
    this.changeCount = 0;
    this.#set = set;
    this.#limits = limits;
    this.#places = offered.length > 1 ? new Map() : undefined;
    const isOver = offered.length > limits.sortedSetListpackEntries;
    this.#isSkipList = isOver || set?.isSkipList === true;
  }

  /** The score that the member has then, undefined if it was left as it is; or NaN. */
  offer(member: string, offered: number, options: SettingOptions): number | undefined {
    const place = this.#places?.get(member);
    const current = place === undefined ? this.#set?.score(member) : this.scores[place];
    if (current === undefined) {
      if (options.isThere) return undefined;
      this.#add(member, offered);
      return offered;
    }
    if (options.isNew) return undefined;
    const score = options.isIncrement ? current + offered : offered;
    if (Number.isNaN(score)) return score;
    if ((options.isLess && score >= current) || (options.isGreater && score <= current)) {
      return undefined;
    }
    if (score !== current) this.#change(member, place, score);
    return score;
  }

  #add(member: string, score: number): void {
    const size = (this.#set?.size ?? 0) + this.addedCount;
    const { sortedSetListpackEntries, sortedSetListpackValueBytes } = this.#limits;
    if (size + 1 > sortedSetListpackEntries || member.length > sortedSetListpackValueBytes) {
      this.#isSkipList = true;
    }
    this.addedCount += 1;
    this.#change(member, undefined, score);
  }

  #change(member: string, place: number | undefined, score: number): void {
    this.changeCount += 1;
    const kept = score === 0 && !this.#isSkipList ? 0 : score;
    if (place !== undefined) {
      this.scores[place] = kept;
      return;
    }
    this.#places?.set(member, this.members.length);
    this.members.push(member);
    this.scores.push(kept);
  }
}
