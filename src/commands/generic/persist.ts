/**
 * PERSIST: Removes the expiration time of a key.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

export const persistCommand: Command = {
  name: "persist",
  group: "generic",
  summary: "Removes the expiration time of a key.",
  since: "2.2.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key()],
  run: (context, args) => {
    const { database } = context;
    const name = toBinaryString(args[1]);
    const entry = context.lookup(name);
    if (entry === undefined || entry.expiryMs === 0) return 0;
    context.apply({ id: EffectId.expirySet, database, key: name, expiryMs: 0 });
    return 1;
  },
};
