/**
 * The demo's chat session: a hash with an expiry and a list of turns, beside the embeddings.
 */
import type { DemoClient } from "./client.ts";
import { type Checks, heading, line } from "./terminal.ts";

const SESSION_KEY = "session:demo-user:1";
const TURNS_KEY = `${SESSION_KEY}:turns`;
const LIFETIME_SECONDS = 1800;

const FIELDS: readonly string[] = [
  ...["user_id", "demo-user", "topic", "design proposals"],
  ...["created_at", "2026-01-15T10:30:00Z"],
];
const TURNS: readonly string[] = [
  '{"role":"user","content":"How does a container give back memory?"}',
  '{"role":"assistant","content":"Through reclaim: the kubelet evicts under pressure."}',
  '{"role":"user","content":"And who decides which pod goes first?"}',
];

export async function chatSession(client: DemoClient): Promise<void> {
  heading("A chat session in the same store");
  await client.sendCommand(["HSET", SESSION_KEY, ...FIELDS]);
  await client.sendCommand(["EXPIRE", SESSION_KEY, String(LIFETIME_SECONDS)]);
  await client.sendCommand(["RPUSH", TURNS_KEY, ...TURNS]);
  const left = Number(await client.sendCommand(["TTL", SESSION_KEY]));
  line(
    `${SESSION_KEY}: ${FIELDS.length / 2} fields, ${left} seconds to live, ${TURNS.length} turns`,
  );
}

export async function verifySession(client: DemoClient, checks: Checks): Promise<void> {
  const fields: unknown = await client.sendCommand(["HGETALL", SESSION_KEY]);
  const turns: unknown = await client.sendCommand(["LRANGE", TURNS_KEY, "0", "-1"]);
  const left = Number(await client.sendCommand(["TTL", SESSION_KEY]));
  const isSame =
    JSON.stringify(fields) === JSON.stringify(FIELDS) &&
    JSON.stringify(turns) === JSON.stringify(TURNS);
  checks.check(isSame, `the session's fields and its ${TURNS.length} turns are the same`);
  checks.check(
    left > 0 && left <= LIFETIME_SECONDS,
    `its time to live went on: ${left} seconds left`,
  );
}
