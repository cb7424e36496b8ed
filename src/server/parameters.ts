/**
 * Every configuration parameter, declared once: flags, environment, file, CONFIG GET and SET, and
 * `--help` are all made from this table.
 *
 * A parameter `slow-thing` is the flag `--slow-thing`, the environment's `LODESTONE_SLOW_THING`,
 * the file's `slow-thing value`, and CONFIG's `slow-thing`. Where Redis has one, it has Redis's
 * name.
 */
import { limits } from "../base/limits.ts";
import { parseSavePoints, parseTimes } from "../node/snapshot-schedule.ts";

export type ParameterType =
  | { readonly kind: "integer"; readonly min: number; readonly max: number }
  /** Bytes, with Redis's units: 1k = 1000, 1kb = 1024, and so on. */
  | { readonly kind: "size"; readonly min: number; readonly max: number }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  | {
      readonly kind: "text";
      /** Why a text will not do; undefined if it will. */
      readonly problemOf?: (text: string) => string | undefined;
    };

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly defaultText: string;
  readonly help: string;
  /** Whether CONFIG SET may change it; the others are fixed at start. */
  readonly isMutable: boolean;
  /** Only accepted for suites and clients that set it; it changes nothing, and the help says so. */
  readonly isAcceptedOnly: boolean;
  /** Set to another value only where `enable-protected-configs` allows it. */
  readonly isProtected?: true;
  /** Refused values, with the reason. */
  readonly refused?: ReadonlyMap<string, string>;
}

const yesNo = { kind: "choice", choices: ["yes", "no"] } as const;
const text = { kind: "text" } as const;
const integer = (min: number, max: number) => ({ kind: "integer", min, max }) as const;
const size = (min: number, max: number) => ({ kind: "size", min, max }) as const;
const choice = (...choices: string[]) => ({ kind: "choice", choices }) as const;

function fixed(name: string, type: ParameterType, defaultText: string, help: string): Parameter {
  return { name, type, defaultText, help, isMutable: false, isAcceptedOnly: false };
}

function mutable(name: string, type: ParameterType, defaultText: string, help: string): Parameter {
  return { name, type, defaultText, help, isMutable: true, isAcceptedOnly: false };
}

function accepted(name: string, type: ParameterType, defaultText: string): Parameter {
  const help = "accepted because clients and suites set it; it changes nothing here";
  return { name, type, defaultText, help, isMutable: true, isAcceptedOnly: true };
}

function encoding(name: string, type: ParameterType, defaultText: string): Parameter {
  return mutable(name, type, defaultText, "up to where OBJECT ENCODING gives the compact name");
}

function savePointsProblem(given: string): string | undefined {
  return parseSavePoints(given) === undefined ? "Invalid save parameters" : undefined;
}

function timesProblem(given: string): string | undefined {
  return parseTimes(given) === undefined ? "argument must be times of day: HH:MM" : undefined;
}

const MAX_SECONDS = 100 * 365 * 86_400;
const MAX = Number.MAX_SAFE_INTEGER;
const INT32_MAX = 0x7fffffff;
const INT32_MIN = -INT32_MAX - 1;

