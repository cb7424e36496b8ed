/**
 * LPUSHX: Prepends one or more elements to a list only when the list exists.
 */
import { key, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { pushValues } from "./push.ts";

export const lpushxCommand: Command = {
  name: "lpushx",
  group: "list",
  summary: "Prepends one or more elements to a list only when the list exists.",
  since: "2.2.0",
  complexity: "O(1) for each element added",
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "insert"], first: 1, last: 1, step: 1 }],
  arguments: [key(), multiple(string("element"))],
  history: [["4.0.0", "Accepts multiple `element` arguments."]],
  valueType: "list",
  run: (context, args) => pushValues(context, args, "LEFT", true),
};
