/**
 * What the engine shows a command of the world (`commands/context.ts` is the contract).
 *
 * One object for the whole server: `begin` points it at a session, the command runs, the executor
 * collects `effects` as one unit and `waitSequence` as what the reply must wait for. Lookups expire
 * lazily: a key whose time has passed is removed by an effect of the same unit.
 */
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import { ErrorReply, errors } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import type { BlockRequest, CommandContext, Postponement } from "../commands/context.ts";
import type { ServerControl } from "../commands/server-control.ts";
import type { SessionState } from "../commands/session-state.ts";
import type { Database } from "../keyspace/database.ts";
import { type Effect, EffectId } from "../keyspace/effect.ts";
import type { Entry, Value } from "../keyspace/entry.ts";
import { type HashReader, liveFields } from "../keyspace/hash-reader.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { ListValue } from "../keyspace/list-value.ts";
import { flatSizeMax } from "../keyspace/restored-value.ts";
import type { SetValue } from "../keyspace/set-value.ts";
import type { SortedSetValue } from "../keyspace/sorted-set-value.ts";
import type { StreamValue } from "../keyspace/stream-value.ts";
import type { EffectSink } from "../log/effect-sink.ts";
import { NO_REPLY, PendingReply, type Reply } from "../resp/frame.ts";
import { isPlanted } from "../runtime/failpoint.ts";
import type { SearchCatalog } from "../search/catalog.ts";
import { firstPassedFields, type PassedFields, passedFieldsOf } from "./field-expiry.ts";
import { type Hazards, tagOf } from "./hazards.ts";
import type { ServerStatistics } from "./statistics.ts";
import { UnitRoom } from "./unit-room.ts";

/** How the executor runs the end of deferred work: as a read of its own. */
export type RunDeferred = (session: SessionState, database: number, run: () => Reply) => Reply;

export class EngineContext implements CommandContext {
  readonly keyspace: Keyspace;
  readonly server: ServerControl;
  readonly search: SearchCatalog;
  session: SessionState;
  database: number;
  nowMs: number;
  /** The record that the reply of the present command must wait for; 0 for none. */
  waitSequence: number;
  /** What the present command, or MULTI, has done so far. */
  readonly effects: Effect[];
  /** The present command has the `write` flag. */
  mayApply: boolean;
  /**
   * A deferred completion must not even expire, nor may anything while the log takes no writes,
   * is read back, or CLIENT PAUSE holds writes: what has expired is then only treated as absent.
   */
  mayExpire: boolean;
  mayCache: boolean;
  /** Whether the present command may be blocked; `never` where it is our own fault to ask. */
  blocking: "allowed" | "denied" | "never";
  /** What the present command is blocked for. */
  blockRequest: BlockRequest | undefined;
  readonly #hazards: Hazards;
  readonly #sink: EffectSink;
  readonly #statistics: ServerStatistics;
  readonly #runDeferred: RunDeferred;
  readonly #room: UnitRoom;

  constructor(parts: {
    readonly keyspace: Keyspace;
    readonly server: ServerControl;
    readonly search: SearchCatalog;
    readonly session: SessionState;
    readonly hazards: Hazards;
    readonly sink: EffectSink;
    readonly statistics: ServerStatistics;
    readonly runDeferred: RunDeferred;
  }) {
    this.keyspace = parts.keyspace;
    this.server = parts.server;
    this.search = parts.search;
    this.session = parts.session;
    this.database = 0;
    this.nowMs = 0;
    this.waitSequence = 0;
    this.effects = [];
    this.mayApply = false;
    this.mayExpire = false;
    this.mayCache = false;
    this.blocking = "never";
    this.blockRequest = undefined;
    this.#hazards = parts.hazards;
    this.#sink = parts.sink;
    this.#statistics = parts.statistics;
    this.#runDeferred = parts.runDeferred;
    this.#room = new UnitRoom();
  }

