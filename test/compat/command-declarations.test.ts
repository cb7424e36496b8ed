/**
 * What COMMAND, COMMAND DOCS and COMMAND GETKEYS say of each command that a real redis-server has
 * too: arity, flags, keys and how to find them, categories, tips, arguments. Sentences are our own.
 *
 * Ours are those of 7.2. What an older peer says differently is listed with the version from which
 * it must be as ours; what differs from every version is on purpose, and says why.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ErrorReply } from "../../src/base/errors.ts";
import { randomCall, seededRandom } from "../support/command-grammar.ts";
import { commandTable } from "../../src/commands/registry.ts";
import { InProcessServer } from "../support/in-process-server.ts";
import { findRedisServer, isAtLeast, type PeerReply, RedisPeer } from "../support/redis-peer.ts";

const version = findRedisServer();
const isNew = version !== undefined && isAtLeast(version, 7, 2);
const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);

/** What 7.2 changed since 7.0. */
const changedIn72: readonly string[] = [];

/** What we say otherwise than every version, and why. */
const onPurpose: ReadonlyMap<string, string> = new Map([]);

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
const docsParts = ["since", "group", "arguments", "deprecated_since", "replaced_by"];

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
    const ours = infoByName(client.command("COMMAND") as unknown as Info[]);
    const differences = new Differences();
    for (const [name, own] of ours) {
      const their = theirs.get(name);
      if (their === undefined) continue;
      for (const [part, index] of infoParts) {
        differences.compare(`${name}: ${part}`, sorted(own[index]), sorted(their[index]));
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
        differences.compare(`${name}: ${part}`, told(own.get(part)), told(their.get(part)));
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
        for (const question of ["GETKEYS", "GETKEYSANDFLAGS"]) {
          const mine = plain(client.command("COMMAND", question, ...call));
          const theirs = plain(await peer.command("COMMAND", question, ...call));
          if (JSON.stringify(mine) === JSON.stringify(theirs)) continue;
          if (onPurpose.has(`${name}: ${question}`)) continue;
          differences.push({ question, call, mine, theirs });
        }
      }
    }
    expect(differences.slice(0, 5)).toEqual([]);
  });
});

class Differences {
  readonly #found: string[] = [];
  readonly #used = new Set<string>();

  compare(name: string, own: string, their: string): void {
    if (own === their) return;
    this.#used.add(name);
    if (!isNew && changedIn72.includes(name)) return;
    if (onPurpose.has(name)) return;
    this.#found.push(`${name}\n    ours:  ${own}\n    redis: ${their}`);
  }

  expectNone(): void {
    expect(this.#found.join("\n")).toBe("");
  }
}

function plain(reply: unknown): unknown {
  if (reply instanceof ErrorReply) return { error: reply.text };
  if (reply instanceof Error) return { error: reply.message };
  return Array.isArray(reply) ? reply.map(plain) : reply;
}

function sorted(part: unknown): string {
  return JSON.stringify(Array.isArray(part) ? [...part].sort() : part);
}

/** Display texts came with 7.2. */
function told(part: unknown): string {
  return JSON.stringify(isNew ? part : withoutDisplayText(part)) ?? "";
}

function withoutDisplayText(part: unknown): unknown {
  if (!Array.isArray(part)) return part;
  const kept: unknown[] = [];
  for (let index = 0; index < part.length; index += 1) {
    if (part[index] === "display_text") index += 1;
    else kept.push(withoutDisplayText(part[index]));
  }
  return kept;
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
