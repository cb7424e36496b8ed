/**
 * Drives a server in this process with random commands of every type by several clients, some of
 * which block and are served, time out, are unblocked or leave.
 *
 * Keys are named after groups, so that most calls meet their own type and some another one.
 */

import { bitmapCommands } from "../../src/commands/bitmap/commands.ts";
import type { Command } from "../../src/commands/command.ts";
import { genericCommands } from "../../src/commands/generic/commands.ts";
import { geoCommands } from "../../src/commands/geo/commands.ts";
import { hashCommands } from "../../src/commands/hash/commands.ts";
import { hyperloglogCommands } from "../../src/commands/hyperloglog/commands.ts";
import { listCommands } from "../../src/commands/list/commands.ts";
import { setCommands } from "../../src/commands/set/commands.ts";
import { sortedSetCommands } from "../../src/commands/sorted-set/commands.ts";
import { streamCommands } from "../../src/commands/stream/commands.ts";
import { stringCommands } from "../../src/commands/string/commands.ts";
import { ALL_KEYS } from "../support/argument-pools.ts";
import { pick, type Random, randomCall } from "../support/command-grammar.ts";
import type { InProcessClient, InProcessServer } from "../support/in-process-server.ts";

const CLIENTS = 5;
const LONG_BYTES = 700;
/** Of calls, whose keys are left as they come: other types are met. */
const STRAY_SHARE = 0.1;
/** Of calls in which so many clients wait that one must be let go. */
const RELEASE_SHARE = 0.3;

const isNoTest = ({ name }: Command): boolean => name !== "pfselftest";
const groups: readonly (readonly [name: string, commands: readonly Command[]])[] = [
  ["string", stringCommands],
  ["hash", hashCommands],
  ["list", listCommands],
  ["set", setCommands],
  ["zset", [...sortedSetCommands, ...geoCommands]],
  ["stream", streamCommands],
  // PFSELFTEST changes nothing, and takes as long as thousands of others.
  ["bits", [...bitmapCommands, ...hyperloglogCommands.filter(isNoTest)]],
  // OBJECT would tell what only this node knows.
  ["", genericCommands.filter(({ name }) => name !== "object")],
];
const families = groups.map(([name]) => name).filter((name) => name !== "");
const callable = groups
  .map(([name, commands]) => [name, commands.flatMap((one) => one.subcommands ?? [one])] as const)
  .filter(([, commands]) => commands.length > 0);

const indexes = [
  ["all", ""],
  ["some", "hash"],
] as const;

export class FoldDriver {
  readonly server: InProcessServer;
  readonly #random: Random;
  readonly #clients: InProcessClient[];
  readonly #waiting = new Set<InProcessClient>();

  constructor(server: InProcessServer, random: Random) {
    this.server = server;
    this.#random = random;
    this.#clients = Array.from({ length: CLIENTS }, () => server.connect());
  }

