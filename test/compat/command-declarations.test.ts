/**
 * What COMMAND, COMMAND DOCS and COMMAND GETKEYS say of each command that a real redis-server has
 * too: arity, flags, keys and how to find them, categories, tips, arguments. Sentences are our own.
 *
 * Ours are those of 7.2. An older peer is not asked for tips and arguments, which 7.2 wrote anew;
 * LODESTONE_REDIS_SERVER names a newer one. What differs from every version says why.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ErrorReply } from "../../src/base/errors.ts";
import type { Command } from "../../src/commands/command.ts";
import { commandTable } from "../../src/commands/registry.ts";
import { randomCall, seededRandom } from "../support/command-grammar.ts";
import { InProcessServer } from "../support/in-process-server.ts";
import { changedSince70 } from "../support/peer-versions.ts";
import { findRedisServer, isAtLeast, RedisPeer } from "../support/redis-peer.ts";

const version = findRedisServer();
const isNew = version !== undefined && isAtLeast(version, 7, 2);
const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);

/** What 7.2 changed since 7.0. */
const changedIn72: ReadonlySet<string> = new Set([
  "client|pause: since",
  "command|getkeys: arity",
  "command|getkeysandflags: arity",
  "zrank: arity",
  "zrevrank: arity",
]);

/** What we say otherwise than every version, and why. */
const onPurpose: ReadonlyMap<string, string> = new Map([
  ["wait: categories", "categories follow the group"],
  ["waitaof: categories", "categories follow the group"],
  ["client|kill: arguments", "MAXAGE, of 7.4, is there"],
  ["debug: arguments", "redis-cli hints at them"],
  ["lolwut: arguments", "what it takes is declared"],
  ["set: GETKEYSANDFLAGS", "the declared flags, whether GET is there or not"],
  ["bitfield: GETKEYSANDFLAGS", "the declared flags, whether it only reads or not"],
]);

const infoParts: readonly (readonly [string, number])[] = [
  ["arity", 1],
  ["flags", 2],
  ["first key", 3],
  ["last key", 4],
  ["key step", 5],
  ["categories", 6],
  ["tips", 7],
  ["key specifications", 8],
];
const docsParts = isNew
  ? ["since", "group", "arguments", "deprecated_since", "replaced_by"]
  : ["since", "group"];

type Info = readonly unknown[];

describe.skipIf(version === undefined)(`beside redis-server ${version ?? "(not here)"}`, () => {
  let peer: RedisPeer;
  const client = new InProcessServer().connect();

  beforeAll(async () => {
    peer = await RedisPeer.start();
  });

  afterAll(() => peer.stop());

  it("COMMAND says the same", async () => {
    const theirs = infoByName((await peer.command("COMMAND")) as Info[]);
    const ours = infoByName(client.command("COMMAND") as Info[]);
    const differences = new Differences();
    for (const [name, own] of ours) {
      const their = theirs.get(name);
      if (their === undefined) continue;
      for (const [part, index] of infoParts) {
        if (part === "tips" && !isNew) continue;
        differences.compare(`${name}: ${part}`, listed(own[index]), listed(their[index]));
      }
    }
    differences.expectNone();
    expect([...ours.keys()].filter((name) => theirs.has(name)).length).toBeGreaterThan(150);
  });

  it("COMMAND DOCS says the same", async () => {
    const theirs = docsByName((await peer.command("COMMAND", "DOCS")) as unknown[]);
    const ours = docsByName(client.command("COMMAND", "DOCS") as unknown[]);
    const differences = new Differences();
    for (const [name, own] of ours) {
      const their = theirs.get(name);
      if (their === undefined) continue;
      for (const part of docsParts) {
        const mine = JSON.stringify(own.get(part));
        differences.compare(`${name}: ${part}`, mine, JSON.stringify(their.get(part)));
      }
    }
    differences.expectNone();
  });

  it(`COMMAND GETKEYS finds the same keys (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const known = infoByName((await peer.command("COMMAND")) as Info[]);
    const withKeys = commandTable.all.filter(
      ({ declaration, name }) => declaration.keys !== undefined && known.has(name),
    );
    const differences: unknown[] = [];
    for (const { declaration, name } of withKeys) {
      for (let round = 0; round < 20; round += 1) {
        const call = randomCall(declaration, random);
        // The peer's replies come as UTF-8, and other bytes are looked at in other tests.
        if (!call.every((arg) => /^[ -~]*$/.test(arg))) continue;
        // Redis takes what digits it finds at the beginning for a count of keys.
        if (call.some((arg) => /^\d+\D/.test(arg)) && countsKeys(declaration)) continue;
        // 7.0 counts the arguments of COMMAND GETKEYS itself first.
        if (!isNew && (call.length === 1 || changedSince70(call))) continue;
        for (const question of ["GETKEYS", "GETKEYSANDFLAGS"]) {
          const mine = plain(client.command("COMMAND", question, ...call));
          const theirs = plain(await peer.command("COMMAND", question, ...call));
          if (JSON.stringify(mine) === JSON.stringify(theirs)) continue;
          if (onPurpose.has(`${name}: ${question}`)) continue;
          differences.push({ question, call, mine, theirs });
        }
      }
    }
    expect(differences.map((each) => JSON.stringify(each)).join("\n")).toBe("");
  });
});

/** The text from a little before the first difference on. */
function around(text = "", other = ""): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  return text.slice(Math.max(0, at - 80), at + 120);
}

class Differences {
  readonly #found: string[] = [];

  compare(name: string, own: string | undefined, their: string | undefined): void {
    if (own === their || onPurpose.has(name)) return;
    if (!isNew && changedIn72.has(name)) return;
    this.#found.push(`${name}\n    ours:  ${around(own, their)}\n    redis: ${around(their, own)}`);
  }

  expectNone(): void {
    expect(this.#found.join("\n")).toBe("");
  }
}

function countsKeys(declaration: Command): boolean {
  return (declaration.keys ?? []).some((keys) => "countAt" in keys);
}

function plain(reply: unknown): unknown {
  if (reply instanceof ErrorReply) return { error: reply.text };
  if (reply instanceof Error) return { error: reply.message };
  return Array.isArray(reply) ? reply.map(plain) : reply;
}

/** In any order, without the sentences in it; NOSCRIPT is another thing since 7.2. */
function listed(part: unknown): string {
  if (!Array.isArray(part)) return JSON.stringify(part);
  const words = part.map((item: unknown) => JSON.stringify(withoutNotes(item)));
  return words
    .filter((word) => isNew || word !== '"noscript"')
    .sort()
    .join(" ");
}

function withoutNotes(specification: unknown): unknown {
  const hasNotes = Array.isArray(specification) && specification[0] === "notes";
  return hasNotes ? specification.slice(2) : specification;
}

function infoByName(commands: readonly Info[], into = new Map<string, Info>()): Map<string, Info> {
  for (const command of commands) {
    into.set(String(command[0]), command);
    infoByName(command[9] as Info[], into);
  }
  return into;
}

type Docs = ReadonlyMap<string, unknown>;

function docsByName(flat: readonly unknown[], into = new Map<string, Docs>()): Map<string, Docs> {
  for (const [name, parts] of pairs(flat)) {
    const docs = new Map(pairs(parts as unknown[]));
    into.set(name, docs);
    docsByName((docs.get("subcommands") ?? []) as unknown[], into);
  }
  return into;
}

function pairs(flat: readonly unknown[]): (readonly [string, unknown])[] {
  const found: (readonly [string, unknown])[] = [];
  for (let index = 0; index < flat.length; index += 2) {
    found.push([String(flat[index]), flat[index + 1]]);
  }
  return found;
}
