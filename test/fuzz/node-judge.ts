/**
 * Starts a node on a folder that nobody vouches for: it is refused with an exit code that is not
 * our own fault's, or serves the traffic and stops in peace. Whatever else happens is a failure.
 */
import { exitCodeOf } from "../../src/node/fatal.ts";
import type { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { ExitCode } from "../../src/runtime/process.ts";
import { connect, type LogLine, startFakeNode } from "../support/fake-node.ts";
import { within } from "./fuzzed-server.ts";

const WAIT_MS_MAX = 20_000;

export interface Verdict {
  readonly isServed: boolean;
  readonly failure: string | undefined;
}

export type NodeTraffic = (
  send: ReturnType<typeof connect>,
  lines: readonly LogLine[],
) => Promise<void>;

function textOf(failure: unknown): string {
  return failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
}

/** A start may be refused for what the folder is, and never as our own fault. */
function unexpected(failure: unknown): string | undefined {
  const code = exitCodeOf(failure);
  return code === ExitCode.damaged || code === ExitCode.refused ? undefined : textOf(failure);
}

export async function judgeStart(
  disk: FakeDisk,
  options: Parameters<typeof startFakeNode>[1],
  traffic: NodeTraffic,
): Promise<Verdict> {
  const { node, exitCodes, lines } = startFakeNode(disk, options);
  const strays: unknown[] = [];
  const note = (failure: unknown): void => {
    strays.push(failure);
  };
  process.on("uncaughtException", note);
  try {
    const outcome = await within(
      node.whenReady.then(
        () => "ready" as const,
        (failure: unknown) => ({ failure }),
      ),
      WAIT_MS_MAX,
    );
    if (outcome === undefined) return { isServed: false, failure: "the start hangs" };
    if (outcome !== "ready") return { isServed: false, failure: unexpected(outcome.failure) };
    return { isServed: true, failure: await serve(node, traffic, lines, exitCodes, strays) };
  } catch (failure) {
    return { isServed: true, failure: textOf(failure) };
  } finally {
    process.off("uncaughtException", note);
  }
}

async function serve(
  node: ReturnType<typeof startFakeNode>["node"],
  traffic: NodeTraffic,
  lines: readonly LogLine[],
  exitCodes: readonly number[],
  strays: readonly unknown[],
): Promise<string | undefined> {
  const send = connect(node);
  const done = await within(
    traffic(send, lines).then(() => send("PING")),
    WAIT_MS_MAX,
  );
  if (done !== "PONG") return done === undefined ? "the traffic hangs" : "PING is not answered";
  const stopped = await within(
    node.stop().then(() => true),
    WAIT_MS_MAX,
  );
  if (stopped === undefined) return "the stop hangs";
  if (exitCodes.length > 0) return `exit code ${exitCodes[0]}`;
  return strays.length > 0 ? textOf(strays[0]) : undefined;
}
