/**
 * A whole engine without sockets, disk or real time: commands go in, decoded replies come out.
 *
 *   const server = new InProcessServer();
 *   const client = server.connect();
 *   client.command("SET", "k", "v")       // "OK"
 *   await client.settle("FT.SEARCH", …)   // waits for a search that is under way
 *
 * Records are durable at once unless `isManual` is set; then `server.sink.makeDurable()` decides.
 * Replies are plain JavaScript: strings (Buffers as latin1), numbers, null, arrays, Map for RESP3
 * maps (a flat array in RESP2), and ErrorReply objects.
 */
import { must } from "../../src/base/assert.ts";
import { type Bytes, canonicalBytes } from "../../src/base/bytes.ts";
import { ErrorReply } from "../../src/base/errors.ts";
import { doubleText } from "../../src/base/float-text.ts";
import type { CommandTable } from "../../src/commands/command-table.ts";
import { commandTable } from "../../src/commands/registry.ts";
import type { SlabQuota } from "../../src/data/slab-arena.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { EngineFailpoints } from "../../src/engine/engine-parts.ts";
import type { CommandReceiver, ReplySink } from "../../src/engine/reply-sink.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import {
  BigNumberReply,
  DoubleReply,
  DoubleText,
  MapReply,
  NullArray,
  type Protocol,
  PushReply,
  type Reply,
  SetReply,
  SimpleString,
  VerbatimReply,
} from "../../src/resp/frame.ts";
import { FakeWorld } from "../../src/runtime/fake-world.ts";
import { systemHashing } from "../../src/runtime/hashing.ts";
import type { Logger } from "../../src/runtime/logger.ts";
import type { SearchCatalog } from "../../src/search/catalog.ts";
import { TrafficCounters } from "../../src/server/traffic-counters.ts";
import { ManualSink } from "./manual-sink.ts";
import { MemoryConfiguration } from "./memory-configuration.ts";

export type DecodedReply =
  | null
  | string
  | number
  | bigint
  | boolean
  | ErrorReply
  | Map<DecodedReply, DecodedReply>
  | DecodedReply[];

export interface InProcessOptions {
  readonly configuration?: readonly (readonly [string, string])[];
  readonly seed?: number;
  /** Instead of one in which time stands still until the test moves it. */
  readonly world?: FakeWorld;
  readonly isManual?: boolean;
  readonly failpoints?: EngineFailpoints;
  /** Gets the keyspace, so that a real catalog can listen to it. */
  readonly makeCatalog?: (keyspace: Keyspace) => SearchCatalog;
  readonly logger?: Logger;
  /** Instead of all commands. */
  readonly commands?: CommandTable;
  readonly sink?: ManualSink;
  /** Instead of 32 GiB of keys and short strings. */
  readonly quota?: SlabQuota;
}

export class InProcessServer {
  readonly world: FakeWorld;
  readonly sink: ManualSink;
  readonly keyspace: Keyspace;
  readonly configuration: MemoryConfiguration;
  readonly engine: Engine;
  /** How often freed memory went back to the system. */
  givenBackCount = 0;
  /** Records wait for `sink.makeDurable()`. */
  isManual: boolean;
  readonly shutdowns: { readonly isForced: boolean; readonly isNow: boolean }[] = [];
  #connectionCount = 0;

  constructor(options: InProcessOptions = {}) {
    this.world = options.world ?? new FakeWorld(options.seed);
    this.sink = options.sink ?? new ManualSink();
    this.keyspace = new Keyspace(undefined, undefined, options.quota);
    this.configuration = new MemoryConfiguration(options.configuration);
    this.isManual = options.isManual ?? false;
    this.engine = new Engine({
      commands: options.commands ?? commandTable,
      keyspace: this.keyspace,
      catalog: options.makeCatalog?.(this.keyspace) ?? emptyCatalog,
      sink: this.sink,
      clock: this.world,
      timers: this.world,
      random: this.world.random,
      hashing: systemHashing,
      configuration: this.configuration,
      logger: options.logger ?? silentLogger,
      lifeCycle: {
        shutdown: (how) => {
          this.shutdowns.push(how);
          return undefined;
        },
        abortShutdown: () => new ErrorReply("ERR No shutdown in progress."),
      },
      process: {
        ...fakeProcess,
        giveBackMemory: () => {
          this.givenBackCount += 1;
        },
      },
      readBack: undefined,
      snapshots: undefined,
      failpoints: options.failpoints,
    });
    this.engine.start();
  }

  connect(): InProcessClient {
    this.#connectionCount += 1;
    return new InProcessClient(this, `127.0.0.1:${50_000 + this.#connectionCount}`);
  }
}

export class InProcessClient implements ReplySink {
  readonly address: string;
  readonly localAddress = "127.0.0.1:6379";
  readonly outputBytes = 0;
  readonly receiver: CommandReceiver;
  /** Every reply that left the gate and was not taken yet, undecoded. */
  readonly replies: { readonly reply: Reply; readonly protocol: Protocol }[] = [];
  resumeCount = 0;
  isClosed = false;
  readonly #server: InProcessServer;
  readonly #awaiting: ((reply: DecodedReply) => void)[] = [];