  /** One random call by a client that is free. */
  step(): void {
    const random = this.#random;
    for (const client of this.#waiting) {
      if (client.replies.length > 0) this.#waiting.delete(client);
    }
    const isCrowded = this.#waiting.size >= CLIENTS - 1;
    if (isCrowded && (this.#waiting.size === CLIENTS || random() < RELEASE_SHARE)) this.#release();
    const client = pick(
      this.#clients.filter((one) => !this.#waiting.has(one)),
      random,
    );
    client.replies.length = 0;
    this.#call(client);
    if (client.replies.length === 0) this.#waiting.add(client);
  }

  /** Nobody waits, and nobody is in a MULTI. */
  finish(): void {
    for (const client of this.#clients) client.closeNow();
    this.#clients.length = 0;
    this.#waiting.clear();
  }

  /** One who waits does not any more: it leaves, is unblocked, or time passes. */
  #release(): void {
    const random = this.#random;
    const [client] = this.#waiting;
    const dice = random();
    if (dice < 0.5) client.closeNow();
    else if (dice < 0.7) this.server.world.advance(pick([1000, 200_000], random));
    else {
      const other = this.server.connect();
      for (let id = 1; id < 1000 && client.replies.length === 0; id += 1) {
        other.post("CLIENT", "UNBLOCK", id, pick(["TIMEOUT", "ERROR"], random));
      }
      other.closeNow();
    }
    if (client.replies.length === 0 && !client.isClosed) client.closeNow();
    this.#waiting.delete(client);
    if (client.isClosed) this.#clients[this.#clients.indexOf(client)] = this.server.connect();
  }

  #call(client: InProcessClient): void {
    const random = this.#random;
    const { world } = this.server;
    const dice = random();
    if (dice < 0.01) client.post("SELECT", pick(["0", "1", "2"], random));
    else if (dice < 0.012) client.post("SWAPDB", "0", pick(["1", "2"], random));
    else if (dice < 0.0125) client.post(pick(["FLUSHDB", "FLUSHALL"], random));
    else if (dice < 0.03) this.#transaction(client);
    else if (dice < 0.05) {
      world.advance(pick([1, 1, 500, 20_000], random));
      client.post("PING");
    } else if (dice < 0.052) client.post("FT.DROPINDEX", pick(["all", "some"], random));
    else if (dice < 0.06) {
      const [name, prefix] = pick(indexes, random);
      client.post("FT.CREATE", name, "PREFIX", "1", prefix, "SCHEMA", "f", "TAG", "n", "NUMERIC");
    } else if (dice < 0.09) {
      const long = pick(["x", "\x00", "\xff"], random).repeat(LONG_BYTES + Math.floor(dice * 1000));
      client.post(...longCall(long, random));
    } else if (dice < 0.15) client.post(...callOnFields(random));
    else this.#randomCall(client);
  }

  /** Short, since one call that is refused at once undoes it all. */
  #transaction(client: InProcessClient): void {
    const random = this.#random;
    client.post("MULTI");
    for (let left = 1 + Math.floor(random() * 3); left > 0; left -= 1) this.#randomCall(client);
    client.post(random() < 0.9 ? "EXEC" : "DISCARD");
  }

  #randomCall(client: InProcessClient): void {
    const random = this.#random;
    const [name, commands] = pick(callable, random);
    const words = randomCall(pick(commands, random), random);
    if (random() < STRAY_SHARE) {
      client.post(...words);
      return;
    }
    const family = name === "" ? pick(families, random) : name;
    client.post(...words.map((word, at) => (at > 0 ? keyOf(family, word) : word)));
  }
}

/** A key of that family in place of any of the grammar's keys. */
function keyOf(family: string, word: string): string {
  const at = ALL_KEYS.indexOf(word);
  return at < 0 ? word : `${family}:${at % 4}`;
}

/** Values that are too long for the small forms. */
function longCall(long: string, random: Random): string[] {
  return pick(
    [
      ["APPEND", "string:1", long],
      ["SET", "string:2", long],
      ["RPUSH", "list:1", long],
      ["SADD", "set:1", long],
      ["HSET", "hash:1", "long", long],
      ["ZADD", "zset:1", "1", long],
      ["XADD", "stream:1", "*", "long", long],
    ],
    random,
  );
}

/** The count of fields must be right, which random arguments seldom are. */
function callOnFields(random: Random): string[] {
  const key = pick(["hash:1", "hash:2", "string:1"], random);
  const time = pick(["1", "300", "100000"], random);
  const field = pick(["f", "g", "field"], random);
  const calls = [
    ["HPEXPIRE", key, time, "FIELDS", "2", field, "f"],
    ["HSETEX", key, "PX", time, "FIELDS", "2", field, "1", "other", "2"],
    ["HSETEX", key, "KEEPTTL", "FIELDS", "1", field, "3"],
    ["HPERSIST", key, "FIELDS", "1", field],
    ["HINCRBY", key, field, "7"],
    ["HGETEX", key, "PX", time, "FIELDS", "1", field],
    ["HGETDEL", key, "FIELDS", "1", field],
    ["HGETALL", key],
    ["COPY", key, pick(["hash:1", "hash:2"], random), "REPLACE"],
  ];
  return pick(calls, random);
}
