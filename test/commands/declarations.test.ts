/**
 * What every command must hold, generated from its declaration: arity, WRONGTYPE, documentation.
 */
import { describe, expect, it } from "vitest";
import { categoryNames } from "../../src/auth/categories.ts";
import { ErrorReply } from "../../src/base/errors.ts";
import type { ArgumentDeclaration } from "../../src/commands/command.ts";
import type { RegisteredCommand } from "../../src/commands/command-table.ts";
import { commandTable } from "../../src/commands/registry.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { InProcessServer, present } from "../support/in-process-server.ts";

const words = (command: RegisteredCommand) => command.name.split("|");

function padded(command: RegisteredCommand, count: number): string[] {
  const args = words(command);
  while (args.length < count) args.push("1");
  return args.slice(0, count);
}

/** Every command that `run` may be called for: containers run only when they take no subcommand. */
const callable = commandTable.all.filter(
  (command) => command.subcommands === null || command.name === "command",
);

describe.each(callable.map((command) => [command.name, command] as const))("%s", (_, command) => {
  const least = Math.abs(command.arity);

  const refusal =
    command.name === "exec"
      ? "EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command"
      : `ERR wrong number of arguments for '${command.name}' command`;

  it("refuses too few arguments", () => {
    const wordCount = words(command).length;
    if (least <= wordCount) return;
    const client = new InProcessServer().connect();
    expect(client.error(...padded(command, Math.max(wordCount, least - 1)))).toBe(refusal);
  });

  it("refuses too many arguments where the count is fixed", () => {
    if (command.arity < 0) return;
    const client = new InProcessServer().connect();
    expect(client.error(...padded(command, least + 1))).toBe(refusal);
  });

  it("has keys inside its arity, and categories and flags that exist", () => {
    for (const specification of command.declaration.keys ?? []) {
      expect(specification.flags.length).toBeGreaterThan(0);
      if ("unknownBecause" in specification || "keyword" in specification) continue;
      const first = "first" in specification ? specification.first : specification.countAt;
      expect(first).toBeGreaterThan(0);
      // PFMERGE may have no sources.
      expect(first).toBeLessThanOrEqual(least);
      if ("last" in specification && specification.last >= 0) {
        expect(specification.last).toBeGreaterThanOrEqual(first);
        expect(specification.last).toBeLessThan(least);
      }
    }
    for (const category of command.categories) expect(categoryNames).toContain(category);
    expect(command.isWrite && command.declaration.flags.includes("readonly")).toBe(false);
    if (command.isDeniedWithoutMemory) expect(command.isWrite).toBe(true);
  });

  it("is documented", () => {
    const declaration = command.declaration;
    expect(declaration.summary).toMatch(/^[A-Z].*\.$/);
    expect(declaration.since).toMatch(/^\d+\.\d+\.\d+$/);
    expect(declaration.complexity).not.toBe("");
    for (const argument of declaration.arguments ?? []) expectWellFormed(argument);
  });
});

function expectWellFormed(argument: ArgumentDeclaration): void {
  expect(argument.name).not.toBe("");
  const isGroup = argument.type === "oneof" || argument.type === "block";
  expect(argument.arguments !== undefined).toBe(isGroup);
  if (argument.type === "pure-token") expect(argument.token).toBeDefined();
  for (const inner of argument.arguments ?? []) expectWellFormed(inner);
}

const typed = callable.filter((command) => command.declaration.valueType !== undefined);

describe.skipIf(typed.length === 0).each(typed.map((command) => [command.name, command] as const))(
  "%s",
  (_, command) => {
    it("refuses a key of another type, and leaves it as it was", () => {
      const server = new InProcessServer();
      const client = server.connect();
      const wanted = command.declaration.valueType;
      const nowMs = server.world.nowMs();
      const key = { database: 0, key: "1" };
      if (wanted === "string") {
        server.keyspace.apply({ id: EffectId.hashSet, ...key, pairs: ["f", "v"] }, nowMs);
      } else {
        const effect = { id: EffectId.stringSet, ...key, value: "v", expiryMs: 0 };
        server.keyspace.apply(effect, nowMs);
      }
      const before = client.command("DEBUG", "DIGEST");
      const reply = client.tryCommand(...sampleCall(command));
      expect(reply).toBeInstanceOf(ErrorReply);
      expect((reply as ErrorReply).text).toBe(
        "WRONGTYPE Operation against a key holding the wrong kind of value",
      );
      expect(client.command("DEBUG", "DIGEST")).toBe(before);
      expect(server.sink.units).toHaveLength(0);
    });
  },
);

/** Ranges of bytes, whose bounds are strings, take no `1`. */
const BOUNDS = ["min", "max"];

/** The shortest call that the declaration allows, with `1` for every value and key. */
function sampleCall(command: RegisteredCommand): string[] {
  const args = [...words(command), ...(command.declaration.arguments ?? []).flatMap(sample)];
  while (args.length < Math.abs(command.arity)) args.push("1");
  return args;
}

function sample(argument: ArgumentDeclaration): string[] {
  if (argument.isOptional === true) return [];
  const token = argument.token === undefined || argument.token === "" ? [] : [argument.token];
  switch (argument.type) {
    case "pure-token":
      return token;
    case "oneof":
      return [...token, ...sample(present(argument.arguments?.[0]))];
    case "block":
      return [...token, ...(argument.arguments ?? []).flatMap(sample)];
    default:
      return [...token, BOUNDS.includes(argument.name) && argument.type === "string" ? "-" : "1"];
  }
}

describe("the table", () => {
  it("holds each name once", () => {
    const names = commandTable.all.map((command) => command.name);
    expect(new Set(names).size).toBe(names.length);
    expect(commandTable.all.every((command, index) => command.index === index)).toBe(true);
  });
});
