/**
 * A command: its declaration and its synchronous `run`. One command, one file.
 *
 * From the declaration come arity checks, key extraction, ACL categories, COMMAND INFO and DOCS,
 * redis-cli's hints, the WRONGTYPE tests and the fuzzer's grammar. `registry.ts` lists all
 * commands. `run` never awaits: it reads through the context, applies effects through it, and
 * returns the reply. A user's mistake is a returned ErrorReply, and then nothing has been applied.
 */
import type { Bytes } from "../base/bytes.ts";
import type { Reply } from "../resp/frame.ts";
import type { CommandContext } from "./context.ts";

export type CommandGroup =
  | "connection"
  | "generic"
  | "string"
  | "hash"
  | "list"
  | "set"
  | "sorted_set"
  | "stream"
  | "bitmap"
  | "hyperloglog"
  | "geo"
  | "transactions"
  | "scripting"
  | "server"
  | "search";

/** As COMMAND INFO prints them. `write` and `readonly` also decide ACL categories. */
export type CommandFlag =
  | "write"
  | "readonly"
  | "denyoom"
  | "admin"
  | "noscript"
  | "blocking"
  | "loading"
  | "stale"
  | "skip_monitor"
  | "skip_slowlog"
  | "fast"
  | "no_auth"
  | "no_async_loading"
  | "no_multi"
  | "movablekeys"
  | "allow_busy"
  | "may_replicate"
  | "sentinel";

export type KeyFlag =
  | "RW"
  | "RO"
  | "OW"
  | "RM"
  | "access"
  | "update"
  | "insert"
  | "delete"
  | "variable_flags";

/**
 * Where the keys are, as Redis's key specifications (begin_search index, find_keys range/keynum).
 */
export type KeySpecification =
  | {
      readonly flags: readonly KeyFlag[];
      /** Argument index of the first key, the command's name being 0. */
      readonly first: number;
      /** Argument index of the last key; negative counts from the end (-1: the last argument). */
      readonly last: number;
      readonly step: number;
    }
  | {
      readonly flags: readonly KeyFlag[];
      /** Argument index of the number of keys; the keys follow it. */
      readonly countAt: number;
    }
  | {
      readonly flags: readonly KeyFlag[];
      /** They are the first half of what follows this word, or the one that follows it, if any. */
      readonly keyword: string;
      /** Argument index from which on the word is looked for. */
      readonly searchFrom: number;
      readonly isSingle?: boolean;
    }
  | {
      readonly flags: readonly KeyFlag[];
      /** Why nobody can know them from the arguments, or not by a rule (SORT's BY, GET, STORE). */
      readonly unknownBecause: string;
    };

/** A key of a call, and what the command does with it. */
export interface KeyUse {
  readonly key: string;
  readonly flags: readonly KeyFlag[];
}

/** The shape of COMMAND DOCS' `arguments`, which is also the fuzzer's grammar. */
export interface ArgumentDeclaration {
  readonly name: string;
  readonly type:
    | "key"
    | "string"
    | "integer"
    | "double"
    | "pattern"
    | "unix-time"
    | "pure-token"
    | "oneof"
    | "block";
  readonly token?: string;
  readonly displayText?: string;
  readonly since?: string;
  readonly deprecatedSince?: string;
  readonly isOptional?: boolean;
  readonly isMultiple?: boolean;
  readonly isMultipleToken?: boolean;
  readonly keySpecificationIndex?: number;
  readonly arguments?: readonly ArgumentDeclaration[];
}

export interface Command {
  /**
   * Lower case, as clients type it: `get`; a subcommand has its container's name in front:
   * `client|list`.
   */
  readonly name: string;
  readonly group: CommandGroup;
  readonly summary: string;
  readonly since: string;
  readonly complexity: string;
  /** Counts the name (and a subcommand's two words); negative: at least. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  /** ACL categories beyond those that group and flags imply, without the `@`. */
  readonly categories?: readonly string[];
  /** It is not in the category of its group (SORT in none of `keyspace`). */
  readonly isOutsideGroupCategory?: boolean;
  readonly keys?: readonly KeySpecification[];
  /** What `keys` cannot say: more keys of a call, after those that they tell (SORT's STORE). */
  readonly furtherKeys?: (args: readonly Bytes[]) => readonly KeyUse[];
  readonly arguments?: readonly ArgumentDeclaration[];
  readonly history?: readonly (readonly [since: string, what: string])[];
  readonly tips?: readonly string[];
  readonly replacedBy?: string;
  readonly deprecatedSince?: string;
  readonly subcommands?: readonly Command[];
  /** The type that the first key must have; its WRONGTYPE test is generated. */
  readonly valueType?: "string" | "hash" | "list" | "set" | "zset" | "stream";
  /**
   * It observes more of the keyspace than its declared keys (KEYS, SCAN, DBSIZE, RANDOMKEY):
   * its reply waits for everything executed so far.
   */
  readonly readsWholeKeyspace?: boolean;
  /**
   * In a MULTI it is executed at once instead of queued (EXEC, DISCARD, RESET, QUIT, WATCH, MULTI).
   */
  readonly runsInsideMulti?: boolean;
  /** Its arguments may hold a password: they never enter the slow log. */
  readonly carriesSecret?: boolean;
  /**
   * `args[0]` is the name as sent; a subcommand gets the container's name at 0 and its own at 1.
   * The count was checked against `arity`.
   */
  readonly run: (context: CommandContext, args: readonly Bytes[]) => Reply;
}