  constructor(server: InProcessServer, address: string) {
    this.#server = server;
    this.address = address;
    this.receiver = server.engine.createSession(this);
  }

  /** Sends without looking for an answer. */
  send(reply: Reply, protocol: Protocol): void {
    const waiter = this.#awaiting.shift();
    if (waiter === undefined) this.replies.push({ reply, protocol });
    else waiter(decodeReply(reply, protocol));
  }

  resume(): void {
    this.resumeCount += 1;
  }

  closeWhenSent(): void {
    this.#close();
  }

  closeNow(): void {
    this.#close();
  }

  /** Hands the command in and leaves its reply to `replies`. */
  post(...args: (Bytes | number)[]): void {
    this.receiver.execute(args.map((argument) => canonicalBytes(bytesOf(argument))));
    if (!this.#server.isManual) this.#server.sink.makeDurable();
  }

  /** The command's reply, decoded; undefined when none has come. */
  tryCommand(...args: (Bytes | number)[]): DecodedReply | undefined {
    this.post(...args);
    return this.take();
  }

  /** The command's reply, decoded. Fails the test when none has come at once. */
  command(...args: (Bytes | number)[]): DecodedReply {
    const reply = this.tryCommand(...args);
    if (reply === undefined) throw new Error(`no reply yet to ${args.join(" ")}`);
    return reply;
  }

  /** The command's reply, whenever it comes. */
  settle(...args: (Bytes | number)[]): Promise<DecodedReply> {
    const answered = new Promise<DecodedReply>((resolve) => this.#awaiting.push(resolve));
    this.post(...args);
    return answered;
  }

  /** The oldest reply that was not taken yet. */
  take(): DecodedReply | undefined {
    const first = this.replies.shift();
    return first === undefined ? undefined : decodeReply(first.reply, first.protocol);
  }

  /** The text of the error that the command answers; fails the test on anything else. */
  error(...args: (Bytes | number)[]): string {
    const reply = this.command(...args);
    if (!(reply instanceof ErrorReply)) {
      throw new Error(`no error but ${JSON.stringify(reply)} to ${args.join(" ")}`);
    }
    return reply.text;
  }

  #close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.receiver.connectionClosed();
  }
}

function bytesOf(argument: Bytes | number): Bytes {
  return typeof argument === "number" ? String(argument) : argument;
}

/** A reply as JavaScript values, as a client would decode it from that protocol. */
export function decodeReply(reply: Reply, protocol: Protocol): DecodedReply {
  if (reply === null || reply instanceof NullArray) return null;
  if (Buffer.isBuffer(reply)) return reply.toString("latin1");
  if (typeof reply === "boolean") return protocol === 2 ? Number(reply) : reply;
  if (typeof reply !== "object" || reply instanceof ErrorReply) return reply;
  if (reply instanceof SimpleString) return reply.text;
  if (reply instanceof DoubleReply) return protocol === 2 ? doubleText(reply.value) : reply.value;
  if (reply instanceof BigNumberReply) return reply.value;
  if (reply instanceof VerbatimReply) return reply.text.toString("latin1");
  if (Array.isArray(reply)) return reply.map((item: Reply) => decodeReply(item, protocol));
  if (reply instanceof DoubleText) return protocol === 3 ? Number(reply.text) : reply.text;
  if (reply instanceof SetReply) return reply.members.map((item) => decodeReply(item, protocol));
  if (reply instanceof PushReply) return reply.items.map((item) => decodeReply(item, protocol));
  if (reply instanceof MapReply) {
    const flat = reply.entries.map((item) => decodeReply(item, protocol));
    if (protocol === 2) return flat;
    const map = new Map<DecodedReply, DecodedReply>();
    for (let index = 0; index < flat.length; index += 2) map.set(flat[index], flat[index + 1]);
    return map;
  }
  throw new Error("a reply that must not reach a connection");
}

export const emptyCatalog: SearchCatalog = {
  find: () => undefined,
  names: () => [],
  markIngested() {},
  infoSections: () => [],
  indexesToSeal: () => [],
  startBackfills() {},
  stopBackfills() {},
  usedBytes: 0,
};

export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  setLevel() {},
  child: () => silentLogger,
};

const fakeProcess = {
  processId: 1,
  port: 6379,
  nodeVersion: "v24.0.0",
  operatingSystem: "Linux",
  executable: "lodestone",
  configFile: "",
  residentBytes: () => 50_000_000,
  heapBytes: () => 10_000_000,
  processorSeconds: () => ({ system: 0.5, user: 1.5 }),
  logLines: () => [],
  traffic: new TrafficCounters(),
};

/** What a test knows to be there. */
export function present<T>(value: T | undefined | null): T {
  return must(value, "the test expected a value");
}