  begin(session: SessionState, nowMs: number, mayApply: boolean, mayExpire: boolean): void {
    this.session = session;
    this.database = session.database;
    this.nowMs = nowMs;
    this.waitSequence = 0;
    this.#room.begin();
    this.mayApply = mayApply;
    this.mayExpire = mayExpire;
    this.mayCache = false;
    this.blocking = "never";
    this.blockRequest = undefined;
    this.keyspace.tag = tagOf(this.#sink.gatheringSequence);
    this.keyspace.releaseValues();
  }

  lookup(key: string): Entry | undefined {
    return this.lookupIn(this.database, key);
  }

  lookupIn(database: number, key: string): Entry | undefined {
    const location = this.#locate(database, key);
    return location === 0 ? undefined : this.keyspace.databases[database].keptEntryAt(location);
  }

  has(key: string): boolean {
    return this.#locate(this.database, key) !== 0;
  }

  lookupString(key: string): Bytes | undefined | ErrorReply {
    return this.#stringOf(key, false);
  }

  borrowString(key: string): Bytes | undefined | ErrorReply {
    return this.#stringOf(key, true);
  }

  lookupHash(key: string): HashReader | undefined | ErrorReply {
    const value = this.#valueOf(key);
    if (value === undefined) return undefined;
    if (value.type !== "hash") return errors.wrongType;
    return liveFields(value, this.nowMs);
  }

  lookupList(key: string): ListValue | undefined | ErrorReply {
    const value = this.#valueOf(key);
    return value === undefined || value.type === "list" ? value : errors.wrongType;
  }

  lookupSet(key: string): SetValue | undefined | ErrorReply {
    const value = this.#valueOf(key);
    return value === undefined || value.type === "set" ? value : errors.wrongType;
  }

  lookupSortedSet(key: string): SortedSetValue | undefined | ErrorReply {
    const value = this.#valueOf(key);
    return value === undefined || value.type === "zset" ? value : errors.wrongType;
  }

  lookupStream(key: string): StreamValue | undefined | ErrorReply {
    const value = this.#valueOf(key);
    return value === undefined || value.type === "stream" ? value : errors.wrongType;
  }

  peek(key: string): Entry | undefined {
    const location = this.#peekAt(key);
    return location === 0
      ? undefined
      : this.keyspace.databases[this.database].keptEntryAt(location);
  }

  isThere(key: string): boolean {
    return this.#peekAt(key) !== 0;
  }

  isThereOrRemoved(key: string): boolean {
    const store = this.keyspace.databases[this.database];
    const location = store.find(key);
    if (location === 0) return false;
    const expiryMs = store.expiryMsAt(location);
    if (expiryMs === 0 || expiryMs >= this.nowMs) {
      if (store.earliestFieldExpiryMs >= this.nowMs) return true;
      return this.#keepsFields(this.database, key, store.valueAt(location));
    }
    if (this.mayExpire) this.#expire(this.database, key);
    return false;
  }

  removePassedFields(database: number): boolean {
    const { databases } = this.keyspace;
    let leftCount = this.mayExpire ? limits.searchExpiredFieldsMax : 0;
    while (leftCount > 0) {
      const passed = firstPassedFields(databases, database, this.nowMs);
      if (passed === undefined) break;
      this.#remove(passed);
      leftCount -= passed.fieldCount;
    }
    return databases[database].earliestFieldExpiryMs >= this.nowMs;
  }

  expiryMsOf(key: string): number {
    const location = this.#peekAt(key);
    return location === 0 ? 0 : this.keyspace.databases[this.database].expiryMsAt(location);
  }

  apply(effect: Effect): void {
    assert(this.mayApply || this.mayCache, "a command without the write flag applied an effect");
    this.keyspace.apply(effect, this.nowMs);
    this.effects.push(effect);
  }

  takeRoom(byteCount: number): boolean {
    if (byteCount > this.roomBytes()) return false;
    this.#room.take(byteCount);
    return true;
  }

  get isInTransaction(): boolean {
    return this.blocking === "denied";
  }

  hasRoomFor(entry: Entry): boolean {
    return flatSizeMax(entry.value) <= this.roomBytes();
  }

  roomBytes(): number {
    return this.#room.leftBytes(this.effects);
  }

  waitFor(sequence: number): void {
    if (sequence > this.waitSequence) this.waitSequence = sequence;
  }

  waitForEverything(): void {
    this.waitFor(this.#sink.appliedSequence);
  }

  defer<Result>(
    work: Promise<Result>,
    complete: (context: CommandContext, result: Result) => Reply,
    failed: (reason: unknown) => Reply,
  ): PendingReply {
    const postponed = this.postpone();
    work.then(
      (result) => postponed.finish((later) => complete(later, result)),
      (reason: unknown) => postponed.finish(() => failed(reason)),
    );
    return postponed.reply;
  }

  postpone(): Postponement {
    const pending = new PendingReply();
    const session = this.session;
    const database = this.database;
    const finish = (run: (context: CommandContext) => Reply): void => {
      const reply = this.#runDeferred(session, database, () => run(this));
      const waitSequence = this.waitSequence;
      if (reply instanceof PendingReply) {
        reply.onSettled((settled, sequence) => {
          pending.settle(settled, Math.max(sequence, waitSequence));
        });
      } else pending.settle(reply, waitSequence);
    };
    return { reply: pending, finish };
  }

  block(request: BlockRequest): Reply {
    assert(this.blocking !== "never", "a command may not be blocked here");
    if (this.blocking === "denied") return request.inTransaction;
    this.blockRequest = request;
    return NO_REPLY;
  }

  /** The live key's location, 0 for none; nothing but the hazard is noted. */
  #peekAt(key: string): number {
    const store = this.keyspace.databases[this.database];
    const location = store.find(key);
    this.#noteHazard(this.database, key, location);
    if (location === 0) return 0;
    const expiryMs = store.expiryMsAt(location);
    if (expiryMs !== 0 && expiryMs < this.nowMs) return 0;
    if (store.earliestFieldExpiryMs >= this.nowMs) return location;
    return hasLiveField(store.valueAt(location), this.nowMs) ? location : 0;
  }

  #stringOf(key: string, isBorrowed: boolean): Bytes | undefined | ErrorReply {
    const location = this.#locate(this.database, key);
    if (location === 0) return undefined;
    const database = this.keyspace.databases[this.database];
    const short = database.shortStringAt(location);
    if (short !== undefined) return short;
    const value = database.valueAt(location);
    if (value.type !== "string") return errors.wrongType;
    return isBorrowed ? value.borrowed : value.bytes;
  }

