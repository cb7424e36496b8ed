/**
 * The executor: finds the command, checks whether it may run, runs it, and turns what it did into
 * one unit of the log and what it answered into a place in the session's gate.
 *
 * Commands run one at a time, to completion, synchronously. The order of the checks is Redis's,
 * because clients see which error comes first. Next in the flow: effect sink, reply-gate.
 */

import type { UserTable } from "../auth/users.ts";
import { must } from "../base/assert.ts";
import { type Bytes, toBinaryString } from "../base/bytes.ts";
import { cannotWriteLog, ErrorReply, errors, wrongArgumentCount } from "../base/errors.ts";
import type { RegisteredCommand } from "../commands/command-table.ts";
import type { BlockRequest } from "../commands/context.ts";
import type { SessionState } from "../commands/session-state.ts";
import { FORESEEN_MAX } from "../keyspace/database.ts";
import type { Effect } from "../keyspace/effect.ts";
import { NO_REPLY, NULL_ARRAY, QUEUED, type Reply } from "../resp/frame.ts";
import { BatchClock } from "./batch-clock.ts";
import { type BlockedClient, type BlockedClientHost, BlockedClients } from "./blocked-clients.ts";
import { type EngineContext, isErrorReply } from "./command-context.ts";
import type { EngineParts } from "./engine-parts.ts";
import { type Hazards, tagOf } from "./hazards.ts";
import type { LatencyMonitor } from "./latency-monitor.ts";
import type { Session, SessionHost } from "./session.ts";
import type { EngineSettings } from "./settings.ts";
import type { SlowLogRing } from "./slow-log.ts";
import type { ServerStatistics } from "./statistics.ts";
import { awaitReplies } from "./transaction.ts";
import type { WatchTable } from "./watch-table.ts";
import type { WriteTrace } from "./write-trace.ts";

const loadingError = new ErrorReply("LOADING Redis is loading the dataset in memory");
const notInMulti = new ErrorReply("ERR Command not allowed inside a transaction");
const tooManyBlockedKeys = new ErrorReply("ERR blocked clients wait for too many keys already");
const UNKNOWN_COMMAND_BYTES_MAX = 128;

export interface ExecutorParts {
  readonly engine: EngineParts;
  readonly settings: EngineSettings;
  readonly users: UserTable;
  readonly hazards: Hazards;
  readonly statistics: ServerStatistics;
  readonly slowLog: SlowLogRing;
  readonly latencyEvents: LatencyMonitor;
  readonly trace: WriteTrace;
  readonly watches: WatchTable;
  readonly closed: (session: Session) => void;
}

export class Executor implements SessionHost, BlockedClientHost {
  readonly watches: WatchTable;
  readonly blocked: BlockedClients;
  isLoading: boolean;
  /** CLIENT PAUSE. */
  pauseMode: "none" | "write" | "all";
  readonly #parts: EngineParts;
  readonly #settings: EngineSettings;
  readonly #users: UserTable;
  readonly #hazards: Hazards;
  readonly #statistics: ServerStatistics;
  readonly #slowLog: SlowLogRing;
  readonly #latencyEvents: LatencyMonitor;
  readonly #trace: WriteTrace;
  readonly #closed: (session: Session) => void;
  readonly #batchClock: BatchClock;
  readonly #foreseenKeys: string[];
  #context: EngineContext | undefined;

  constructor(parts: ExecutorParts) {
    this.watches = parts.watches;
    const { keyspace, clock, timers } = parts.engine;
    this.blocked = new BlockedClients(keyspace, clock, timers, this);
    this.isLoading = false;
    this.pauseMode = "none";
    this.#parts = parts.engine;
    this.#settings = parts.settings;
    this.#users = parts.users;
    this.#hazards = parts.hazards;
    this.#statistics = parts.statistics;
    this.#slowLog = parts.slowLog;
    this.#latencyEvents = parts.latencyEvents;
    this.#trace = parts.trace;
    this.#closed = parts.closed;
    this.#batchClock = new BatchClock(parts.engine.clock);
    this.#foreseenKeys = [];
    this.#context = undefined;
  }

  beginBatch(): void {
    this.#batchClock.begin();
  }

  endBatch(): void {
    this.#batchClock.end();
  }

  /** Nearly every command's first argument is a key; where it is none, nothing is lost. */
  foresee(session: Session, commands: readonly Bytes[][], count: number): void {
    const keys = this.#foreseenKeys;
    let keyCount = 0;
    for (let index = 0; index < count && keyCount < FORESEEN_MAX; index += 1) {
      const key = commands[index][1];
      if (typeof key !== "string") continue;
      keys[keyCount] = key;
      keyCount += 1;
    }
    if (keyCount > 1) this.#parts.keyspace.databases[session.database].foresee(keys, keyCount);
  }

