/**
 * LMOVE: Returns an element after popping it from one list and pushing it to another. Deletes the
 * list if the last element was moved.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { errors } from "../../base/errors.ts";
import { key, oneOf, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseListEnd } from "./list-end.ts";
import { moveValue } from "./move.ts";

export const lmoveCommand: Command = {
  name: "lmove",
  group: "list",
  summary:
    "Returns an element after popping it from one list and pushing it to another. Deletes the list if the last element was moved.",
  since: "6.2.0",
  complexity: "O(1)",
  arity: 5,
  flags: ["write", "denyoom"],
  keys: [
    { flags: ["RW", "access", "delete"], first: 1, last: 1, step: 1 },
    { flags: ["RW", "insert"], first: 2, last: 2, step: 1 },
  ],
  arguments: [
    key("source"),
    key("destination", 1),
    oneOf("wherefrom", token("LEFT"), token("RIGHT")),
    oneOf("whereto", token("LEFT"), token("RIGHT")),
  ],
  valueType: "list",
  run: (context, args) => {
    const from = parseListEnd(args[3]);
    const to = parseListEnd(args[4]);
    if (from === undefined || to === undefined) return errors.syntax;
    return moveValue(context, toBinaryString(args[1]), toBinaryString(args[2]), from, to);
  },
};
