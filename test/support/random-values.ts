/**
 * A server with keys of all types, made by random commands.
 */
import { commandTable } from "../../src/commands/registry.ts";
import { typeGroups } from "./call-maker.ts";
import { pick, randomCall } from "./command-grammar.ts";
import { InProcessServer } from "./in-process-server.ts";

const CALLS = 1500;
/** A test of Redis's own code, of seconds. */
const SLOW = "pfselftest";

const commands = commandTable.all
  .filter(({ name, declaration, subcommands }) => {
    const isBlocking = declaration.flags.includes("blocking");
    return (
      typeGroups.has(declaration.group) && subcommands === null && !isBlocking && name !== SLOW
    );
  })
  .map(({ declaration }) => declaration);

export function randomlyFilled(random: () => number): InProcessServer {
  const server = new InProcessServer();
  const client = server.connect();
  for (let left = CALLS; left > 0; left -= 1)
    client.tryCommand(...randomCall(pick(commands, random), random));
  return server;
}
