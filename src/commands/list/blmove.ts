/**
 * BLMOVE: Pops an element from a list, pushes it to another list and returns it. Blocks until an
 * element is available otherwise.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { errors } from "../../base/errors.ts";
import { double, key, oneOf, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseTimeoutSeconds } from "../timeout-argument.ts";
import { parseListEnd } from "./list-end.ts";
import { moveOrWait } from "./move.ts";

export const blmoveCommand: Command = {
  name: "blmove",
  group: "list",
  summary:
    "Pops an element from a list, pushes it to another list and returns it. Blocks until an element is available otherwise. Deletes the list if the last element was moved.",
  since: "6.2.0",
  complexity: "O(1)",
  arity: 6,
  flags: ["write", "denyoom", "blocking"],
  keys: [
    { flags: ["RW", "access", "delete"], first: 1, last: 1, step: 1 },
    { flags: ["RW", "insert"], first: 2, last: 2, step: 1 },
  ],
  arguments: [
    key("source"),
    key("destination", 1),
    oneOf("wherefrom", token("LEFT"), token("RIGHT")),
    oneOf("whereto", token("LEFT"), token("RIGHT")),
    double("timeout"),
  ],
  valueType: "list",
  run: (context, args) => {
    const from = parseListEnd(args[3]);
    const to = parseListEnd(args[4]);
    if (from === undefined || to === undefined) return errors.syntax;
    const timeoutMs = parseTimeoutSeconds(args[5], context.nowMs);
    const source = toBinaryString(args[1]);
    return moveOrWait(context, source, toBinaryString(args[2]), from, to, timeoutMs);
  },
};
