/**
 * What a command sees of the world: the narrow face that the engine shows it.
 *
 * One context object lives as long as the server; the executor points it at a session before each
 * command. Reads note hazards (keys whose last effect is not durable yet) so that the reply gate
 * can hold the reply; `apply` is the only way to change anything, and what it was given during one
 * command, MULTI or script becomes one unit of the log.
 */
import type { Bytes } from "../base/bytes.ts";
import type { ErrorReply } from "../base/errors.ts";
import type { Effect } from "../keyspace/effect.ts";
import type { Entry } from "../keyspace/entry.ts";
import type { HashReader } from "../keyspace/hash-reader.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { ListValue } from "../keyspace/list-value.ts";
import type { SetValue } from "../keyspace/set-value.ts";
import type { SortedSetValue } from "../keyspace/sorted-set-value.ts";
import type { StreamValue } from "../keyspace/stream-value.ts";
import type { PendingReply, Reply } from "../resp/frame.ts";
import type { SearchCatalog } from "../search/catalog.ts";
import type { ServerControl } from "./server-control.ts";
import type { SessionState } from "./session-state.ts";

export interface CommandContext {
  readonly keyspace: Keyspace;
  readonly session: SessionState;
  readonly server: ServerControl;
  readonly search: SearchCatalog;
  /** The session's selected database. */
  readonly database: number;
  /** Unix time, fixed for the length of the command. */
  readonly nowMs: number;

  /**
   * The live entry, or undefined. An entry whose expiry has passed is removed by an effect first.
   * Notes the hazard of the key and, unless the client said CLIENT NO-TOUCH, the time of access.
   */
  lookup(key: string): Entry | undefined;
  /** The same in another database (COPY, MOVE). */
  lookupIn(database: number, key: string): Entry | undefined;
  /** The same, for who asks only whether it is there. */
  has(key: string): boolean;
  /** The live value of that type, undefined if there is no key, or the WRONGTYPE error. */
  lookupString(key: string): Bytes | undefined | ErrorReply;
  /**
   * The same string for who only looks: the bytes may change with the next effect. What
   * `lookupString` gave may be kept, as in a reply, and is copied when it is written again.
   */
  borrowString(key: string): Bytes | undefined | ErrorReply;
  lookupHash(key: string): HashReader | undefined | ErrorReply;
  lookupList(key: string): ListValue | undefined | ErrorReply;
  lookupSet(key: string): SetValue | undefined | ErrorReply;
  lookupSortedSet(key: string): SortedSetValue | undefined | ErrorReply;
  lookupStream(key: string): StreamValue | undefined | ErrorReply;
  /** Absolute; 0 for a key without one, or no key. Otherwise like `peek`. */
  expiryMsOf(key: string): number;
  /** Whether `peek` would find it. */
  isThere(key: string): boolean;
  /** The same, but what has passed is removed if it may be, as a lookup does (SCAN). */
  isThereOrRemoved(key: string): boolean;
  /**
   * Removes hash fields that have passed, as far as it may, so that no index holds them (searches);
   * whether none is left.
   */
  removePassedFields(database: number): boolean;
  /** Without touching access time, statistics or expiry (OBJECT, DEBUG, search results). */
  peek(key: string): Entry | undefined;

  /** Applies the effect at once and adds it to the command's unit. */
  apply(effect: Effect): void;
  /**
   * Whether the unit has room for another whole value (RENAME, COPY, MOVE); asked before anything
   * is applied.
   */
  hasRoomFor(entry: Entry): boolean;
  /**
   * Whether the unit has room for so many bytes that the client did not send (results such as
   * BITOP's, members that SPOP chose); they are taken at once. All other effects are no larger than
   * what the client sent.
   */
  takeRoom(byteCount: number): boolean;
  /** How many bytes there is room for: for who stops as soon as there are more. */
  roomBytes(): number;
  /**
   * A command with the `may_replicate` flag, which only reads, may apply what saves the next one
   * work. It cannot always: the log may take no writes.
   */
  readonly mayCache: boolean;
  /** Whether the command runs in an EXEC, behind which more may follow. */
  readonly isInTransaction: boolean;
  /** Holds the reply until this record is durable. */
  waitFor(sequence: number): void;
  /** Holds the reply until everything executed so far is durable. */
  waitForEverything(): void;

  /**
   * Answers later: `work` runs elsewhere; when it is done, `complete` runs on the event loop as a
   * read of its own (its lookups note hazards again, `apply` is refused) and gives the reply, or
   * another PendingReply to go on with. A rejected `work` comes to `failed`.
   */
  defer<Result>(
    work: Promise<Result>,
    complete: (context: CommandContext, result: Result) => Reply,
    failed: (reason: unknown) => Reply,
  ): PendingReply;
  /** The same without a promise, for those who are told in a way of their own. */
  postpone(): Postponement;

  /**
   * Nothing is there for a blocking command: the session waits and runs nothing more until it is
   * served, times out or is unblocked. Where it may not wait (in MULTI) the answer is given at
   * once. To be returned last, after nothing was applied.
   */
  block(request: BlockRequest): Reply;
}

/** What a blocking command waits for. */
export interface BlockRequest {
  /** Of the session's database, in the command's order. */
  readonly keys: readonly string[];
  /** From now; 0 waits for ever. */
  readonly timeoutMs: number;
  /**
   * A change that leaves a value of this type under one of the keys is a reason to serve. Those who
   * wait for the same key are served in the order in which they began to wait.
   */
  readonly valueType: "list" | "zset" | "stream";
  /** Also when a key goes or changes its type (XREADGROUP). */
  readonly wakesOnRemoval: boolean;
  /** The answer in a MULTI; whose time has passed gets a null array, whatever the command. */
  readonly inTransaction: Reply;
  /**
   * The command once more, as a command of its own that may apply effects and sees the keyspace as
   * it is then: look at all the keys again, in order. An error ends the wait too; undefined, after
   * nothing was applied, goes on waiting in the same place.
   */
  readonly serve: (context: CommandContext) => Reply | undefined;
}

/** A reply that is given later. `finish` is called once, and never while a command runs. */
export interface Postponement {
  /** Keeps the reply's place. */
  readonly reply: PendingReply;
  /** `run` is a read of its own; it gives the reply, or another PendingReply to go on with. */
  finish(run: (context: CommandContext) => Reply): void;
}

/** For commands' parsing of options: ASCII upper case of a short argument, `""` for a long one. */
export function optionName(argument: Bytes): string {
  return typeof argument === "string" ? argument.toUpperCase() : "";
}