const own: readonly Parameter[] = [
  fixed("port", integer(0, 65535), "6379", "port to listen on; 0 takes any that is free"),
  fixed("bind", text, "127.0.0.1", "addresses to listen on, separated by spaces or commas"),
  fixed("dir", text, "./data", "folder of the transaction log"),
  fixed(
    "restore-to",
    text,
    "",
    "once: makes dir, which must be new, of what restore-from held at a record's sequence or a time",
  ),
  fixed("restore-from", text, "", "folder of whose log and snapshots restore-to makes dir"),
  fixed(
    "log",
    choice("file", "memory"),
    "file",
    "where acknowledged writes live: file (durable) or memory (lost with the process)",
  ),
  fixed(
    "log-segment-bytes",
    size(64 * 1024, 1024 * 1024 * 1024),
    String(limits.segmentBytes),
    "size of the log's files, which are made ahead of need",
  ),
  mutable(
    "loglevel",
    choice("debug", "verbose", "notice", "warning", "nothing"),
    "notice",
    "least level of log lines; --log-level is the same",
  ),
  fixed("logfile", text, "", "file for log lines; empty: standard error"),
  mutable(
    "master-key-file",
    text,
    "",
    "file of the master key, with which a folder is encrypted; CONFIG SET rotates keys",
  ),
  {
    ...mutable(
      "master-key-command",
      text,
      "",
      "instead of a file: program that is run with `wrap` or `unwrap` behind its arguments",
    ),
    isProtected: true,
  },
  mutable("data-key-max-days", integer(0, 36_500), "90", "age of a data key; 0: any"),
  mutable(
    "data-key-max-bytes",
    size(0, MAX),
    String(1024 ** 4),
    "bytes of the log that are encrypted with one data key; 0: any number",
  ),
  fixed(
    "enable-protected-configs",
    yesNo,
    "no",
    "whether CONFIG SET may name another program for master-key-command, which the server runs",
  ),
  fixed("databases", integer(1, limits.databaseCount), "16", "number of databases"),
  mutable("requirepass", text, "", "password of the user `default`; empty: none is asked for"),
  mutable("maxmemory", size(0, MAX), "0", "bytes that data may take; 0: no limit"),
  mutable(
    "maxmemory-policy",
    choice("noeviction"),
    "noeviction",
    "beyond maxmemory, writes get -OOM; nothing is evicted",
  ),
  mutable("maxclients", integer(1, limits.connectionsMax), "10000", "connections at one time"),
  mutable("timeout", integer(0, 1_000_000), "0", "seconds after which idle clients go; 0: never"),
  mutable("tcp-keepalive", integer(0, 1_000_000), "300", "seconds between probes of idle peers"),
  mutable(
    "proto-max-bulk-len",
    size(1024 * 1024, limits.bulkBytesMax),
    String(limits.bulkBytesMax),
    "longest argument, in bytes",
  ),
  mutable(
    "client-query-buffer-limit",
    size(1024 * 1024, limits.queryBufferBytesMax),
    String(limits.queryBufferBytesMax),
    "bytes that one client may send without completing a command",
  ),
  mutable(
    "slowlog-log-slower-than",
    integer(-1, MAX),
    "10000",
    "microseconds from which a command is in SLOWLOG; -1: none",
  ),
  mutable("slowlog-max-len", integer(0, 1_000_000), "128", "entries that SLOWLOG keeps"),
  mutable("latency-tracking", yesNo, "yes", "whether latency histograms are kept per command"),
  mutable(
    "latency-tracking-info-percentiles",
    text,
    "50 99 99.9",
    "percentiles that INFO latencystats shows",
  ),
  mutable(
    "trace-writes",
    yesNo,
    "no",
    "log each write's life: executed, appended, durable, replied",
  ),
  fixed("debug-commands", yesNo, "no", "whether DEBUG and failpoints are there, for tests"),
  fixed("failpoints", text, "", "where tests make the process fail; needs --debug-commands yes"),
  mutable(
    "snapshot-log-bytes",
    size(0, MAX),
    String(1024 ** 3),
    "a snapshot is made, and the log trimmed, once so much was written since the last; 0: never",
  ),
  mutable(
    "snapshot-age-seconds",
    integer(0, MAX_SECONDS),
    "0",
    "a snapshot is made if the last is so old and something was written since; 0: never",
  ),
  mutable(
    "snapshot-schedule",
    { kind: "text", problemOf: timesProblem },
    "03:00",
    "times of day, HH:MM in UTC, at which a snapshot is made; empty: none",
  ),
  mutable(
    "snapshot-retention-days",
    integer(0, 36_500),
    "7",
    "of so many days the newest snapshot is kept, and always the newest two",
  ),
  mutable(
    "snapshot-memory",
    size(1024 * 1024, MAX),
    String(256 * 1024 * 1024),
    "what keys may take in the process that makes a snapshot, which reads the log once for each part that fits",
  ),
  fixed("search-threads", integer(0, 64), "0", "threads that search; 0: one for each processor"),
];

