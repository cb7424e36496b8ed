/**
 * A session: what the engine knows of one client, between its connection and the executor.
 *
 * Commands come in through `execute`, in order; replies leave through the gate, in the same order.
 * A command that must wait (a write behind a search that is under way, CLIENT PAUSE) is kept in
 * `#stalled` with everything after it, and `isStalled` asks the connection to decode no further.
 * So is everything behind a command that is blocked on a key.
 */
import type { Bytes } from "../base/bytes.ts";
import { ErrorReply } from "../base/errors.ts";
import type { SessionState } from "../commands/session-state.ts";
import type { Protocol, Reply } from "../resp/frame.ts";
import type { BlockedClient } from "./blocked-clients.ts";
import { type Durability, type GateOwner, ReplyGate } from "./reply-gate.ts";
import type { CommandReceiver, ReplySink } from "./reply-sink.ts";
import { Transaction } from "./transaction.ts";
import type { Watcher, WatchTable } from "./watch-table.ts";

/** What a session asks of the executor. */
export interface SessionHost {
  readonly watches: WatchTable;
  /** Between the two, times may be taken once for several commands. */
  beginBatch(): void;
  endBatch(): void;
  foresee(session: Session, commands: readonly Bytes[][], count: number): void;
  /** False when the session must keep the command until `proceed`. */
  execute(session: Session, args: Bytes[]): boolean;
  executeTransaction(session: Session): Reply;
  watch(session: Session, keys: readonly string[]): void;
  isAuthenticationRequired(): boolean;
  closed(session: Session): void;
}

export class Session implements SessionState, CommandReceiver, GateOwner, Watcher {
  readonly id: number;
  readonly address: string;
  readonly localAddress: string;
  readonly connectedAtMs: number;
  readonly gate: ReplyGate;
  readonly sink: ReplySink;
  database: number;
  protocol: Protocol;
  name: string;
  libraryName: string;
  libraryVersion: string;
  userName: string;
  hasAuthenticated: boolean;
  isNoEvict: boolean;
  isNoTouch: boolean;
  replyMode: SessionState["replyMode"];
  lastCommandName: string;
  lastCommandAtMs: number;
  commandCount: number;
  transaction: Transaction | undefined;
  /** A watched key changed. */
  isDirty: boolean;
  isClosing: boolean;
  /** The command that waits for a key. */
  blocked: BlockedClient | undefined;
  readonly #host: SessionHost;
  readonly #stalled: Bytes[][];
  #isProceeding: boolean;

  constructor(
    id: number,
    sink: ReplySink,
    host: SessionHost,
    durability: Durability,
    nowMs: number,
  ) {
    this.id = id;
    this.address = sink.address;
    this.localAddress = sink.localAddress;
    this.connectedAtMs = nowMs;
    this.gate = new ReplyGate(durability, sink, this);
    this.sink = sink;
    this.database = 0;
    this.protocol = 2;
    this.name = "";
    this.libraryName = "";
    this.libraryVersion = "";
    this.userName = "default";
    this.hasAuthenticated = !host.isAuthenticationRequired();
    this.isNoEvict = false;
    this.isNoTouch = false;
    this.replyMode = "on";
    this.lastCommandName = "";
    this.lastCommandAtMs = nowMs;
    this.commandCount = 0;
    this.transaction = undefined;
    this.isDirty = false;
    this.isClosing = false;
    this.blocked = undefined;
    this.#host = host;
    this.#stalled = [];
    this.#isProceeding = false;
  }

  get isAuthenticated(): boolean {
    return this.hasAuthenticated || !this.#host.isAuthenticationRequired();
  }

  set isAuthenticated(isAuthenticated: boolean) {
    this.hasAuthenticated = isAuthenticated;
  }

  beginBatch(): void {
    this.#host.beginBatch();
  }

  endBatch(): void {
    this.#host.endBatch();
  }

  foresee(commands: readonly Bytes[][], count: number): void {
    this.#host.foresee(this, commands, count);
  }

  execute(args: Bytes[]): void {
    if (this.isClosing) return;
    if (this.#stalled.length > 0 || this.isBlocked || !this.#host.execute(this, args)) {
      this.#stalled.push(args);
    }
  }

  get isBlocked(): boolean {
    return this.blocked !== undefined;
  }

  get isStalled(): boolean {
    return this.#stalled.length > 0 || this.isBlocked || this.gate.isBacklogged;
  }

  protocolError(text: string): void {
    if (this.isClosing) return;
    this.gate.push(new ErrorReply(text), this.protocol, 0);
    this.closeAfterReply();
    this.gate.pushClose();
  }

  connectionClosed(): void {
    this.isClosing = true;
    this.#stalled.length = 0;
    this.gate.close();
    this.discardTransaction();
    this.#host.closed(this);
  }

  gateOpened(): void {
    this.proceed();
  }

  /** Runs stalled commands as far as they may run now, then lets the connection go on. */
  proceed(): void {
    if (this.#isProceeding || this.isClosing) return;
    this.#isProceeding = true;
    while (this.#stalled.length > 0 && !this.isBlocked && !this.isClosing) {
      if (!this.#host.execute(this, this.#stalled[0])) break;
      this.#stalled.shift();
    }
    this.#isProceeding = false;
    if (!this.isStalled && !this.isClosing) this.sink.resume();
  }

  closeAfterReply(): void {
    this.isClosing = true;
  }

  get isInTransaction(): boolean {
    return this.transaction !== undefined;
  }

  get watchCount(): number {
    return this.#host.watches.watchCountOf(this);
  }

  beginTransaction(): void {
    this.transaction = new Transaction();
  }

  discardTransaction(): void {
    this.transaction = undefined;
    this.unwatch();
  }

  executeTransaction(): Reply {
    return this.#host.executeTransaction(this);
  }

  watch(keys: readonly string[]): void {
    this.#host.watch(this, keys);
  }

  unwatch(): void {
    this.#host.watches.removeAll(this);
    this.isDirty = false;
  }

  reset(): void {
    this.discardTransaction();
    this.database = 0;
    this.protocol = 2;
    this.name = "";
    this.userName = "default";
    this.hasAuthenticated = !this.#host.isAuthenticationRequired();
    this.isNoEvict = false;
    this.isNoTouch = false;
    this.replyMode = "on";
  }
}
