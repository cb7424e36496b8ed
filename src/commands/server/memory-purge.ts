/**
 * MEMORY PURGE: freed pages go back to the system at once. They do so by themselves when the server
 * rests (`engine/rest-cycle.ts`), so nobody has to ask.
 */
import { OK } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

export const memoryPurgeCommand: Command = {
  name: "memory|purge",
  group: "server",
  summary: "Asks the allocator to give memory back.",
  since: "4.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: [],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  run(context) {
    context.server.giveBackMemory();
    return OK;
  },
};
