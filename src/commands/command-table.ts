/**
 * The table that commands are looked up in: by name in any letter case, and by `container|sub`.
 *
 * Each command is registered once with a dense `index`, by which the engine keeps statistics, and
 * with its flags as booleans, because the executor asks for them on every command. `registry.ts`
 * holds the one table of the server; tests make smaller ones.
 */
import { commandCategories } from "../auth/categories.ts";
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import type { Command } from "./command.ts";

type Run = Command["run"];

export class RegisteredCommand {
  readonly declaration: Command;
  /** `get`, `client|list`. */
  readonly name: string;
  readonly index: number;
  readonly arity: number;
  readonly run: Run;
  readonly isWrite: boolean;
  readonly mayReplicate: boolean;
  readonly isDeniedWithoutMemory: boolean;
  readonly isOpenToAnybody: boolean;
  readonly isAllowedWhileLoading: boolean;
  readonly isRefusedInMulti: boolean;
  readonly isSkippedInSlowLog: boolean;
  readonly isFast: boolean;
  readonly runsInsideMulti: boolean;
  readonly readsWholeKeyspace: boolean;
  readonly categories: readonly string[];
  readonly container: RegisteredCommand | undefined;
  /** By lower-case name without the container's; null for a command that is no container. */
  readonly subcommands: Map<string, RegisteredCommand> | null;

  constructor(declaration: Command, index: number, container: RegisteredCommand | undefined) {
    const flags = declaration.flags;
    this.declaration = declaration;
    this.name = declaration.name;
    this.index = index;
    this.arity = declaration.arity;
    this.run = declaration.run;
    this.isWrite = flags.includes("write");
    this.mayReplicate = flags.includes("may_replicate");
    this.isDeniedWithoutMemory = flags.includes("denyoom");
    this.isOpenToAnybody = flags.includes("no_auth");
    this.isAllowedWhileLoading = flags.includes("loading");
    this.isRefusedInMulti = flags.includes("no_multi");
    this.isFast = flags.includes("fast");
    this.isSkippedInSlowLog = flags.includes("skip_slowlog") || declaration.carriesSecret === true;
    this.runsInsideMulti = declaration.runsInsideMulti === true;
    this.readsWholeKeyspace = declaration.readsWholeKeyspace === true;
    // A container is in no category of its group: rules are about what its subcommands do.
    const isOutside =
      declaration.subcommands !== undefined || declaration.isOutsideGroupCategory === true;
    const group = isOutside ? "" : declaration.group;
    this.categories = commandCategories(group, flags, declaration.categories ?? []);
    this.container = container;
    this.subcommands = declaration.subcommands === undefined ? null : new Map();
  }

  acceptsCount(argumentCount: number): boolean {
    return this.arity >= 0 ? argumentCount === this.arity : argumentCount >= -this.arity;
  }
}

export class CommandTable {
  /** Every command and subcommand, by `index`. */
  readonly all: readonly RegisteredCommand[];
  readonly #byName: Map<Bytes, RegisteredCommand>;

  constructor(commands: readonly Command[]) {
    const all: RegisteredCommand[] = [];
    this.#byName = new Map();
    for (const declaration of commands) {
      assert(!this.#byName.has(declaration.name), `two commands are named ${declaration.name}`);
      const command = new RegisteredCommand(declaration, all.length, undefined);
      all.push(command);
      this.#byName.set(declaration.name, command);
      this.#byName.set(declaration.name.toUpperCase(), command);
      for (const sub of declaration.subcommands ?? []) {
        const registered = new RegisteredCommand(sub, all.length, command);
        all.push(registered);
        const name = sub.name.slice(sub.name.indexOf("|") + 1);
        assert(sub.name === `${declaration.name}|${name}`, `${sub.name} names another container`);
        command.subcommands?.set(name, registered);
      }
    }
    this.all = all;
  }

  /** Top-level commands, in the order of registration. */
  topLevel(): readonly RegisteredCommand[] {
    return this.all.filter((command) => command.container === undefined);
  }

  /** `get`, `GET`, `client|list`. */
  find(name: string): RegisteredCommand | undefined {
    const separator = name.indexOf("|");
    if (separator === -1) return this.#byName.get(name) ?? this.#byName.get(name.toLowerCase());
    const container = this.find(name.slice(0, separator));
    return container?.subcommands?.get(name.slice(separator + 1).toLowerCase());
  }

  /**
   * The command that the arguments call: a container itself when no subcommand was given, undefined
   * when there is no such command or subcommand.
   */
  resolve(args: readonly Bytes[]): RegisteredCommand | undefined {
    const name = args[0];
    let command = this.#byName.get(name);
    if (command === undefined) {
      if (typeof name !== "string") return undefined;
      command = this.#byName.get(name.toLowerCase());
      if (command === undefined) return undefined;
    }
    if (command.subcommands === null || args.length === 1) return command;
    const sub = args[1];
    return typeof sub === "string" ? command.subcommands.get(sub.toLowerCase()) : undefined;
  }

  /** The container that `resolve` found nothing in, for the text of the error. */
  containerOf(args: readonly Bytes[]): RegisteredCommand | undefined {
    const name = args[0];
    return typeof name === "string" ? this.find(name.includes("|") ? "" : name) : undefined;
  }
}
