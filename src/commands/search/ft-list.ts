/**
 * FT._LIST: the names of all indexes, in order of creation.
 */
import { SetReply } from "../../resp/frame.ts";
import type { Command } from "../command.ts";
import { nameReply } from "./reply-layout.ts";

export const ftListCommand: Command = {
  name: "ft._list",
  group: "search",
  summary: "Returns the names of all indexes.",
  since: "2.0.0",
  complexity: "O(N), where N is the number of indexes",
  arity: 1,
  flags: ["readonly"],
  readsWholeKeyspace: true,
  run: (context) => new SetReply(context.search.names().map(nameReply)),
};
