/**
 * Calls for two servers that are to do the same: random ones from the declarations, in and out of
 * transactions, without those whose effect depends on the clock, on chance, or on somebody else.
 */
import type { Command } from "../../src/commands/command.ts";
import { commandTable } from "../../src/commands/registry.ts";
import { pick, type Random, randomCall } from "./command-grammar.ts";

/** Named, with the reason. */
const excluded: ReadonlyMap<string, string> = new Map([
  ["scan", "a cursor is a matter of layout; the scan tests look at what it promises"],
  ["hscan", "the same"],
  ["sscan", "the same"],
  ["zscan", "the same"],
  ["wait", "the peer waits for its time-out where we know that all is durable"],
  ["waitaof", "the same"],
  ["pfselftest", "a test of Redis's own code, of seconds"],
  ["pfdebug", "a look at Redis's own representation, which the HyperLogLog tests compare"],
  ["spop", "chance; compared by property, one call at a time"],
  ["srandmember", "the same"],
  ["hrandfield", "the same"],
  ["zrandmember", "the same"],
  ["randomkey", "the same"],
  ["dump", "bytes of another version of the format; compared by what RESTORE makes of them"],
  ["object|freq", "refused without an LFU policy, which we do not have"],
  ["object|idletime", "the clock"],
  ["object|encoding", "compared for whole states, with a peer of 7.2"],
  ["object|refcount", "Redis shares small numbers"],
  ["object|help", "our own sentences"],
  ["xgroup|help", "our own sentences"],
  ["xinfo|help", "our own sentences"],
]);

/** Whose commands look at values of one type. */
export const typeGroups: ReadonlySet<string> = new Set([
  "string",
  "hash",
  "list",
  "set",
  "sorted_set",
  "stream",
  "bitmap",
  "hyperloglog",
  "geo",
]);

/** Those of ours that the peer has, by `known`. */
export function comparedCommands(known: ReadonlySet<string>): readonly Command[] {
  return commandTable.all
    .filter(({ name, subcommands, declaration }) => {
      const isOfType =
        (typeGroups.has(declaration.group) || declaration.group === "generic") &&
        subcommands === null;
      return isOfType && known.has(name) && !excluded.has(name);
    })
    .map(({ declaration }) => declaration);
}

export class CallMaker {
  isInMulti = false;
  readonly #random: Random;
  readonly #commands: readonly Command[];
  readonly #isRefused: (call: readonly string[]) => boolean;
  #expiryCount = 0;
  /** What has to come right behind the call before. */
  #next: string[] | undefined;

  /** `isRefused`: calls that the peer's version answers in another way. */
  constructor(
    random: Random,
    commands: readonly Command[],
    isRefused: (call: readonly string[]) => boolean,
  ) {
    this.#random = random;
    this.#commands = commands;
    this.#isRefused = isRefused;
  }

  next(): string[] {
    const next = this.#next;
    this.#next = undefined;
    return next ?? this.#withEqualScores(this.#newCall());
  }

  #newCall(): string[] {
    const random = this.#random;
    const dice = random();
    if (dice < 0.01) return this.#endsOrBegins("MULTI", true);
    if (dice < 0.03) return this.#endsOrBegins(dice < 0.025 ? "EXEC" : "DISCARD", false);
    if (dice < 0.035) return ["SELECT", pick(["0", "1", "16", "x"], random)];
    if (dice < 0.037) return ["SWAPDB", "0", pick(["1", "2", "x"], random)];
    if (dice < 0.0375) return ["FLUSHDB"];
    const watch = ["WATCH", "a", "set:1"];
    if (dice < 0.045 && !this.#isRefused(watch)) return pick([watch, ["UNWATCH"]], random);
    for (;;) {
      const command = pick(this.#commands, random);
      const call = this.#withoutChance(this.#withOwnTime(randomCall(command, random)));
      if (!this.#wouldBlock(command, call) && !this.#isRefused(call)) return call;
    }
  }

  /**
   * What an order by members gives among different scores, Redis leaves open. So such a call goes
   * to a copy in which all are equal, which the call before it makes.
   */
  #withEqualScores(call: string[]): string[] {
    const isByMembers = call[0].endsWith("lex") || call[0] === "zlexcount";
    const isOption = call.some((arg) => arg.toLowerCase() === "bylex");
    const keyAt = call[0] === "zrangestore" ? 2 : 1;
    if (!(isByMembers || isOption) || call.length <= keyAt) return call;
    this.#next = call.map((arg, at) => (at === keyAt ? "lex" : arg));
    return ["ZUNIONSTORE", "lex", "1", call[keyAt], "WEIGHTS", "0"];
  }

  #endsOrBegins(name: string, isInMulti: boolean): string[] {
    this.isInMulti = isInMulti;
    return [name];
  }

  /** Inside a MULTI nobody waits. */
  #wouldBlock(command: Command, call: readonly string[]): boolean {
    if (this.isInMulti) return false;
    if (command.name === "xread" || command.name === "xreadgroup") {
      return call.some((arg) => arg.toLowerCase() === "block");
    }
    return command.flags.includes("blocking");
  }

  #withoutChance(call: string[]): string[] {
    const name = call[0];
    // The id that `*` makes is the clock's.
    if (name === "xadd")
      return call.map((arg) => (arg === "*" ? pick(NEW_IDS, this.#random) : arg));
    if (name !== "sort" && name !== "sort_ro") return call;
    // With equal weights the order would be that of a sort that is not stable.
    const isByWeight = call.some((arg) => arg.toLowerCase() === "by");
    return isByWeight ? call.filter((arg) => arg.toLowerCase() !== "alpha") : call;
  }

  /**
   * GT and LT compare with times that the two servers took at different milliseconds, so that equal
   * amounts would not compare equally: each gets one of its own, apart from all others by seconds.
   */
  #withOwnTime(call: string[]): string[] {
    const isRelative = call[0] === "expire" || call[0] === "pexpire";
    const amount = Number(call[2]);
    if (!isRelative || !/^[gl]t$/i.test(call[3] ?? "") || !(amount > 0 && amount < 1e12)) {
      return call;
    }
    this.#expiryCount += 1;
    const stepOf = call[0] === "expire" ? 7 : 7000;
    call[2] = String(amount + this.#expiryCount * stepOf);
    return call;
  }
}

const NEW_IDS = ["400-*", "500-1", "600-*", "700-1", "800-*", "1000-*", "1500-1", "1-*", "2000-*"];
