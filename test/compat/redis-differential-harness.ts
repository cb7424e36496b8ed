/**
 * H8: random command sequences over all data types give the same replies as redis-server 7, in
 * RESP2 and RESP3, and leave the same state.
 *
 * Calls come from the declarations' own grammar; LODESTONE_DIFFERENTIAL_COMMANDS says how many.
 * Departures are in `departures.md`; what depends on chance is compared by property, and what it
 * took out of one server is taken out of the other (`chanceStep`). After a difference the sequence
 * ends, since the states may differ from there on, and the next one begins with nothing.
 */
import type { Command } from "../../src/commands/command.ts";
import { CallMaker, comparedCommands } from "../support/call-maker.ts";
import { pick, type Random, seededRandom } from "../support/command-grammar.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { changedSince70, consumersBefore } from "../support/peer-versions.ts";
import { RawClient } from "../support/raw-client.ts";
import { findRedisServer, isAtLeast, RedisPeer } from "../support/redis-peer.ts";
import { comparable } from "../support/reply-rules.ts";
import { parseReply, type ReplyTree, textOf } from "../support/reply-tree.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";

const COMMANDS = Number(process.env["LODESTONE_DIFFERENTIAL_COMMANDS"] ?? 20_000);
const COMMANDS_EACH = 500;
const BATCH = 50;
const CHANCE_SHARE = 0.3;
const DIFFERENCES_MAX = 10;
const DATABASES = ["0", "1", "2", "15"];

const version = findRedisServer();
const isNewPeer = version !== undefined && isAtLeast(version, 7, 2);
const seed = Number(
  process.env["LODESTONE_TEST_SEED"] ?? process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31,
);

let ours: TestServer;
let peer: RedisPeer;

export async function compareWithRedis(): Promise<HarnessReport> {
  const title = "random commands are answered as redis-server answers them";
  const about = { harness: "H8", title, seed };
  if (version === undefined) {
    return { ...about, figures: {}, failures: [], leftOut: "redis-server is not here" };
  }
  ours = await startTestServer(["--log", "memory"]);
  peer = await RedisPeer.start();
  try {
    const failures = await compareSequences();
    return { ...about, figures: { commands: COMMANDS, names: answered.size, version }, failures };
  } finally {
    await ours.stop();
    await peer.stop();
  }
}

async function compareSequences(): Promise<string[]> {
  const random = seededRandom(seed);
  const known = new Set(((await peer.command("COMMAND", "LIST")) as string[]).map(String));
  const commands = comparedCommands(known);
  const differences: string[] = [];
  for (let done = 0; done < COMMANDS && differences.length < DIFFERENCES_MAX; ) {
    const sequence = await Sequence.begin(random, commands, pick(["2", "3"], random));
    done += COMMANDS_EACH;
    const difference = await sequence.run();
    if (difference !== undefined) differences.push(difference);
  }
  if (COMMANDS < 20_000) return differences;
  // A command that was never answered with anything but an error was not compared.
  const compared = commands.map(({ name }) => name).filter(isCompared);
  const unmet = compared.filter((name) => !answered.has(name));
  return unmet.length === 0 ? differences : [...differences, `never compared: ${unmet.join(", ")}`];
}

/** Whether the peer is not too old for the command, whatever its arguments. */
function isCompared(name: string): boolean {
  return isNewPeer || !changedSince70(name.split("|"));
}

/** Commands that had a reply that is no error. */
const answered = new Set<string>();

class Sequence {
  readonly #random: Random;
  readonly #calls: CallMaker;
  readonly #clients: readonly [RawClient, RawClient];
  readonly #protocol: string;
  readonly #history: string[][] = [];
  /** What the MULTI under way has queued, to read EXEC's array by. */
  #queued: string[][] = [];

  private constructor(
    random: Random,
    commands: readonly Command[],
    clients: readonly [RawClient, RawClient],
    protocol: string,
  ) {
    this.#random = random;
    this.#calls = new CallMaker(random, commands, (call) => !isNewPeer && changedSince70(call));
    this.#clients = clients;
    this.#protocol = protocol;
  }