const fromRedis: readonly Parameter[] = [
  {
    ...accepted("appendonly", choice("yes", "no"), "yes"),
    help: "always yes: acknowledged means durable",
    refused: new Map([["no", "every acknowledged write is in the log; that cannot be turned off"]]),
  },
  {
    ...accepted("appendfsync", choice("always", "everysec", "no"), "always"),
    help: "always `always`: acknowledged means durable",
    refused: new Map([
      ["everysec", "acknowledged means durable here; only `always` is offered"],
      ["no", "acknowledged means durable here; only `always` is offered"],
    ]),
  },
  mutable(
    "save",
    { kind: "text", problemOf: savePointsProblem },
    "",
    "Redis's save points: a snapshot after SECONDS if there were CHANGES, in pairs; none by default, since the log has every write",
  ),
  accepted("sanitize-dump-payload", choice("no", "yes", "clients"), "yes"),
  accepted("aof-use-rdb-preamble", yesNo, "yes"),
  accepted("rdb-key-save-delay", integer(-MAX, MAX), "0"),
  accepted("busy-reply-threshold", integer(0, MAX), "5000"),
  accepted("maxmemory-samples", integer(1, 64), "5"),
  encoding("hash-max-listpack-entries", integer(0, MAX), "512"),
  encoding("hash-max-listpack-value", integer(0, MAX), "64"),
  encoding("list-max-listpack-size", integer(INT32_MIN, INT32_MAX), "-2"),
  accepted("list-compress-depth", integer(0, MAX), "0"),
  encoding("set-max-intset-entries", integer(0, MAX), "512"),
  encoding("set-max-listpack-entries", integer(0, MAX), "128"),
  encoding("set-max-listpack-value", integer(0, MAX), "64"),
  encoding("zset-max-listpack-entries", integer(0, MAX), "128"),
  encoding("zset-max-listpack-value", integer(0, MAX), "64"),
  encoding("stream-node-max-entries", integer(0, MAX), "100"),
  encoding("stream-node-max-bytes", size(0, MAX), "4096"),
  mutable(
    "hll-sparse-max-bytes",
    size(0, MAX),
    "3000",
    "bytes up to which a HyperLogLog is held in its sparse form",
  ),
  accepted("lazyfree-lazy-eviction", yesNo, "no"),
  accepted("lazyfree-lazy-expire", yesNo, "no"),
  accepted("lazyfree-lazy-server-del", yesNo, "no"),
  accepted("lazyfree-lazy-user-del", yesNo, "no"),
  accepted("lazyfree-lazy-user-flush", yesNo, "no"),
  accepted("activedefrag", yesNo, "no"),
  accepted("active-expire-effort", integer(1, 10), "1"),
  accepted("hz", integer(1, 500), "10"),
  mutable(
    "latency-monitor-threshold",
    integer(0, MAX),
    "0",
    "milliseconds from which LATENCY notes what took so long; 0 is off",
  ),
  accepted("lfu-log-factor", integer(0, MAX), "10"),
  accepted("lfu-decay-time", integer(0, MAX), "1"),
];

export const parameters: readonly Parameter[] = [...own, ...fromRedis];

/** Other spellings of flags and variables. */
export const parameterAliases: ReadonlyMap<string, string> = new Map([
  ["log-level", "loglevel"],
  ["lua-time-limit", "busy-reply-threshold"],
  ["hash-max-ziplist-entries", "hash-max-listpack-entries"],
  ["hash-max-ziplist-value", "hash-max-listpack-value"],
  ["list-max-ziplist-size", "list-max-listpack-size"],
  ["zset-max-ziplist-entries", "zset-max-listpack-entries"],
  ["zset-max-ziplist-value", "zset-max-listpack-value"],
]);
