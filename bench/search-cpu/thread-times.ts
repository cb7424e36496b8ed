/**
 * Processor time of a process's threads, in microseconds, from /proc (Linux): user and system time
 * together, as the scheduler counts them, to the nanosecond.
 */
import { readdirSync, readFileSync } from "node:fs";

export interface ThreadTimes {
  /** Threads of the vector kernel that search. */
  readonly kernel: number;
  /** Those that build its graph. */
  readonly build: number;
  readonly eventLoop: number;
  /** Garbage collection, the log's threads, whatever there is. */
  readonly rest: number;
}

export function threadTimes(pid: number): ThreadTimes {
  const times = { kernel: 0, build: 0, eventLoop: 0, rest: 0 };
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    const [nanoseconds] = readFileSync(`${folder}/schedstat`, "latin1").split(" ");
    const name = readFileSync(`${folder}/comm`, "latin1").trim();
    times[kindOf(name, Number(thread) === pid)] += Number(nanoseconds) / 1000;
  }
  return times;
}

export function timesSince(pid: number, before: ThreadTimes): ThreadTimes {
  const now = threadTimes(pid);
  return {
    kernel: now.kernel - before.kernel,
    build: now.build - before.build,
    eventLoop: now.eventLoop - before.eventLoop,
    rest: now.rest - before.rest,
  };
}

function kindOf(name: string, isFirst: boolean): keyof ThreadTimes {
  if (isFirst) return "eventLoop";
  if (name === "search") return "kernel";
  return name === "build" ? "build" : "rest";
}
