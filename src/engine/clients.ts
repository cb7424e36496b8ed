/**
 * Every session by id: CLIENT LIST, KILL and PAUSE.
 */
import type { ClientFilter, ClientRegistry } from "../commands/server-control.ts";
import type { SessionState } from "../commands/session-state.ts";
import type { Clock, TimerHandle, Timers } from "../runtime/clock.ts";
import type { Executor } from "./executor.ts";
import type { ExpiryCycle } from "./expiry-cycle.ts";
import type { Session } from "./session.ts";

export class Clients implements ClientRegistry {
  /** In the order of their ids, since ids only grow. */
  readonly sessions: Map<number, Session>;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #executor: Executor;
  readonly #expiry: ExpiryCycle;
  #pausedUntilMs: number;
  #pauseTimer: TimerHandle | undefined;

  constructor(clock: Clock, timers: Timers, executor: Executor, expiry: ExpiryCycle) {
    this.sessions = new Map();
    this.#clock = clock;
    this.#timers = timers;
    this.#executor = executor;
    this.#expiry = expiry;
    this.#pausedUntilMs = 0;
    this.#pauseTimer = undefined;
  }

  all(): readonly SessionState[] {
    return [...this.sessions.values()];
  }

  find(session: SessionState): Session | undefined {
    return this.sessions.get(session.id);
  }

  describe(state: SessionState): string {
    const session = this.find(state);
    const nowMs = this.#clock.nowMs();
    const seconds = (sinceMs: number) => Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
    const command = state.lastCommandName === "" ? "NULL" : state.lastCommandName;
    return [
      `id=${state.id}`,
      `addr=${state.address}`,
      `laddr=${state.localAddress}`,
      `fd=${state.id}`,
      `name=${state.name}`,
      `age=${seconds(state.connectedAtMs)}`,
      `idle=${seconds(session?.lastCommandAtMs ?? nowMs)}`,
      `flags=${flagsOf(session)}`,
      `db=${state.database}`,
      "sub=0",
      "psub=0",
      "ssub=0",
      `multi=${session?.transaction?.queue.length ?? -1}`,
      "qbuf=0",
      "qbuf-free=0",
      "argv-mem=0",
      `multi-mem=${session?.transaction?.sizeBytes ?? 0}`,
      "rbs=0",
      "rbp=0",
      "obl=0",
      `oll=${session?.gate.heldCount ?? 0}`,
      `omem=${session?.sink.outputBytes ?? 0}`,
      `tot-mem=${session?.sink.outputBytes ?? 0}`,
      "events=r",
      `cmd=${command}`,
      `user=${state.userName}`,
      "redir=-1",
      `resp=${state.protocol}`,
      `lib-name=${state.libraryName}`,
      `lib-ver=${state.libraryVersion}`,
    ].join(" ");
  }

  kill(filter: ClientFilter, caller: SessionState): number {
    let killedCount = 0;
    for (const session of [...this.sessions.values()]) {
      if (!this.#matches(session, filter)) continue;
      killedCount += 1;
      if (session === caller) session.closeAfterReply();
      else {
        session.sink.closeNow("killed by a client");
        session.connectionClosed();
      }
    }
    return killedCount;
  }

  unblock(id: number, reason: "timeout" | "error"): boolean {
    const session = this.sessions.get(id);
    return session !== undefined && this.#executor.blocked.unblock(session, reason);
  }

  pause(untilMs: number, mode: "all" | "write"): void {
    const executor = this.#executor;
    if (executor.pauseMode !== "all") executor.pauseMode = mode;
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
    this.#pauseTimer?.cancel();
    const delayMs = Math.max(0, this.#pausedUntilMs - this.#clock.nowMs());
    this.#pauseTimer = this.#timers.after(delayMs, () => this.unpause());
    this.#expiry.isSuspended = true;
  }

  unpause(): void {
    if (this.#executor.pauseMode === "none") return;
    this.#pauseTimer?.cancel();
    this.#pauseTimer = undefined;
    this.#pausedUntilMs = 0;
    this.#executor.pauseMode = "none";
    this.#expiry.isSuspended = false;
    // A session that calls this itself must not be entered again before its command ended.
    this.#timers.soon(() => {
      this.#executor.blocked.serveReady();
      for (const session of [...this.sessions.values()]) session.proceed();
    });
  }

  #matches(session: Session, filter: ClientFilter): boolean {
    if (filter.ids !== undefined && !filter.ids.includes(session.id)) return false;
    if (filter.address !== undefined && filter.address !== session.address) return false;
    if (filter.localAddress !== undefined && filter.localAddress !== session.localAddress) {
      return false;
    }
    if (filter.type !== undefined && filter.type !== "normal") return false;
    if (filter.user !== undefined && filter.user !== session.userName) return false;
    if (filter.skipSession === session) return false;
    if (filter.maxAgeSeconds !== undefined) {
      const ageMs = this.#clock.nowMs() - session.connectedAtMs;
      if (ageMs < filter.maxAgeSeconds * 1000) return false;
    }
    return true;
  }
}

function flagsOf(session: Session | undefined): string {
  if (session === undefined) return "N";
  let flags = "";
  if (session.transaction !== undefined) flags += "x";
  if (session.isStalled) flags += "b";
  if (session.isDirty) flags += "d";
  if (session.isClosing) flags += "c";
  if (session.isNoEvict) flags += "e";
  if (session.isNoTouch) flags += "T";
  return flags === "" ? "N" : flags;
}