  static async begin(
    random: Random,
    commands: readonly Command[],
    protocol: string,
  ): Promise<Sequence> {
    const clients = [await RawClient.open(ours.port), await RawClient.open(peer.port)] as const;
    for (const client of clients) {
      await client.command("HELLO", protocol);
      await client.command("FLUSHALL");
    }
    return new Sequence(random, commands, clients, protocol);
  }

  /** The first difference, in words. */
  async run(): Promise<string | undefined> {
    try {
      for (let done = 0; done < COMMANDS_EACH; done += BATCH) {
        const difference = (await this.#batch()) ?? (await this.#chanceStep());
        if (difference !== undefined) return difference;
      }
      return await this.#compareStates();
    } finally {
      for (const client of this.#clients) client.close();
    }
  }

  async #batch(): Promise<string | undefined> {
    const made = Array.from({ length: BATCH }, () => this.#calls.next());
    const calls = isNewPeer ? made : made.flatMap((call) => [...consumersBefore(call), call]);
    const [left, right] = await Promise.all(this.#clients.map((each) => each.pipeline(calls)));
    for (const [index, call] of calls.entries()) {
      this.#history.push(call);
      const mine = this.#comparable(call, parseReply(left[index]));
      const theirs = this.#comparable(call, parseReply(right[index]));
      if (mine.type !== "-") noteAnswered(call);
      if (textOf(mine) !== textOf(theirs)) return this.#difference(call, mine, theirs);
      if (call[0] === "EXEC" || call[0] === "DISCARD") this.#queued = [];
      else if (theirs.text === "QUEUED") this.#queued.push(call);
    }
    return undefined;
  }

  #comparable(call: readonly string[], tree: ReplyTree): ReplyTree {
    const rules = { isNewPeer };
    if (call[0] !== "EXEC" || tree.items === undefined) return comparable(call, tree, rules);
    const items = tree.items.map((item, at) => comparable(this.#queued[at] ?? call, item, rules));
    return { ...tree, items };
  }

  #difference(call: readonly string[], mine: ReplyTree, theirs: ReplyTree): string {
    const at = (mine.items ?? []).findIndex(
      (item, index) => textOf(item) !== textOf(theirs.items?.[index] ?? item),
    );
    const queued = call[0] === "EXEC" ? this.#queued[at] : undefined;
    if (queued !== undefined && mine.items !== undefined && theirs.items !== undefined) {
      return this.#difference(queued, mine.items[at], theirs.items[at]);
    }
    const about = this.#history
      .filter((other) => other.slice(1).some((arg) => call.slice(1).includes(arg)))
      .slice(-9, -1);
    return [
      `RESP${this.#protocol}: ${JSON.stringify(call)}`,
      `  ours:  ${textOf(mine).slice(0, 1500)}`,
      `  redis: ${textOf(theirs).slice(0, 1500)}`,
      `  after: ${told(about)}`,
    ].join("\n");
  }

  /** A command of chance on both: ours by its property, and then the same is done to the peer. */
  async #chanceStep(): Promise<string | undefined> {
    const random = this.#random;
    if (this.#calls.isInMulti || random() >= CHANCE_SHARE) return undefined;
    const count = pick(["", "1", "2", "5", "100", "-3", "0"], random);
    const step = pick(chanceSteps, random);
    const key = pick(step.keys, random);
    const call = [step.name, key, ...(count === "" ? [] : [count])];
    const [left, right] = this.#clients;
    const members = itemsOf(parseReply(await right.command(...step.members(key))));
    const reply = parseReply(await left.command(...call));
    if (step.removes && members !== undefined) {
      const taken = itemsOf(reply) ?? (isText(reply) ? [reply.text] : []);
      if (taken.length > 0) await right.command("SREM", key, ...taken);
    }
    // Of a missing key, of another type, or with a wrong count, the peer's reply is the same.
    const isError = reply.type === "-";
    if (isError || members === undefined || members.length === 0) {
      const theirs = parseReply(await right.command(...call));
      return textOf(theirs) === textOf(reply) ? undefined : this.#difference(call, reply, theirs);
    }
    return isFair(reply, members, count)
      ? undefined
      : `${JSON.stringify(call)} of ${JSON.stringify(members)}: ${textOf(reply)}`;
  }

  async #compareStates(): Promise<string | undefined> {
    for (const database of DATABASES) {
      const [mine, theirs] = await Promise.all(
        this.#clients.map((client) => stateOf(client, database)),
      );
      for (const key of new Set([...mine.keys(), ...theirs.keys()])) {
        if (mine.get(key) === theirs.get(key)) continue;
        const about = this.#history.filter((call) => call.includes(key)).slice(-12);
        return [
          `the state of ${JSON.stringify(key)} in database ${database}`,
          `  ours:  ${mine.get(key)?.slice(0, 1500)}`,
          `  redis: ${theirs.get(key)?.slice(0, 1500)}`,
          `  after: ${told(about)}`,
        ].join("\n");
      }
    }
    return undefined;
  }
}

function noteAnswered(call: readonly string[]): void {
  answered.add(call[0]);
  if (call.length > 1) answered.add(`${call[0]}|${call[1]}`);
}

/** Calls in few words. */
function told(calls: readonly string[][]): string {
  const shortened = calls.map((call) =>
    call.map((arg) => (arg.length > 40 ? `${arg.slice(0, 20)}…${arg.length}` : arg)),
  );
  return JSON.stringify(shortened);
}

interface ChanceStep {
  readonly name: string;
  readonly keys: readonly string[];
  /** All that there is to choose from. */
  readonly members: (key: string) => string[];
  readonly removes: boolean;
}

const setKeys = ["set:1", "set:2", "set:3", "hash:1", "missing"];
const chanceSteps: readonly ChanceStep[] = [
  { name: "SPOP", keys: setKeys, members: (key) => ["SMEMBERS", key], removes: true },
  { name: "SRANDMEMBER", keys: setKeys, members: (key) => ["SMEMBERS", key], removes: false },
  {
    name: "HRANDFIELD",
    keys: ["hash:1", "hash:2", "set:1", "missing"],
    members: (key) => ["HKEYS", key],
    removes: false,
  },
  {
    name: "ZRANDMEMBER",
    keys: ["zset:1", "zset:2", "set:1", "missing"],
    members: (key) => ["ZRANGE", key, "0", "-1"],
    removes: false,
  },
];

function isText(tree: ReplyTree): boolean {
  return tree.type === "$" && tree.text !== "(null)";
}

function itemsOf(tree: ReplyTree): string[] | undefined {
  return tree.items?.map(({ text }) => text);
}

/** As many as were asked for, of those that are there, and none twice unless that was asked for. */
function isFair(reply: ReplyTree, members: readonly string[], count: string): boolean {
  if (count === "") return isText(reply) && members.includes(reply.text);
  const chosen = itemsOf(reply);
  if (chosen === undefined || !chosen.every((member) => members.includes(member))) return false;
  const wanted = Number(count);
  if (wanted < 0) return chosen.length === -wanted;
  return (
    chosen.length === Math.min(wanted, members.length) && new Set(chosen).size === chosen.length
  );
}

const stateCalls: Readonly<Record<string, (key: string) => string[][]>> = {
  string: (key) => [["GET", key]],
  hash: (key) => [["HGETALL", key]],
  list: (key) => [["LRANGE", key, "0", "-1"]],
  set: (key) => [["SMEMBERS", key]],
  zset: (key) => [["ZRANGE", key, "0", "-1", "WITHSCORES"]],
  stream: (key) => [
    ["XRANGE", key, "-", "+"],
    ["XINFO", "STREAM", key, "FULL", "COUNT", "0"],
  ],
};

async function stateOf(client: RawClient, database: string): Promise<Map<string, string>> {
  await client.command("DISCARD");
  await client.command("SELECT", database);
  const names = itemsOf(parseReply(await client.command("KEYS", "*"))) ?? [];
  const state = new Map<string, string>();
  for (const name of names) {
    const type = parseReply(await client.command("TYPE", name)).text;
    const calls = [...(stateCalls[type]?.(name) ?? []), ["PEXPIRETIME", name]];
    const texts: string[] = [type];
    for (const call of calls) {
      const tree = parseReply(await client.command(...call));
      texts.push(textOf(comparable(call, tree, { isNewPeer })));
    }
    state.set(name, texts.join(" "));
  }
  return state;
}
