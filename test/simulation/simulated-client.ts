/**
 * A client of a simulation: connects, sends programs, whole or in pieces, looks at what it is told,
 * and leaves now and then in the middle of something.
 */
import { nextProgram, type Program } from "./call-source.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SimulatedSocket } from "./simulated-network.ts";

const THINKS_MAX_MS = 6;
/** While the server is loading. */
const WAITS_MAX_MS = 200;
const OUTSTANDING_MAX = 16;
const LEAVES_SHARE = 0.004;
const CUT_SHARE = 0.15;
const PIECES_SHARE = 0.5;

export interface ClientSurroundings {
  connect(port: number): SimulatedSocket | undefined;
  maySend(): boolean;
  sent(count: number): void;
  told(client: number, frame: string): void;
}

export class SimulatedClient {
  readonly #number: number;
  readonly #scheduler: Scheduler;
  readonly #random: () => number;
  readonly #around: ClientSurroundings;
  #socket: SimulatedSocket | undefined;
  #connectionCount = 0;
  #isTooEarly = false;
  #sent: (readonly string[])[] = [];
  #seenCount = 0;
  /** What is left of a program that is sent in pieces. */
  #rest: (readonly string[])[] = [];

  constructor(
    number: number,
    scheduler: Scheduler,
    random: () => number,
    around: ClientSurroundings,
  ) {
    this.#number = number;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#around = around;
  }

  begin(): void {
    const thinksMs = this.#isTooEarly ? WAITS_MAX_MS : THINKS_MAX_MS;
    this.#scheduler.after(this.#random() * thinksMs, () => {
      this.#act();
      this.begin();
    });
  }

  /** Nothing is outstanding. */
  get isAnswered(): boolean {
    return !this.isConnected || this.#outstanding + this.#rest.length === 0;
  }

  get isConnected(): boolean {
    return this.#socket !== undefined && !this.#socket.isCutOff;
  }

  /** Sends these in its next turns, whatever else it may send. */
  finishWith(program: Program): void {
    this.#rest = [...program];
  }

  describe(): string {
    const command = this.#sent[this.#seenCount] ?? [];
    return `client ${this.#number}, connection ${this.#connectionCount}, ${JSON.stringify(command)}`;
  }

  get #outstanding(): number {
    return this.#sent.length - this.#seenCount;
  }

  #act(): void {
    if (this.#socket === undefined || this.#socket.isCutOff) {
      this.#connect();
      return;
    }
    if (!this.#around.maySend() && this.#rest.length === 0) return;
    if (this.#random() < LEAVES_SHARE) {
      this.#socket.leave();
      return;
    }
    if (this.#outstanding >= OUTSTANDING_MAX) return;
    if (this.#rest.length === 0) this.#rest = [...nextProgram(this.#random)];
    const count = this.#random() < PIECES_SHARE ? 1 : this.#rest.length;
    this.#send(this.#rest.splice(0, count));
  }

  #connect(): void {
    this.#sent = [];
    this.#seenCount = 0;
    this.#rest = [];
    const port = 10_000 + this.#number * 1000 + this.#connectionCount;
    const socket = this.#around.connect(port);
    this.#socket = socket;
    if (socket === undefined) return;
    this.#connectionCount += 1;
    socket.onTold = () => this.#look(socket);
  }

  #send(program: Program): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#sent.push(...program);
    this.#around.sent(program.length);
    const bytes = Buffer.from(program.map(encodeCall).join(""), "latin1");
    if (this.#random() >= CUT_SHARE) {
      socket.sendToServer(bytes);
      return;
    }
    const at = 1 + Math.floor(this.#random() * (bytes.length - 1));
    socket.sendToServer(bytes.subarray(0, at));
    socket.sendToServer(bytes.subarray(at));
  }

  #look(socket: SimulatedSocket): void {
    if (socket !== this.#socket) return;
    for (; this.#seenCount < socket.told.length; this.#seenCount += 1) {
      const frame = socket.told[this.#seenCount];
      this.#isTooEarly = frame.startsWith("-LOADING");
      this.#around.told(this.#number, frame);
    }
  }
}

function encodeCall(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}
