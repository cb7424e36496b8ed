/**
 * Deaths in snapshots: one is made after the other while others write, each trims the log, and the
 * server, the process that makes them, or both are killed in the middle. If it is the follower
 * alone, its server must say so, go on, and make the next; then it is killed too.
 */
import { readdirSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Arena } from "./arena.ts";
import { type Death, describeDeath, describeEnd, die, type LifePlan } from "./deaths.ts";
import type { RespClient } from "./resp-client.ts";
import type { ServerProcess } from "./server-process.ts";

const POLL_MS = 2;
/** After the follower was seen, or the file that it writes. */
const LONGEST_SNAPSHOT_MS = 150;
const WHOLE_SNAPSHOTS_MOST = 2;
/** Each trims something but the first; a failpoint that did not come by then does not come. */
const WHOLE_BEFORE_FAILPOINT = 4;
/** Until it is killed, if neither snapshot nor failpoint came to pass. */
const PATIENCE_MS = 60_000;

/** Waits for the end of a life that has begun, and sees to it. */
export async function endLife(
  arena: Arena,
  server: ServerProcess,
  plan: LifePlan,
): Promise<Death[]> {
  if (plan.inSnapshot === undefined) return [await die(server, plan)];
  return await dieInSnapshot(arena, server, plan);
}

/** What the follower died of comes before the server's own death. */
async function dieInSnapshot(
  arena: Arena,
  server: ServerProcess,
  plan: LifePlan,
): Promise<Death[]> {
  const client = await server.open();
  const making = makeSnapshots(client);
  const deaths: Death[] = [];
  let isKilled = false;
  const kill = (): void => {
    isKilled = true;
    server.kill(plan.signal);
  };
  const timer = setTimeout(kill, PATIENCE_MS);
  if (plan.failpoints !== "") {
    const made = making.whenMade(WHOLE_BEFORE_FAILPOINT);
    const reason = await Promise.race([server.exited, making.failed, made]);
    if (reason !== undefined && !server.isGone)
      deaths.push({ kind: "follower", text: `follower ${plan.failpoints}` });
  } else {
    await Promise.race([server.exited, making.whenMade(arena.below(WHOLE_SNAPSHOTS_MOST + 1))]);
    const isFollowerKilled = await strikeFollower(arena, server, plan);
    if (isFollowerKilled) deaths.push({ kind: "follower", text: "follower killed" });
    if (plan.inSnapshot === "follower") await expectGoingOn(server, making);
  }
  if (!server.isGone) kill();
  await server.exited;
  clearTimeout(timer);
  client.close();
  await making.ended;
  return [...deaths, describeDeath(server, plan, isKilled)];
}

/** In the middle of a snapshot; whether there was a follower to be killed, and who was meant. */
async function strikeFollower(
  arena: Arena,
  server: ServerProcess,
  { pauseMs, inSnapshot }: LifePlan,
): Promise<boolean> {
  const follower = await whenInSnapshot(arena, server);
  if (follower === undefined) return false;
  if (pauseMs > 0 && signalProcess(follower, "SIGSTOP")) {
    await wait(pauseMs);
    signalProcess(follower, "SIGCONT");
  }
  await Promise.race([server.exited, wait(arena.random.fraction() * LONGEST_SNAPSHOT_MS)]);
  return inSnapshot !== "server" && signalProcess(follower, "SIGKILL");
}

interface Making {
  /** Resolves once so many were made. */
  whenMade(count: number): Promise<void>;
  /** Resolves with what a snapshot failed of, or never. */
  readonly failed: Promise<string>;
  /** Once the server is gone. */
  readonly ended: Promise<void>;
}

/** One after the other, until the connection breaks. */
function makeSnapshots(client: RespClient): Making {
  let made = 0;
  let wanted: { readonly count: number; resolve(): void } | undefined;
  let fail: (reason: string) => void = () => undefined;
  const failed = new Promise<string>((resolve) => {
    fail = resolve;
  });
  const make = async (): Promise<void> => {
    while (!client.isBroken) {
      const reply = await client.send("SAVE");
      if (reply instanceof Error) fail(reply.message);
      else made += 1;
      if (wanted !== undefined && made >= wanted.count) wanted.resolve();
    }
  };
  const whenMade = (more: number): Promise<void> => {
    if (more === 0) return Promise.resolve();
    return new Promise((resolve) => {
      wanted = { count: made + more, resolve };
    });
  };
  return { whenMade, failed, ended: make().catch(() => undefined) };
}

/** The follower of a snapshot, at its beginning or once it writes; undefined if there is none. */
async function whenInSnapshot(arena: Arena, server: ServerProcess): Promise<number | undefined> {
  const isLate = arena.below(2) === 0;
  const deadline = performance.now() + PATIENCE_MS;
  while (!server.isGone && performance.now() < deadline) {
    const [follower] = server.childIds();
    const isWriting = readdirSync(arena.dataFolder).some((name) => name.endsWith(".snap.new"));
    if (follower !== undefined && (isWriting || !isLate)) return follower;
    await wait(POLL_MS);
  }
  return undefined;
}

/** If a snapshot failed, the server says of what; it lives, and makes the next. */
async function expectGoingOn(server: ServerProcess, making: Making): Promise<void> {
  const reason = await Promise.race([server.exited, making.failed, making.whenMade(1)]);
  if (reason !== undefined && !/no snapshot was made: .*SIGKILL/.test(reason)) {
    throw new Error(`a snapshot failed otherwise than by its follower's death: ${reason}`);
  }
  if (!server.isGone) await Promise.race([server.exited, making.whenMade(1)]);
  if (server.isGone) throw new Error(`went with its follower: ${describeEnd(server)}`);
}

function signalProcess(id: number, signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): boolean {
  try {
    return process.kill(id, signal);
  } catch {
    // It has ended by itself.
    return false;
  }
}
