/**
 * The reply gate: nobody is ever shown anything that a crash could still take away.
 *
 * Each connection has a gate, a queue of replies in the order of its commands. A reply leaves when
 * everything before it left and the record that it depends on is durable. A reply that depends on
 * nothing and stands behind nothing leaves at once. A PendingReply (a search under way) keeps its
 * place. `Durability` knows how far the log is durable and which gates wait for it.
 */
import { limits } from "../base/limits.ts";
import { NoReply, PendingReply, type Protocol, type Reply } from "../resp/frame.ts";
import type { EngineFailpoints } from "./engine-parts.ts";
import type { ReplySink } from "./reply-sink.ts";
import type { WriteTrace } from "./write-trace.ts";

export class Durability {
  durableSequence: number;
  readonly failpoints: EngineFailpoints | undefined;
  readonly trace: WriteTrace;
  #waiting: ReplyGate[];

  constructor(
    durableSequence: number,
    failpoints: EngineFailpoints | undefined,
    trace: WriteTrace,
  ) {
    this.durableSequence = durableSequence;
    this.failpoints = failpoints;
    this.trace = trace;
    this.#waiting = [];
  }

  /** Connections that wait for a record. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  enlist(gate: ReplyGate): void {
    this.#waiting.push(gate);
  }

  advance(durableSequence: number): void {
    this.durableSequence = durableSequence;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let index = 0; index < waiting.length; index += 1) waiting[index].advanced();
  }
}

const KEPT_PLACES = 1024;
/** Stands in the queue for "close the connection here". */
const CLOSE = new NoReply();

/** What the gate tells its session. */
export interface GateOwner {
  readonly id: number;
  /** No search is under way any more, or the backlog is gone: stalled commands may run. */
  gateOpened(): void;
}

export class ReplyGate {
  /** Searches of this connection that are under way. */
  pendingCount: number;
  /** So many replies are held that the connection should stop decoding. */
  isBacklogged: boolean;
  readonly #durability: Durability;
  readonly #sink: ReplySink;
  readonly #owner: GateOwner;
  readonly #replies: Reply[];
  readonly #protocols: Protocol[];
  /** The record that each reply waits for; Infinity while it is pending. */
  readonly #sequences: number[];
  /**
   * Index of the first held reply, and the one behind the last. The arrays are longer: making them
   * shorter and longer again on each turn would cost more than all else here.
   */
  #head: number;
  #tail: number;
  /** How many replies were cut off, so that a pending reply finds its place again. */
  #cutCount: number;
  #isEnlisted: boolean;
  #isClosed: boolean;

  constructor(durability: Durability, sink: ReplySink, owner: GateOwner) {
    this.pendingCount = 0;
    this.isBacklogged = false;
    this.#durability = durability;
    this.#sink = sink;
    this.#owner = owner;
    this.#replies = [];
    this.#protocols = [];
    this.#sequences = [];
    this.#head = 0;
    this.#tail = 0;
    this.#cutCount = 0;
    this.#isEnlisted = false;
    this.#isClosed = false;
  }

  get heldCount(): number {
    return this.#tail - this.#head;
  }

  /** The next reply, which may leave once the record `waitSequence` is durable (0: at once). */
  push(reply: Reply, protocol: Protocol, waitSequence: number): void {
    const durability = this.#durability;
    if (durability.failpoints?.isOn("planted.reply-before-durable") === true) waitSequence = 0;
    if (
      this.#head === this.#tail &&
      waitSequence <= durability.durableSequence &&
      !(reply instanceof PendingReply)
    ) {
      this.#send(reply, protocol, waitSequence);
      return;
    }
    const index = this.#tail;
    this.#tail += 1;
    this.#replies[index] = reply;
    this.#protocols[index] = protocol;
    this.#sequences[index] = waitSequence;
    if (this.heldCount >= limits.heldRepliesMax) this.isBacklogged = true;
    if (reply instanceof PendingReply) this.#holdPlace(reply, waitSequence);
    else this.#enlist();
  }

  /** Closes the connection once everything before this left. */
  pushClose(): void {
    this.push(CLOSE, 2, 0);
  }

  /** A newer record is durable. */
  advanced(): void {
    this.#isEnlisted = false;
    this.#release();
  }

  /** Sends what may leave now. */
  #release(): void {
    const durableSequence = this.#durability.durableSequence;
    while (this.#head < this.#tail && this.#sequences[this.#head] <= durableSequence) {
      const index = this.#head;
      this.#head += 1;
      const reply = this.#replies[index];
      this.#replies[index] = null;
      this.#send(reply, this.#protocols[index], this.#sequences[index]);
    }
    this.#cut();
    if (this.#head < this.#tail) this.#enlist();
    if (this.isBacklogged && this.heldCount <= limits.heldRepliesMax / 2) {
      this.isBacklogged = false;
      this.#owner.gateOpened();
    }
  }

  /** The connection is gone: nothing is sent any more. */
  close(): void {
    this.#isClosed = true;
  }

  #send(reply: Reply, protocol: Protocol, waitSequence: number): void {
    if (this.#isClosed) return;
    const durability = this.#durability;
    durability.failpoints?.pass("gate.before-reply");
    if (reply === CLOSE) this.#sink.closeWhenSent();
    else this.#sink.send(reply, protocol);
    if (durability.trace.isOn) durability.trace.replied(this.#owner.id, waitSequence);
  }

  #holdPlace(pending: PendingReply, waitSequence: number): void {
    const place = this.#cutCount + this.#tail - 1;
    this.#sequences[this.#tail - 1] = Number.POSITIVE_INFINITY;
    this.pendingCount += 1;
    pending.onSettled((reply, settledSequence) => {
      const index = place - this.#cutCount;
      this.#replies[index] = reply;
      this.#sequences[index] = Math.max(waitSequence, settledSequence);
      this.pendingCount -= 1;
      this.#release();
      if (this.pendingCount === 0) this.#owner.gateOpened();
    });
  }

  #enlist(): void {
    if (this.#isEnlisted) return;
    this.#isEnlisted = true;
    this.#durability.enlist(this);
  }

  #cut(): void {
    if (this.#head === this.#tail) {
      if (this.#replies.length > KEPT_PLACES) {
        this.#replies.length = 0;
        this.#protocols.length = 0;
        this.#sequences.length = 0;
      }
    } else if (this.#head > KEPT_PLACES && this.#head * 2 > this.#tail) {
      this.#replies.splice(0, this.#head);
      this.#protocols.splice(0, this.#head);
      this.#sequences.splice(0, this.#head);
    } else return;
    this.#cutCount += this.#head;
    this.#tail -= this.#head;
    this.#head = 0;
  }
}
