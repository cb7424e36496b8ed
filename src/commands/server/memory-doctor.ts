/**
 * MEMORY DOCTOR: says in a sentence whether the figures look healthy.
 */
import { VerbatimReply } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

/** Below this, the process itself outweighs the data, and their ratio says nothing. */
const HEALTHY_BYTES = 256 * 1024 * 1024;

export const memoryDoctorCommand: Command = {
  name: "memory|doctor",
  group: "server",
  summary: "Looks at the use of memory and reports.",
  since: "4.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: [],
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  run: (context) => {
    const figures = context.server.memory();
    const maxmemory = context.server.configuration.number("maxmemory");
    const findings: string[] = [];
    if (maxmemory > 0 && figures.usedBytes > maxmemory * 0.9) {
      findings.push("More than 90% of maxmemory is in use; writes will be refused at 100%.");
    }
    if (figures.usedBytes > HEALTHY_BYTES && figures.residentBytes > figures.usedBytes * 3) {
      findings.push("The process holds more than three times what the data needs.");
    }
    if (findings.length === 0) findings.push("Nothing unusual was found.");
    return new VerbatimReply("txt", `${findings.join("\n")}\n`);
  },
};
