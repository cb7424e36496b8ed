/**
 * Payloads that somebody has tampered with, under a checksum that is right: each is refused, and
 * then nothing has changed, or it is a value that is as sound as any.
 *
 * LODESTONE_CORRUPT_PAYLOADS says how many; LODESTONE_SEED begins them again.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it, onTestFailed } from "vitest";
import { ErrorReply } from "../../src/base/errors.ts";
import { commandTable } from "../../src/commands/registry.ts";
import { flatValue } from "../../src/keyspace/restored-value.ts";
import { dumpPayload } from "../../src/rdb/payload.ts";
import { pick, randomCall, seededRandom } from "../support/command-grammar.ts";
import { type InProcessClient, InProcessServer, present } from "../support/in-process-server.ts";
import { rdbCases } from "../support/rdb-values.ts";
import { sealed } from "./sealed.ts";

const COUNT = Number(process.env["LODESTONE_CORRUPT_PAYLOADS"] ?? 3000);
const CALLS_EACH = 8;
const FOOTER_BYTES = 10;
const PAYLOAD_BYTES_MAX = 3000;
const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);

/** Of both versions of Redis, and our own. */
function payloads(): Buffer[] {
  const fixtures = new URL("../fixtures/rdb-payloads.hex", import.meta.url);
  const lines = readFileSync(fixtures, "utf8").trimEnd().split("\n");
  const all: Buffer[] = lines.map((line) => Buffer.from(line.split("|")[2], "hex"));
  for (const { commands } of rdbCases) {
    const client = new InProcessServer().connect();
    for (const call of commands) client.command(...call);
    all.push(Buffer.from(String(client.command("DUMP", "k")), "latin1"));
  }
  const fields = ["f", "v", "g", "w"];
  for (const isLarge of [false, true]) {
    all.push(dumpPayload({ type: "fields", pairs: fields, isLarge, expiriesMs: [9e12, 0] }));
  }
  return all.filter(({ length }) => length <= PAYLOAD_BYTES_MAX);
}

/** Commands that look at and change a value of the type. */
const groups: Readonly<Record<string, readonly string[]>> = {
  string: ["string", "bitmap", "hyperloglog"],
  list: ["list"],
  set: ["set"],
  zset: ["sorted_set", "geo"],
  hash: ["hash"],
  stream: ["stream"],
};

function commandsOf(type: string) {
  return commandTable.all
    .filter(({ declaration, subcommands }) => {
      const isBlocking = declaration.flags.includes("blocking");
      return groups[type].includes(declaration.group) && subcommands === null && !isBlocking;
    })
    .map(({ declaration }) => declaration);
}

function corrupted(payload: Buffer, random: () => number): Buffer {
  let content: Buffer = Buffer.from(payload.subarray(0, payload.length - FOOTER_BYTES));
  for (let left = 1 + Math.floor(random() * 3); left > 0; left -= 1) {
    const at = Math.floor(random() * content.length);
    const how = random();
    if (how < 0.55) content[at] = Math.floor(random() * 256);
    else if (how < 0.7) content[at] ^= 1 << Math.floor(random() * 8);
    else if (how < 0.8) content = content.subarray(0, Math.max(1, at));
    else if (how < 0.9)
      content = Buffer.concat([content.subarray(0, at), content.subarray(at + 1)]);
    else
      content = Buffer.concat([content.subarray(0, at), Buffer.from("\x01"), content.subarray(at)]);
    if (content.length === 0) return sealed(Buffer.from("\x00"));
  }
  return sealed(content, 10 + Math.floor(random() * 3));
}

/** A value that is read is the same after one more way through bytes; then it is worked with. */
function survives(server: InProcessServer, client: InProcessClient, random: () => number): void {
  const type = String(client.command("TYPE", "k"));
  const again = Buffer.from(String(client.command("DUMP", "k")), "latin1");
  expect(client.command("RESTORE", "k2", 0, again)).toBe("OK");
  const digest = client.command("DEBUG", "DIGEST-VALUE", "k");
  expect(digest).toHaveLength(1);
  expect(client.command("DEBUG", "DIGEST-VALUE", "k2")).toEqual(digest);
  const { value } = present(server.keyspace.databases[0].get("k"));
  const costBytes = value.type === "string" ? 0 : value.costBytes;
  client.command("COPY", "k", "k3");
  const copy = present(server.keyspace.databases[0].get("k3")).value;
  expect(copy.type === "string" ? 0 : copy.costBytes).toBe(costBytes);
  expect(flatValue(copy)).toEqual(flatValue(value));
  const commands = commandsOf(type);
  for (let left = CALLS_EACH; left > 0; left -= 1) {
    const call = randomCall(pick(commands, random), random);
    if (call.length > 1) call[1] = "k";
    client.tryCommand(...call);
    client.tryCommand("RESET");
  }
}

describe(`corrupt payloads (LODESTONE_SEED=${seed})`, () => {
  it("are refused, or are values as sound as any", () => {
    onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
    const random = seededRandom(seed);
    const originals = payloads();
    const server = new InProcessServer({ configuration: [["debug-commands", "yes"]] });
    const client = server.connect();
    const refused = new Map<string, number>();
    let readCount = 0;
    for (let index = 0; index < COUNT; index += 1) {
      client.command("FLUSHALL");
      client.command("SET", "other", "value");
      const payload = corrupted(pick(originals, random), random);
      const reply = client.command("RESTORE", "k", 0, payload);
      if (reply instanceof ErrorReply) {
        refused.set(reply.text, (refused.get(reply.text) ?? 0) + 1);
        expect(client.command("KEYS", "*")).toEqual(["other"]);
        continue;
      }
      readCount += 1;
      try {
        survives(server, client, random);
      } catch (failure) {
        throw new Error(`payload ${index}: ${payload.toString("hex")}`, { cause: failure });
      }
    }
    expect(readCount).toBeGreaterThan(COUNT / 100);
    expect(refused.get("ERR Bad data format")).toBeGreaterThan(COUNT / 10);
    for (const text of refused.keys()) expect(text).toMatch(/Bad data format|too large/);
  });
});
