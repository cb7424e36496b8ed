/**
 * Clients whose command found nothing and waits: BLPOP and its like.
 *
 * - A blocked session runs no later command, reads neither, so that its reply needs no place in
 *   the gate: it is pushed when the wait ends, and nothing can have come behind it.
 * - After each command, MULTI or unit of the engine's own, the keys that changed are handled: who
 *   waits for one is tried, oldest first, each as a command of its own. What serving changes may
 *   make further keys ready, and it goes on until none is.
 * - A wait ends by being served, by its timeout, by CLIENT UNBLOCK, or with its connection.
 */
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import { ErrorReply } from "../base/errors.ts";
import type { RegisteredCommand } from "../commands/command-table.ts";
import type { BlockRequest } from "../commands/context.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { NULL_ARRAY, type Reply } from "../resp/frame.ts";
import type { Clock, TimerHandle, Timers } from "../runtime/clock.ts";
import type { Session } from "./session.ts";
import { type Waiter, type WaitQueue, WaitQueues } from "./wait-queues.ts";

/** Timers hold 31 bits of milliseconds; longer waits take several. */
const TIMER_MS_MAX = 0x7fffffff;
const unblocked = new ErrorReply("UNBLOCKED client unblocked via CLIENT UNBLOCK");

export class BlockedClient implements Waiter {
  readonly session: Session;
  readonly command: RegisteredCommand;
  readonly args: readonly Bytes[];
  readonly request: BlockRequest;
  readonly database: number;
  /** Monotonic; infinite for no timeout. */
  readonly deadlineMs: number;
  /** The time for which its command has run so far, without the waiting. */
  durationMs: number;
  timer: TimerHandle | undefined;

  constructor(
    session: Session,
    command: RegisteredCommand,
    args: readonly Bytes[],
    request: BlockRequest,
    deadlineMs: number,
  ) {
    this.session = session;
    this.command = command;
    this.args = args;
    this.request = request;
    this.database = session.database;
    this.deadlineMs = deadlineMs;
    this.durationMs = 0;
    this.timer = undefined;
  }

  get keys(): readonly string[] {
    return this.request.keys;
  }

  get wakesOnRemoval(): boolean {
    return this.request.wakesOnRemoval;
  }
}

/** What the executor does for a blocked client. */
export interface BlockedClientHost {
  /** Runs the command again, as one of its own; false when it goes on waiting. */
  serve(client: BlockedClient): boolean;
  /** Replies in the command's place and counts it. */
  answerBlocked(client: BlockedClient, reply: Reply): void;
  /** CLIENT PAUSE: nobody is served. */
  readonly isServingPaused: boolean;
}

export class BlockedClients {
  readonly #keyspace: Keyspace;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #host: BlockedClientHost;
  readonly #queues: WaitQueues<BlockedClient>;
  readonly #clients: Set<BlockedClient>;
  /** Whose wait has ended, and who will be let go on with what they sent behind it. */
  #freed: Session[];
  #isStopped: boolean;

  constructor(keyspace: Keyspace, clock: Clock, timers: Timers, host: BlockedClientHost) {
    this.#keyspace = keyspace;
    this.#clock = clock;
    this.#timers = timers;
    this.#host = host;
    this.#queues = new WaitQueues(keyspace);
    this.#clients = new Set();
    this.#freed = [];
    this.#isStopped = false;
  }

  get count(): number {
    return this.#clients.size;
  }

  get countWithTimeout(): number {
    let count = 0;
    for (const client of this.#clients) {
      if (client.deadlineMs !== Number.POSITIVE_INFINITY) count += 1;
    }
    return count;
  }

  get keyCount(): number {
    return this.#queues.keyCount;
  }

  get removalKeyCount(): number {
    return this.#queues.removalKeyCount;
  }

  /** Whether `serveReady` has something to do; looked at after each command. */
  get hasReady(): boolean {
    return this.#queues.hasReady;
  }

  /** The wait begins. False when too many keys are waited for. */
  block(
    session: Session,
    command: RegisteredCommand,
    args: readonly Bytes[],
    request: BlockRequest,
    durationMs: number,
  ): boolean {
    assert(session.blocked === undefined, "a blocked session runs no command");
    const { timeoutMs } = request;
    const deadlineMs =
      timeoutMs === 0 ? Number.POSITIVE_INFINITY : this.#clock.monotonicMs() + timeoutMs;
    const client = new BlockedClient(session, command, args, request, deadlineMs);
    client.durationMs = durationMs;
    if (!this.#queues.add(client)) return false;
    this.#clients.add(client);
    session.blocked = client;
    if (timeoutMs !== 0) this.#await(client);
    return true;
  }

  /** Serves whom the changes so far allow to be served; not while a command runs. */
  serveReady(): void {
    if (this.#host.isServingPaused || this.#isStopped) return;
    let queue = this.#queues.takeReady();
    while (queue !== undefined) {
      this.#serve(queue);
      queue = this.#queues.takeReady();
    }
  }

  /** CLIENT UNBLOCK. False when the session is not blocked. */
  unblock(session: Session, reason: "timeout" | "error"): boolean {
    const client = session.blocked;
    if (client === undefined || !this.#clients.has(client)) return false;
    this.#end(client);
    this.#host.answerBlocked(client, reason === "timeout" ? NULL_ARRAY : unblocked);
    return true;
  }

  /** The connection is gone. */
  leave(session: Session): void {
    if (session.blocked !== undefined) this.#forget(session.blocked);
  }

  /** Nobody is served any more; who waits is left to the closing of their connections. */
  stop(): void {
    this.#isStopped = true;
    for (const client of [...this.#clients]) this.#forget(client);
  }

  #serve(queue: WaitQueue<BlockedClient>): void {
    for (const client of queue.waiters) {
      // Looked up each time, since serving the one before may have changed it.
      const type = this.#liveTypeOf(queue.database, queue.key);
      if (type !== client.request.valueType && !client.wakesOnRemoval) {
        if (type === undefined && queue.removalCount === 0) return;
        continue;
      }
      if (this.#host.serve(client)) this.#end(client);
    }
  }

  #liveTypeOf(database: number, key: string): string | undefined {
    const store = this.#keyspace.databases[database];
    const location = store.find(key);
    if (location === 0) return undefined;
    const expiryMs = store.expiryMsAt(location);
    if (expiryMs !== 0 && expiryMs < this.#clock.nowMs()) return undefined;
    return store.valueAt(location).type;
  }

  #await(client: BlockedClient): void {
    const leftMs = Math.ceil(client.deadlineMs - this.#clock.monotonicMs());
    const delayMs = Math.min(Math.max(leftMs, 1), TIMER_MS_MAX);
    client.timer = this.#timers.after(delayMs, () => {
      if (this.#clock.monotonicMs() < client.deadlineMs) this.#await(client);
      else this.unblock(client.session, "timeout");
    });
  }

  #end(client: BlockedClient): void {
    const { session } = client;
    this.#forget(client);
    session.blocked = undefined;
    // What it sent behind waits for its turn: it must not run in the middle of another's command.
    if (this.#freed.push(session) > 1) return;
    this.#timers.soon(() => {
      const freed = this.#freed;
      this.#freed = [];
      for (const each of freed) each.proceed();
    });
  }

  #forget(client: BlockedClient): void {
    client.timer?.cancel();
    client.timer = undefined;
    if (this.#clients.delete(client)) this.#queues.remove(client);
  }
}
