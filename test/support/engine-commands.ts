/**
 * A few commands for tests of the engine alone: PUT, FETCH, DROP, LATER (a search that the test
 * finishes), COUNT (reads the whole keyspace), beside the real ones about connections, transactions
 * and the server.
 */
import { toBinaryString } from "../../src/base/bytes.ts";
import { ErrorReply } from "../../src/base/errors.ts";
import type { Command } from "../../src/commands/command.ts";
import { CommandTable } from "../../src/commands/command-table.ts";
import { connectionCommands } from "../../src/commands/connection/commands.ts";
import { serverCommands } from "../../src/commands/server/commands.ts";
import { transactionCommands } from "../../src/commands/transactions/commands.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { OK } from "../../src/resp/frame.ts";

const common = {
  group: "string",
  summary: "For tests.",
  since: "1.0.0",
  complexity: "O(1)",
} as const;

const put: Command = {
  ...common,
  name: "put",
  arity: -3,
  flags: ["write", "denyoom"],
  run: (context, args) => {
    context.apply({
      id: EffectId.stringSet,
      database: context.database,
      key: toBinaryString(args[1]),
      value: args[2],
      expiryMs: args.length > 3 ? context.nowMs + Number(args[3]) : 0,
    });
    return OK;
  },
};

const fetch: Command = {
  ...common,
  name: "fetch",
  arity: 2,
  flags: ["readonly"],
  run: (context, args) => {
    const value = context.lookupString(toBinaryString(args[1]));
    return value === undefined ? null : value;
  },
};

const drop: Command = {
  ...common,
  name: "drop",
  arity: 2,
  flags: ["write"],
  run: (context, args) => {
    const key = toBinaryString(args[1]);
    if (context.lookup(key) === undefined) return 0;
    const { database } = context;
    context.apply({ id: EffectId.keyDelete, database, key, reason: "deleted" });
    return 1;
  },
};

const count: Command = {
  ...common,
  name: "count",
  arity: 1,
  flags: ["readonly"],
  readsWholeKeyspace: true,
  run: (context) => context.keyspace.keyCount(context.database),
};

/** Searches under way, in the order in which they began. */
export class Searches {
  readonly open: { finish(): void; fail(reason: Error): void }[] = [];

  /** LATER key: answers, once finished, what the key holds then. */
  readonly command: Command = {
    ...common,
    name: "later",
    arity: 2,
    flags: ["readonly"],
    run: (context, args) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      this.open.push({ finish: () => resolve(toBinaryString(args[1])), fail: reject });
      return context.defer(
        promise,
        (later, key) => {
          const value = later.lookupString(key);
          return value === undefined ? null : value;
        },
        (reason) => new ErrorReply(`ERR ${String(reason)}`),
      );
    },
  };
}

export function engineCommands(searches = new Searches()): CommandTable {
  return new CommandTable([
    put,
    fetch,
    drop,
    count,
    searches.command,
    ...connectionCommands,
    ...transactionCommands,
    ...serverCommands,
  ]);
}

/** Lets promises that were settled run their continuations. */
export async function settlePromises(): Promise<void> {
  for (let round = 0; round < 10; round += 1) await Promise.resolve();
}
