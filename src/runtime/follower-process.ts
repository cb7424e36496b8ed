/**
 * The door to a follower: a child process that works beside the server, at the lowest priority, on
 * one job, says how far it is, and ends. It dies with its parent, however that dies: the channel
 * between them closes then. What a job and a message are, `node/` knows.
 *
 * `InProcessFollowers` is the twin for tests and simulations: the same work in this process, on
 * whatever disk and timers it was given.
 */
import { readdirSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { assert } from "../base/assert.ts";
import { type Child, parentChannel, startChild } from "./child-process.ts";
import { FramedChannel } from "./framed-channel.ts";
import { runnableModule } from "./module-url.ts";
import { loadRuntimeAddon } from "./native-addon.ts";

export interface FollowerEvents {
  message(message: unknown): void;
  /** Once, at the end, whatever it was; `reason` says how the process ended if not by itself. */
  ended(reason: string | undefined): void;
}

export interface Follower {
  /** Ends it at once; `ended` follows. */
  kill(): void;
}

export interface FollowerDoor {
  /** `job` crosses by structured clone. */
  start(job: object, events: FollowerEvents): Follower;
}

/** `entry` is the module that calls `serveParent`, by its name in the source. */
export function systemFollowers(entry: URL): FollowerDoor {
  return {
    start(job, events) {
      let child: Child;
      try {
        child = startChild(runnableModule(entry), followerFlags);
      } catch (failure) {
        queueMicrotask(() => events.ended(String(failure)));
        return { kill: () => undefined };
      }
      let problem: string | undefined;
      const channel = new FramedChannel(child.channel, {
        message: (message) => events.message(message),
        broken(reason) {
          problem = reason;
          child.kill();
        },
      });
      void channel.send(job);
      void child.ended.then((reason) => events.ended(problem ?? reason));
      return { kill: () => child.kill() };
    },
  };
}

/**
 * Much is made and thrown away: a small young generation keeps the process small, and collecting it
 * without helpers leaves the other cores alone.
 */
const followerFlags = [
  "--disable-warning=ExperimentalWarning",
  "--max-semi-space-size=8",
  "--no-parallel-scavenge",
];

/** The child's side. */
export interface ParentChannel {
  /** Resolves once it has left. */
  send(message: object): Promise<void>;
}

/**
 * Priorities and processors are a thread's on Linux, and V8 has made its own before any of our code
 * runs. The lowest priority is not enough: who has a processor keeps it to the end of a tick, 4 ms,
 * and with a helper of ours on the one and our own thread on the other everybody waits. Beside a
 * follower that leaves one processor alone the slowest replies take what they always take.
 */
function yieldToAll(): void {
  const { PRIORITY_LOW } = constants.priority;
  setPriority(PRIORITY_LOW);
  try {
    const threads = Int32Array.from(readdirSync("/proc/self/task"), Number);
    for (const thread of threads) setPriority(thread, PRIORITY_LOW);
    loadRuntimeAddon()?.leaveOneProcessor(threads);
  } catch {
    // Elsewhere a priority is the process's.
  }
}

/** Takes the one job, and ends the process when it is done or when the parent is gone. */
export function serveParent(work: (job: unknown, parent: ParentChannel) => Promise<void>): void {
  yieldToAll();
  const stream = parentChannel();
  stream.once("close", () => process.exit(1));
  // A terminal's Ctrl-C is for the parent, which decides what becomes of us.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => undefined);
  let isAtWork = false;
  const parent = new FramedChannel(stream, {
    broken: () => process.exit(1),
    message(job) {
      assert(!isAtWork, "a follower has one job");
      isAtWork = true;
      work(job, parent).then(
        () => process.exit(0),
        (failure: unknown) => {
          process.stderr.write(`${failure instanceof Error ? failure.stack : String(failure)}\n`);
          process.exit(70);
        },
      );
    },
  });
}

/** The twin: `work` runs here, on what the test gave it. */
export class InProcessFollowers implements FollowerDoor {
  readonly #work: (job: unknown, parent: ParentChannel) => Promise<void>;

  constructor(work: (job: unknown, parent: ParentChannel) => Promise<void>) {
    this.#work = work;
  }

  start(job: object, events: FollowerEvents): Follower {
    let isEnded = false;
    const end = (reason: string | undefined): void => {
      if (isEnded) return;
      isEnded = true;
      events.ended(reason);
    };
    const parent: ParentChannel = {
      send: async (message) => {
        // Whoever was killed says nothing more, and never goes on.
        if (isEnded) await new Promise(() => undefined);
        events.message(structuredClone(message));
      },
    };
    this.#work(structuredClone(job), parent).then(
      () => end(undefined),
      (failure: unknown) => end(failure instanceof Error ? failure.message : String(failure)),
    );
    return { kill: () => end("it was killed") };
  }
}
