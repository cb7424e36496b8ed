/**
 * What containers (CLIENT, CONFIG, …) share: their own `run`, and HELP made from the declarations.
 */
import { AssertionFailure, must } from "../base/assert.ts";
import type { Reply } from "../resp/frame.ts";
import { SimpleString } from "../resp/frame.ts";
import type { Command, CommandGroup } from "./command.ts";
import { argumentSyntax } from "./syntax.ts";

/** A container's arity asks for a subcommand, so that its own `run` is never reached. */
export function runContainer(): Reply {
  throw new AssertionFailure("a container was run instead of its subcommand");
}

/** `CLIENT HELP` and its like: a line with the syntax of each subcommand, and what it does. */
export function helpCommand(container: string, group: CommandGroup, since: string): Command {
  return {
    name: `${container}|help`,
    group,
    summary: "Lists the subcommands with their syntax.",
    since,
    complexity: "O(1)",
    arity: 2,
    flags: ["loading", "stale"],
    run: (context) => {
      const registered = must(context.server.commands.find(container), "a container is registered");
      const name = container.toUpperCase();
      const lines = [`${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`];
      for (const sub of registered.declaration.subcommands ?? []) {
        const subName = sub.name.slice(container.length + 1).toUpperCase();
        lines.push([subName, ...(sub.arguments ?? []).map(argumentSyntax)].join(" "));
        lines.push(`    ${sub.summary}`);
      }
      return lines.map((line) => new SimpleString(line));
    },
  };
}
