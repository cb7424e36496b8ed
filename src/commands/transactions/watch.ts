/**
 * WATCH: the next EXEC gives up if one of these keys changes before it.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { errors } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { key, multiple } from "../argument.ts";
import type { Command } from "../command.ts";

export const watchCommand: Command = {
  name: "watch",
  group: "transactions",
  summary: "Watches keys, so that a transaction depends on their not changing.",
  since: "2.2.0",
  complexity: "O(1) for every key.",
  arity: -2,
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  keys: [{ flags: ["RO"], first: 1, last: -1, step: 1 }],
  arguments: [multiple(key())],
  runsInsideMulti: true,
  run: (context, args) => {
    if (context.session.isInTransaction) return errors.watchInsideMulti;
    context.session.watch(args.slice(1).map(toBinaryString));
    return OK;
  },
};