  #valueOf(key: string): Value | undefined {
    const location = this.#locate(this.database, key);
    if (location === 0) return undefined;
    return this.keyspace.databases[this.database].keptValueAt(location);
  }

  /** The live key's location, 0 for none; all that a lookup does besides is done. */
  #locate(database: number, key: string): number {
    const store = this.keyspace.databases[database];
    const location = store.find(key);
    if (!this.#hazards.isEmpty) this.#noteHazard(database, key, location);
    if (location !== 0) {
      const expiryMs = store.expiryMsAt(location);
      const isLive = expiryMs === 0 || expiryMs >= this.nowMs;
      if (!isLive) {
        if (this.mayExpire) this.#expire(database, key);
      } else if (store.earliestFieldExpiryMs >= this.nowMs) return this.#met(store, location);
      else if (this.#keepsFields(database, key, store.valueAt(location))) {
        // Without the fields that passed, its record may be another one.
        return this.#met(store, store.find(key));
      }
    }
    if (!this.mayApply) this.#statistics.keyspaceMisses += 1;
    return 0;
  }

  #met(store: Database, location: number): number {
    if (!this.mayApply) this.#statistics.keyspaceHits += 1;
    if (!this.session.isNoTouch) store.setAccess(location, this.nowMs);
    return location;
  }

  #noteHazard(database: number, key: string, location: number): void {
    if (this.#hazards.isEmpty || isPlanted("planted.read-without-hazard")) return;
    const removed = this.#hazards.sequenceOfRemoved(database, key);
    if (removed !== 0) this.waitFor(removed);
    if (location === 0) return;
    const tag = this.keyspace.databases[database].tagAt(location);
    const written = this.#hazards.sequenceOfTag(tag);
    if (written !== 0) this.waitFor(written);
  }

  #expire(database: number, key: string): void {
    const effect = { id: EffectId.keyDelete, database, key, reason: "expired" } as const;
    this.keyspace.apply(effect, this.nowMs);
    if (!isPlanted("planted.expire-without-effect")) this.effects.push(effect);
    this.#statistics.expiredKeys += 1;
  }

  #remove({ effect, fieldCount }: PassedFields): void {
    this.keyspace.apply(effect, this.nowMs);
    this.effects.push(effect);
    this.#statistics.expiredFields += fieldCount;
  }

  /** Removes fields that have passed, if it may; whether a field is left that has not. */
  #keepsFields(database: number, key: string, value: Value): boolean {
    if (value.type !== "hash" || value.earliestExpiryMs >= this.nowMs) return true;
    if (this.mayExpire) {
      this.#remove(passedFieldsOf(database, key, value, this.nowMs, limits.expiredFieldsMax));
    }
    return hasLiveField(value, this.nowMs);
  }
}

function hasLiveField(value: Value, nowMs: number): boolean {
  return value.type !== "hash" || value.hasLiveField(nowMs);
}

/** Whether a reply is an error, without looking at replies that are plain strings. */
export function isErrorReply(reply: Reply): reply is ErrorReply {
  return typeof reply === "object" && reply instanceof ErrorReply;
}