  /** Once, before the first command; the context and the executor need each other. */
  useContext(context: EngineContext): void {
    this.#context = context;
  }

  isAuthenticationRequired(): boolean {
    return this.#users.isPasswordRequired();
  }

  closed(session: Session): void {
    this.blocked.leave(session);
    this.#closed(session);
  }

  /** False, and nothing done, when the command must wait until the session may proceed. */
  execute(session: Session, args: Bytes[]): boolean {
    const command = this.#parts.commands.resolve(args);
    const refusal = this.#refusalOf(session, command, args);
    if (refusal !== undefined || command === undefined) {
      if (refusal !== undefined) this.#refuse(session, command, refusal);
      return true;
    }
    if (this.#mustWait(session, command)) return false;
    const transaction = session.transaction;
    if (transaction !== undefined && !command.runsInsideMulti) {
      const full = transaction.add(command, args);
      if (full === undefined) this.#reply(session, QUEUED, 0);
      else this.#refuse(session, command, full);
      return true;
    }
    this.#run(session, command, args);
    return true;
  }

  /** EXEC's inside; runs within the EXEC command, whose unit everything goes into. */
  executeTransaction(session: Session): Reply {
    const context = this.#requireContext();
    const transaction = session.transaction;
    if (transaction === undefined) return errors.execWithoutMulti;
    const isDirty = session.isDirty || this.watches.hasExpired(session, context.nowMs);
    session.discardTransaction();
    if (transaction.isAborted) return errors.execAborted;
    if (isDirty) {
      context.waitForEverything();
      return NULL_ARRAY;
    }
    const replies: Reply[] = [];
    context.blocking = "denied";
    for (const { command, args } of transaction.queue) {
      context.database = session.database;
      context.mayApply = command.isWrite;
      context.mayCache = command.mayReplicate && context.mayExpire;
      session.lastCommandName = command.name;
      const startedMs = this.#parts.clock.monotonicMs();
      const reply = command.run(context, args);
      this.#count(session, command, args, reply, startedMs);
      if (command.readsWholeKeyspace) context.waitForEverything();
      replies.push(reply === NO_REPLY ? null : reply);
    }
    session.lastCommandName = "exec";
    return awaitReplies(replies);
  }

  watch(session: Session, keys: readonly string[]): void {
    const context = this.#requireContext();
    for (const key of keys) {
      this.watches.add(session, session.database, key, context.has(key));
    }
  }

  /** Applies effects that no client asked for (active expiry) as one unit. */
  applyOwnUnit(effects: readonly Effect[], nowMs: number): void {
    this.#parts.keyspace.tag = tagOf(this.#parts.sink.gatheringSequence);
    for (const effect of effects) this.#parts.keyspace.apply(effect, nowMs);
    if (effects.length > 0) this.#append(effects);
    if (this.blocked.hasReady) this.blocked.serveReady();
  }

  get isServingPaused(): boolean {
    return this.pauseMode !== "none";
  }

  serve(client: BlockedClient): boolean {
    const { session, command, args, request } = client;
    const refusal = this.#refusalOf(session, command, args);
    if (refusal !== undefined) {
      this.#refuse(session, command, refusal);
      return true;
    }
    const context = this.#requireContext();
    const startedMs = this.#batchClock.startMs();
    const nowMs = this.#batchClock.nowMs(startedMs);
    context.begin(session, nowMs, command.isWrite, this.#mayExpire());
    const reply = request.serve(context);
    // What it took before it was blocked counts as time of the same call.
    const countedMs = startedMs - client.durationMs;
    if (reply !== undefined) this.#finish(session, command, args, reply, countedMs);
    else {
      const endedMs = this.#batchClock.endMs();
      client.durationMs = endedMs - countedMs;
      this.#appendEffects(session, command, startedMs, endedMs);
    }
    return reply !== undefined;
  }

  answerBlocked(client: BlockedClient, reply: Reply): void {
    const { session, command, args, database, keys } = client;
    this.#record(session, command, args, reply, client.durationMs);
    let waitSequence = 0;
    // A null says that the keys were empty; an error says nothing about them.
    if (!isErrorReply(reply)) {
      for (const key of keys) {
        const sequence = this.#hazards.sequenceOfKey(this.#parts.keyspace, database, key);
        waitSequence = Math.max(waitSequence, sequence);
      }
    }
    this.#reply(session, reply, waitSequence);
  }

  /** The end of deferred work, as a read of its own. */
  runDeferred(session: SessionState, database: number, run: () => Reply): Reply {
    const context = this.#requireContext();
    context.begin(session, this.#parts.clock.nowMs(), false, false);
    context.database = database;
    return run();
  }

  #run(session: Session, command: RegisteredCommand, args: readonly Bytes[]): void {
    const context = this.#requireContext();
    const startedMs = this.#batchClock.startMs();
    const nowMs = this.#batchClock.nowMs(startedMs);
    context.begin(session, nowMs, command.isWrite, this.#mayExpire());
    context.mayCache = command.mayReplicate && context.mayExpire;
    session.lastCommandName = command.name;
    session.lastCommandAtMs = nowMs;
    session.commandCount += 1;
    context.blocking = "allowed";
    const reply = command.run(context, args);
    const request = context.blockRequest;
    if (request === undefined) this.#finish(session, command, args, reply, startedMs);
    else this.#block(session, command, args, request, startedMs);
    if (this.blocked.hasReady) this.blocked.serveReady();
  }

  /** What the command did becomes a unit, and what it answers a place in the gate. */
  #finish(
    session: Session,
    command: RegisteredCommand,
    args: readonly Bytes[],
    reply: Reply,
    startedMs: number,
  ): void {
    const context = this.#requireContext();
    const endedMs = this.#count(session, command, args, reply, startedMs);
    if (context.effects.length > 0) {
      this.#appendEffects(session, command, startedMs, endedMs);
    }
    if (command.readsWholeKeyspace) context.waitForEverything();
    this.#reply(session, reply, context.waitSequence);
  }

  /** It is counted when its wait ends, as in Redis. */
  #block(
    session: Session,
    command: RegisteredCommand,
    args: readonly Bytes[],
    request: BlockRequest,
    startedMs: number,
  ): void {
    const endedMs = this.#batchClock.endMs();
    // Keys whose time has passed.
    this.#appendEffects(session, command, startedMs, endedMs);
    if (this.blocked.block(session, command, args, request, endedMs - startedMs)) return;
    this.#record(session, command, args, tooManyBlockedKeys, endedMs - startedMs);
    this.#reply(session, tooManyBlockedKeys, 0);
  }

  #appendEffects(
    session: Session,
    command: RegisteredCommand,
    startedMs: number,
    endedMs: number,
  ): void {
    const context = this.#requireContext();
    const effects = context.effects;
    if (effects.length === 0) return;
    this.#parts.failpoints?.pass("executor.executed");
    const sequence = this.#append(effects);
    this.#statistics.changeCount += 1;
    // One by one: setting the length would free the array's memory, for every command.
    while (effects.length > 0) effects.pop();
    context.waitFor(sequence);
    if (!this.#trace.isOn) return;
    this.#trace.appended(session.id, command.name, sequence, startedMs, endedMs);
  }

  #append(effects: readonly Effect[]): number {
    const sequence = this.#parts.sink.appendUnit(effects);
    if (sequence > this.#parts.sink.durableSequence) this.#hazards.note(effects, sequence);
    this.#parts.catalog.markIngested(sequence);
    return sequence;
  }

  #count(
    session: Session,
    command: RegisteredCommand,
    args: readonly Bytes[],
    reply: Reply,
    startedMs: number,
  ): number {
    const endedMs = this.#batchClock.endMs();
    this.#record(session, command, args, reply, endedMs - startedMs);
    return endedMs;
  }

