/**
 * The ways of dying. A life ends at a random time, at a failpoint, in a snapshot
 * (`snapshot-deaths.ts`), or with SIGTERM, in some lives after a pause (SIGSTOP, SIGCONT); and a
 * dead server's next lives may end while it reads its log back, once or a few times in a row.
 * Chances come from the arena's seed, the moment does not.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type FailpointName, failpointNames } from "../../src/runtime/failpoints.ts";
import type { Arena } from "./arena.ts";
import type { ServerProcess } from "./server-process.ts";

const LONGEST_LIFE_MS = 700;
const LONGEST_PAUSE_MS = 150;
/** Of those who die recovering, half at a passage, half within so long after they listen. */
const LONGEST_RECOVERY_MS = 120;
const RECOVERED_RECORDS_MOST = 2000;

/** Passages in one life, about; of others that the server has, so few that each comes to be. */
const passages: Partial<Readonly<Record<FailpointName, number>>> = {
  "executor.executed": 600,
  "appender.sent": 300,
  "appender.durable": 300,
  "gate.before-reply": 600,
  "segment.created": 2,
  "segment.directory-synced": 2,
  "snapshot.block": 4,
  "trim.between": 3,
};
const PASSAGES_OF_OTHERS = 1;

const deadlyNames = failpointNames.filter((name) => !/^planted\.|\.held$/.test(name));
const namesOf = (pattern: RegExp) => deadlyNames.filter((name) => pattern.test(name));
const inSnapshot = /^(?:snapshot\.|trim\.|graph-file\.block)/;
const recoveryNames = namesOf(/^(?:recover\.|graph-file\.restored)/);
const snapshotNames = namesOf(inSnapshot);
const writingNames = deadlyNames.filter(
  (name) => !recoveryNames.includes(name) && !snapshotNames.includes(name),
);

export type Victim = "server" | "follower" | "both";

export interface LifePlan {
  /** Empty, or where it dies by itself. */
  readonly failpoints: string;
  readonly lifeMs: number;
  readonly signal: "SIGKILL" | "SIGTERM";
  /** 0: none. It comes at half of the life. */
  readonly pauseMs: number;
  /** Whether snapshots are made in it, and if it does not die otherwise, who is killed in one. */
  readonly inSnapshot: Victim | undefined;
}

export type DeathKind =
  | "writing"
  | "failpoint"
  | "snapshot"
  /** Of the process that makes the snapshot; its server goes on. */
  | "follower"
  | "recovery"
  | "start"
  | "termination";

export interface Death {
  readonly kind: DeathKind;
  /** For whoever looks into a failure. */
  readonly text: string;
}

/** By turns, so that a short run meets each way. */
export function planLife(arena: Arena, life: number): LifePlan {
  const base: LifePlan = {
    failpoints: "",
    lifeMs: 50 + arena.random.fraction() * LONGEST_LIFE_MS,
    signal: "SIGKILL",
    pauseMs: life % 5 === 4 ? 1 + arena.below(LONGEST_PAUSE_MS) : 0,
    inSnapshot: undefined,
  };
  switch (life % 8) {
    case 1:
      return { ...base, inSnapshot: "server" };
    case 3:
      return { ...base, inSnapshot: arena.below(2) === 0 ? "follower" : "both" };
    case 5:
      return { ...base, inSnapshot: "server", failpoints: chooseFailpoint(arena, snapshotNames) };
    case 6:
      return { ...base, signal: "SIGTERM", inSnapshot: life % 16 === 6 ? "server" : undefined };
    case 2:
    case 7:
      return { ...base, failpoints: chooseFailpoint(arena, writingNames) };
    default:
      return base;
  }
}

function chooseFailpoint(arena: Arena, names: readonly FailpointName[]): string {
  const name = names[arena.below(names.length)];
  return `${name}=exit@${1 + arena.below(passages[name] ?? PASSAGES_OF_OTHERS)}`;
}

/** Waits for the end of a life that has begun. */
export async function die(server: ServerProcess, plan: LifePlan): Promise<Death> {
  const { lifeMs, signal, pauseMs } = plan;
  let isKilled = false;
  const killer = setTimeout(() => {
    isKilled = true;
    server.kill(signal);
  }, lifeMs + pauseMs);
  const pauses = [
    setTimeout(() => pauseMs > 0 && server.kill("SIGSTOP"), lifeMs / 2),
    setTimeout(() => pauseMs > 0 && server.kill("SIGCONT"), lifeMs / 2 + pauseMs),
  ];
  await server.exited;
  for (const timer of [killer, ...pauses]) clearTimeout(timer);
  return describeDeath(server, plan, isKilled);
}

/** Of one that has ended. */
export function describeDeath(server: ServerProcess, plan: LifePlan, isKilled: boolean): Death {
  const { failpoints, lifeMs, signal, pauseMs, inSnapshot: victim } = plan;
  const pause = pauseMs > 0 ? `, paused for ${pauseMs} ms` : "";
  if (isKilled && signal === "SIGTERM") {
    if (server.exitCode !== 0) throw new Error(`SIGTERM ended in ${describeEnd(server)}`);
    return { kind: "termination", text: `stopped after ${lifeMs | 0} ms${pause}` };
  }
  if (server.signal !== "SIGKILL") throw new Error(`the server ended: ${describeEnd(server)}`);
  if (!isKilled) {
    const kind = inSnapshot.test(failpoints) ? "snapshot" : "failpoint";
    return { kind, text: `${failpoints}${pause}` };
  }
  if (victim === undefined) {
    return { kind: "writing", text: `killed after ${lifeMs | 0} ms${pause}` };
  }
  return { kind: "snapshot", text: `killed in a snapshot (${victim})${pause}` };
}

/** A life that ends while the log is read back, or right after. */
export async function dieRecovering(arena: Arena): Promise<Death> {
  const isAtPassage = arena.below(2) === 0;
  const name = recoveryNames[arena.below(recoveryNames.length)];
  // As many early passages as late ones, whatever the length of the log.
  const most = name === "recover.applied" ? RECOVERED_RECORDS_MOST : 1;
  const passage = Math.floor(most ** arena.random.fraction());
  const failpoints = isAtPassage ? `${name}=exit@${passage}` : "";
  const afterMs = arena.random.fraction() * LONGEST_RECOVERY_MS;
  const server = arena.start(failpoints);
  const client = await (isAtPassage ? server.connect() : server.connectWhileLoading());
  if (!isAtPassage) await Promise.race([server.exited, wait(afterMs)]);
  const isBeforeReady = !server.isReady;
  server.kill();
  await server.exited;
  client?.close();
  if (server.signal !== "SIGKILL") throw new Error(`no start: ${describeEnd(server)}`);
  const text = failpoints === "" ? `killed ${afterMs | 0} ms after it listened` : failpoints;
  return { kind: isBeforeReady ? "recovery" : "start", text: `then ${text}` };
}

export function describeEnd(server: ServerProcess): string {
  return `code ${server.exitCode}, signal ${server.signal}: ${server.lastWords}`;
}
