/**
 * A node on a fake disk: everything real but the disk, the threads and the end of the process.
 */

import { ErrorReply } from "../../src/base/errors.ts";
import type { EngineLifeCycle } from "../../src/engine/engine-parts.ts";
import type { ReplySink } from "../../src/engine/reply-sink.ts";
import type { MasterKeySetting } from "../../src/keys/master-key.ts";
import { type RunningNode, startNode } from "../../src/node/start.ts";
import type { World } from "../../src/node/world.ts";
import type { Reply } from "../../src/resp/frame.ts";
import { systemClock, systemTimers, type Timers } from "../../src/runtime/clock.ts";
import type { Disk } from "../../src/runtime/disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import type { Logger } from "../../src/runtime/logger.ts";
import { systemProcess } from "../../src/runtime/process.ts";
import { type SecretDoor, systemSecrets } from "../../src/runtime/secrets.ts";
import { TrafficCounters } from "../../src/server/traffic-counters.ts";
import { followersOn } from "./in-process-followers.ts";
import { type DecodedReply, decodeReply } from "./in-process-server.ts";
import { MemoryConfiguration } from "./memory-configuration.ts";

export interface LogLine {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

/** A logger that keeps its lines. */
export function keepingLogger(lines: LogLine[]): Logger {
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  const logger: Logger = {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    fatal: at("fatal"),
    setLevel: () => undefined,
    child: () => logger,
  };
  return logger;
}

export interface FakeNode {
  readonly node: RunningNode;
  readonly lines: LogLine[];
  readonly exitCodes: number[];
  /** Resolves with the first of them; the node goes on as no process does, and must be stopped. */
  readonly exited: Promise<number>;
}

const lifeCycle: EngineLifeCycle = {
  shutdown: () => undefined,
  abortShutdown: () => new ErrorReply("ERR No shutdown in progress."),
};

export function startFakeNode(
  disk: Disk,
  options: {
    readonly log?: "file" | "memory";
    readonly segmentBytes?: number;
    readonly databaseCount?: number;
    readonly masterKey?: MasterKeySetting;
    readonly secrets?: SecretDoor;
    /** Instead of the system's time. */
    readonly nowMs?: () => number;
    readonly configuration?: readonly (readonly [string, string])[];
    readonly failpoints?: string;
    readonly timers?: Timers;
  } = {},
): FakeNode {
  const lines: LogLine[] = [];
  const exitCodes: number[] = [];
  let tellExit: (code: number) => void = () => undefined;
  const exited = new Promise<number>((resolve) => {
    tellExit = resolve;
  });
  const { nowMs } = options;
  const clock = nowMs === undefined ? systemClock : { ...systemClock, nowMs };
  const world: World = {
    clock,
    timers: options.timers ?? systemTimers,
    random: seededRandom(1),
    disk,
    process: {
      ...systemProcess,
      exit: (code) => {
        exitCodes.push(code);
        tellExit(code);
        return undefined as never;
      },
    },
    followers: followersOn(disk, clock, systemTimers),
    logger: keepingLogger(lines),
    secrets: options.secrets ?? systemSecrets,
  };
  const node = startNode(
    {
      log: options.log ?? "file",
      folder: "/log",
      address: "127.0.0.1:1",
      failpoints: options.failpoints ?? "",
      databaseCount: options.databaseCount ?? 16,
      masterKey: options.masterKey,
      segmentBytes: options.segmentBytes ?? 16 * 1024,
      searchThreadCount: 1,
    },
    world,
    {
      configuration: new MemoryConfiguration(options.configuration),
      facts: { port: 1, configFile: "", traffic: new TrafficCounters() },
      lifeCycle,
    },
  );
  return { node, lines, exitCodes, exited };
}

/** A connection whose replies come as promises, in order. */
export function connect(node: RunningNode): (...args: string[]) => Promise<DecodedReply> {
  const waiting: ((reply: DecodedReply) => void)[] = [];
  const sink: ReplySink = {
    send: (reply: Reply, protocol) => waiting.shift()?.(decodeReply(reply, protocol)),
    resume: () => undefined,
    closeWhenSent: () => undefined,
    closeNow: () => undefined,
    outputBytes: 0,
    address: "127.0.0.1:2",
    localAddress: "127.0.0.1:1",
  };
  const receiver = node.engine.createSession(sink);
  return (...args) =>
    new Promise((resolve) => {
      waiting.push(resolve);
      receiver.execute(args);
    });
}
