/**
 * Random calls from the declarations' grammar: arguments that are mostly sensible
 * (`argument-pools.ts`), counts of keys that are mostly right, and now and then an argument
 * dropped, doubled or added.
 */
import type { ArgumentDeclaration, Command } from "../../src/commands/command.ts";
import { type ArgumentPlace, poolOf, STRINGS } from "./argument-pools.ts";

export type Random = () => number;

/** A small generator with a printable seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Options that belong together come together: each alone is an error that hides the rest. */
const OPTION_SHARE = 0.35;
const WRONG_COUNT_SHARE = 0.1;

export function randomCall(command: Command, random: Random): string[] {
  const call = new CallBuilder(command, random);
  for (const argument of command.arguments ?? []) call.append(argument);
  const args = call.args;
  if (random() < 0.03 && args.length > 1) args.splice(1 + pickIndex(args.length - 1, random), 1);
  if (random() < 0.03) args.push(pick(STRINGS, random));
  if (random() < 0.02 && args.length > 2) args.push(args[2]);
  return args;
}

export function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[pickIndex(items.length, random)];
}

function pickIndex(count: number, random: Random): number {
  return Math.floor(random() * count);
}

class CallBuilder {
  readonly args: string[];
  readonly #place: ArgumentPlace;
  readonly #random: Random;
  /** How many keys the last argument of several keys had; what comes once for each uses it. */
  #keyCount = 0;
  /** Where a count of keys stands that still has to be told, or -1. */
  #countAt = -1;

  constructor(command: Command, random: Random) {
    this.args = command.name.split("|");
    this.#place = { command: command.name, group: command.group };
    this.#random = random;
  }

  append(argument: ArgumentDeclaration): void {
    if (argument.isOptional === true && this.#random() >= OPTION_SHARE) return;
    const times = argument.isMultiple === true ? this.#timesOf(argument) : 1;
    for (let time = 0; time < times; time += 1) {
      const isTokenWanted = time === 0 || argument.isMultipleToken === true;
      if (argument.token !== undefined && argument.token !== "" && isTokenWanted) {
        this.args.push(this.#random() < 0.5 ? argument.token : argument.token.toLowerCase());
      }
      this.#appendValue(argument);
    }
    if (argument.type === "key" && argument.isMultiple === true) this.#tellCount(times);
  }

  #timesOf(argument: ArgumentDeclaration): number {
    const isOneForEachKey = argument.name === "ID" || argument.name === "weight";
    if (isOneForEachKey && this.#keyCount > 0 && this.#random() >= WRONG_COUNT_SHARE) {
      return this.#keyCount;
    }
    return 1 + pickIndex(3, this.#random);
  }

  #tellCount(keyCount: number): void {
    this.#keyCount = keyCount;
    if (this.#countAt >= 0 && this.#random() >= WRONG_COUNT_SHARE) {
      this.args[this.#countAt] = String(keyCount);
    }
    this.#countAt = -1;
  }

  #appendValue(argument: ArgumentDeclaration): void {
    const parts = argument.arguments ?? [];
    if (argument.type === "pure-token") return;
    if (argument.type === "oneof") this.append(pick(parts, this.#random));
    else if (argument.type === "block") {
      for (const part of parts) this.append(part);
    } else {
      if (argument.name === "numkeys") this.#countAt = this.args.length;
      this.args.push(pick(poolOf(argument, this.#place, this.#random()), this.#random));
    }
  }
}