  #record(
    session: Session,
    command: RegisteredCommand,
    args: readonly Bytes[],
    reply: Reply,
    durationMs: number,
  ): void {
    const isFailed = isErrorReply(reply);
    this.#statistics.called(command, durationMs, isFailed);
    if (isFailed) this.#statistics.errorReplied(reply.text);
    const threshold = this.#settings.slowLogThresholdMicroseconds;
    if (threshold >= 0 && durationMs * 1000 >= threshold && !command.isSkippedInSlowLog) {
      this.#slowLog.add(args, session, this.#parts.clock.nowMs(), durationMs);
    }
    const latencyMs = this.#settings.latencyThresholdMs;
    if (latencyMs > 0 && durationMs >= latencyMs) {
      const event = command.isFast ? "fast-command" : "command";
      this.#latencyEvents.note(event, durationMs, this.#parts.clock.nowMs());
    }
  }

  #reply(session: Session, reply: Reply, waitSequence: number): void {
    if (session.replyMode === "on") {
      if (reply !== NO_REPLY) session.gate.push(reply, session.protocol, waitSequence);
    } else if (session.replyMode === "skip") session.replyMode = "on";
    else if (session.replyMode === "skip-next") session.replyMode = "skip";
    if (session.isClosing) session.gate.pushClose();
  }

  #refuse(session: Session, command: RegisteredCommand | undefined, refusal: ErrorReply): void {
    if (session.transaction !== undefined) session.transaction.isAborted = true;
    if (command !== undefined) this.#statistics.commands[command.index].rejectedCount += 1;
    let reply = refusal;
    if (command?.name === "exec") {
      session.discardTransaction();
      const reason = refusal.text.replace(/^ERR /, "");
      reply = new ErrorReply(`EXECABORT Transaction discarded because of: ${reason}`);
    }
    this.#statistics.errorReplied(reply.text);
    this.#reply(session, reply, 0);
  }

  /** Why the command may not run; in Redis's order. */
  #refusalOf(
    session: Session,
    command: RegisteredCommand | undefined,
    args: readonly Bytes[],
  ): ErrorReply | undefined {
    if (command === undefined) return this.#unknown(args);
    if (!command.acceptsCount(args.length)) return wrongArgumentCount(command.name);
    if (!command.isOpenToAnybody && !session.isAuthenticated) return errors.authenticationRequired;
    const transaction = session.transaction;
    if (transaction !== undefined && command.isRefusedInMulti) return notInMulti;
    if (this.#settings.maxmemoryBytes > 0 || this.#parts.keyspace.isFull) {
      const isDenied =
        command.isDeniedWithoutMemory ||
        (transaction !== undefined &&
          (!command.runsInsideMulti ||
            (command.name === "exec" && transaction.holdsDeniedWithoutMemory)));
      if (isDenied && this.#isOutOfMemory()) return errors.outOfMemory;
    }
    const shortage = this.#parts.sink.refusal;
    if (shortage !== undefined && !this.isLoading) {
      const holdsWrite = command.name === "exec" && transaction?.holdsWrite === true;
      if (command.isWrite || holdsWrite) return cannotWriteLog(shortage);
    }
    if (this.isLoading && !command.isAllowedWhileLoading) return loadingError;
    return undefined;
  }

  #mayExpire(): boolean {
    return !this.isLoading && this.pauseMode === "none" && this.#parts.sink.refusal === undefined;
  }

  #isOutOfMemory(): boolean {
    if (this.#parts.keyspace.isFull) return true;
    if (this.#settings.maxmemoryBytes === 0) return false;
    const usedBytes = this.#parts.keyspace.usedBytes + this.#parts.catalog.usedBytes;
    return usedBytes > this.#settings.maxmemoryBytes;
  }

  /** A write waits for its connection's searches before it; CLIENT PAUSE holds what it names. */
  #mustWait(session: Session, command: RegisteredCommand): boolean {
    if (session.gate.pendingCount === 0 && this.pauseMode === "none") return false;
    const isExec = command.name === "exec" && session.transaction?.holdsWrite === true;
    const writesNow =
      isExec || (command.isWrite && (session.transaction === undefined || command.runsInsideMulti));
    if (session.gate.pendingCount > 0 && writesNow) return true;
    return this.pauseMode === "all" || (this.pauseMode === "write" && writesNow);
  }

  #unknown(args: readonly Bytes[]): ErrorReply {
    const container = this.#parts.commands.containerOf(args);
    if (container !== undefined) {
      const name = shown(args[1], UNKNOWN_COMMAND_BYTES_MAX);
      const help = container.name.toUpperCase();
      return new ErrorReply(`ERR unknown subcommand '${name}'. Try ${help} HELP.`);
    }
    let beginning = "";
    for (let index = 1; index < args.length; index += 1) {
      if (beginning.length >= UNKNOWN_COMMAND_BYTES_MAX) break;
      const room = UNKNOWN_COMMAND_BYTES_MAX - beginning.length;
      beginning += `'${shown(args[index], room)}' `;
    }
    const name = shown(args[0], UNKNOWN_COMMAND_BYTES_MAX);
    return new ErrorReply(`ERR unknown command '${name}', with args beginning with: ${beginning}`);
  }

  #requireContext(): EngineContext {
    return must(this.#context, "the executor was given its context");
  }
}

/** The beginning of an argument inside an error line, which must stay one line. */
function shown(argument: Bytes, bytesMax: number): string {
  return toBinaryString(argument).slice(0, bytesMax).replaceAll("\r", " ").replaceAll("\n", " ");
}
