/**
 * H7, payloads of RESTORE: changed under a checksum that is right. Each is refused, and then
 * nothing has changed, or it is a value that is as sound as any.
 *
 * LODESTONE_CORRUPT_PAYLOADS says how many, LODESTONE_TEST_SEED begins them again.
 */
import { readFileSync } from "node:fs";
import { assert } from "../../src/base/assert.ts";
import { ErrorReply } from "../../src/base/errors.ts";
import { dumpPayload } from "../../src/rdb/payload.ts";
import { sealed } from "../rdb/sealed.ts";
import { pick, seededRandom } from "../support/command-grammar.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { type InProcessClient, InProcessServer } from "../support/in-process-server.ts";
import { rdbCases } from "../support/rdb-values.ts";
import { checkValues } from "./sound-values.ts";

const COUNT = Number(process.env["LODESTONE_CORRUPT_PAYLOADS"] ?? 3000);
const FAILURES_MAX = 5;
const FOOTER_BYTES = 10;
const PAYLOAD_BYTES_MAX = 3000;
const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);

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

/** Why a payload that was refused should not have been, or what it left behind. */
function explainRefusal(client: InProcessClient, reply: ErrorReply): string | undefined {
  if (!/Bad data format|too large/.test(reply.text)) return `it is refused with ${reply.text}`;
  const keys = JSON.stringify(client.command("KEYS", "*"));
  return keys === '["other"]' ? undefined : `it is refused, and there are ${keys}`;
}

export async function fuzzPayloads(): Promise<HarnessReport> {
  const random = seededRandom(seed);
  const originals = payloads();
  const server = new InProcessServer({ configuration: [["debug-commands", "yes"]] });
  const client = server.connect();
  const counts = { payloads: 0, refused: 0, read: 0 };
  const failures: string[] = [];
  while (counts.payloads < COUNT && failures.length < FAILURES_MAX) {
    counts.payloads += 1;
    client.command("FLUSHALL");
    client.command("SET", "other", "value");
    const payload = corrupted(pick(originals, random), random);
    try {
      const reply = client.command("RESTORE", "k", 0, payload);
      const wrong = reply instanceof ErrorReply ? explainRefusal(client, reply) : undefined;
      assert(wrong === undefined, wrong ?? "");
      counts.refused += reply instanceof ErrorReply ? 1 : 0;
      if (reply instanceof ErrorReply) continue;
      counts.read += 1;
      checkValues(server, client, ["k"], random);
    } catch (failure) {
      const trace = failure instanceof Error ? failure.stack : String(failure);
      failures.push(`payload ${payload.toString("hex")}: ${trace}`);
    }
  }
  return {
    harness: "H7 restore",
    title: "payloads of RESTORE that were changed are refused, or values as sound as any",
    seed,
    figures: counts,
    failures,
  };
}
