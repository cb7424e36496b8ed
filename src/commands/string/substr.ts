/**
 * SUBSTR: the old name of GETRANGE.
 */
import type { Command } from "../command.ts";
import { getrangeCommand } from "./getrange.ts";

export const substrCommand: Command = {
  ...getrangeCommand,
  name: "substr",
  summary: "Returns a substring from a string value.",
  since: "1.0.0",
  deprecatedSince: "2.0.0",
  replacedBy: "`GETRANGE`",
};
