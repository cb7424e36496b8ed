/**
 * H6, a whole server: clients send what clients send and what attackers send, in pieces, over many
 * connections at once; they leave in the middle, reset, or read nothing. Each whole command gets
 * one reply, in step; what breaks the protocol gets Redis's text and the end. The server lives,
 * answers PING, and has no more memory afterwards.
 *
 * LODESTONE_FUZZ_SERVER_FRAMES says how many frames, LODESTONE_TEST_SEED begins them again.
 */
import { limits } from "../../src/base/limits.ts";
import type { Command } from "../../src/commands/command.ts";
import { pick, type Random, seededRandom } from "../support/command-grammar.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { converse, hitAndRun, holdDeclarations, type Leave } from "./fuzzed-conversation.ts";
import { FuzzedServer } from "./fuzzed-server.ts";
import { arrayFrame, framed, fuzzedCall, fuzzedCommands, mutated } from "./protocol-streams.ts";
import { referenceDecode } from "./reference-decoder.ts";

const FRAMES = Number(process.env["LODESTONE_FUZZ_SERVER_FRAMES"] ?? 60_000);
const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const LANES = 16;
/** Between two looks whether the server lives. */
const CONVERSATIONS_PER_LOOK = 200;
const FRAMES_PER_STREAM = 60;
/** Their replies must fit what one who did not authenticate may leave unread. */
const UNAUTHENTICATED_FRAMES_PER_STREAM = 4;
const BULK_BYTES_MAX = 1024 * 1024;
const GROWTH_BYTES_MAX = 32 * 1024 * 1024;
const WARM_SHARE = 0.3;
const FAILURES_MAX = 5;
/** Connections that declare much at the same time. */
const DECLARING = 300;
const DECLARATIONS = [
  "*1048576\r\n",
  "*1048576\r\n$536870888\r\n",
  `*2\r\n$4\r\nECHO\r\n$${limits.argumentBytesMax}\r\nabc`,
  "*10\r\n$16384\r\nabc",
  "*1\r\n$1048576\r\n",
];

/** Those that end the server, stop it, or change who may talk to it. */
const HARMFUL = new Set([
  ..."shutdown config|set config|rewrite client|kill client|pause debug pfselftest".split(" "),
  ..."save bgsave bgrewriteaof latency|doctor".split(" "),
]);
/** Those whose replies are not one each, or not at once, or too long for so many. */
const UNEVEN = new Set([
  ..."quit client|reply client|tracking client|caching wait waitaof".split(" "),
  ..."command command|docs command|list command|info xread xreadgroup".split(" "),
]);

function isHarmless({ name }: Command): boolean {
  return !HARMFUL.has(name);
}

function isEven(command: Command): boolean {
  const { name, flags } = command;
  return isHarmless(command) && !UNEVEN.has(name) && !flags.includes("blocking");
}

/** Asked of what was sent, since a change of bytes can make any command of any other. */
function isNone(call: readonly string[], names: ReadonlySet<string>): boolean {
  const name = call[0].toLowerCase();
  return !names.has(name) && !names.has(`${name}|${(call[1] ?? "").toLowerCase()}`);
}

export interface ProtocolFuzzPlan {
  readonly frameCount: number;
  /** For a test of this harness: one command of each connection is never answered. */
  readonly isSilentPlanted: boolean;
}

class ProtocolFuzzer {
  readonly #random: Random;
  readonly #even = fuzzedCommands(isEven);
  readonly #harmless = fuzzedCommands(isHarmless);
  readonly #plan: ProtocolFuzzPlan;
  #tokenCount = 0;
  frameCount = 0;
  connectionCount = 0;
  brokenCount = 0;
  readonly failures: string[] = [];

  constructor(random: Random, plan: ProtocolFuzzPlan) {
    this.#random = random;
    this.#plan = plan;
  }

  get mayGoOn(): boolean {
    return this.failures.length < FAILURES_MAX;
  }

  async connection(server: FuzzedServer, isAuthenticated: boolean): Promise<void> {
    const random = this.#random;
    this.connectionCount += 1;
    if (random() < 0.2) await this.#hit(server, isAuthenticated);
    else await this.#talk(server, isAuthenticated);
  }

  async #talk(server: FuzzedServer, isAuthenticated: boolean): Promise<void> {
    const random = this.#random;
    let text = this.#pipeline(this.#even, isAuthenticated);
    if (random() < 0.5) text = mutated(text, random);
    const expected = referenceDecode(text, { isAuthenticated, bulkBytesMax: BULK_BYTES_MAX });
    if (!expected.frames.every((call) => isNone(call, HARMFUL) && isNone(call, UNEVEN))) return;
    if (!isAuthenticated && expected.frames.length > 2 * UNAUTHENTICATED_FRAMES_PER_STREAM) return;
    this.frameCount += expected.frames.length;
    if (expected.error !== undefined) this.brokenCount += 1;
    const planted = this.#plan.isSilentPlanted ? arrayFrame(["CLIENT", "REPLY", "SKIP"]) : "";
    const stream = Buffer.from(planted + text, "latin1");
    const wrong = await converse(server.port, stream, expected, isAuthenticated, random);
    if (wrong === undefined) return;
    const bytes = JSON.stringify(text.slice(0, 1000));
    this.failures.push(`${wrong}; authenticated: ${isAuthenticated}; stream ${bytes}`);
  }

  async #hit(server: FuzzedServer, isAuthenticated: boolean): Promise<void> {
    const random = this.#random;
    let text = this.#pipeline(this.#harmless, isAuthenticated);
    if (random() < 0.7) text = mutated(text, random);
    const rules = { isAuthenticated, bulkBytesMax: limits.argumentBytesMax };
    const { frames } = referenceDecode(text, rules);
    if (!frames.every((call) => isNone(call, HARMFUL))) return;
    this.frameCount += frames.length;
    const leave: Leave = pick(["end", "reset", "destroy", "unread"], random);
    await hitAndRun(server.port, Buffer.from(text, "latin1"), leave, random);
  }

  #pipeline(commands: readonly Command[], isAuthenticated: boolean): string {
    const random = this.#random;
    const most = isAuthenticated ? FRAMES_PER_STREAM : UNAUTHENTICATED_FRAMES_PER_STREAM;
    let text = random() < 0.4 ? arrayFrame(["HELLO", pick(["2", "3", "3"], random)]) : "";
    for (let left = 1 + Math.floor(random() ** 1.5 * most); left > 0; left -= 1) {
      const call = random() < 0.2 ? this.#echo() : fuzzedCall(commands, random);
      text += framed(call, random);
    }
    return text;
  }

  #echo(): string[] {
    this.#tokenCount += 1;
    return [this.#random() < 0.5 ? "ECHO" : "echo", `token ${this.#tokenCount}`];
  }
}

/** In lanes, so that connections are many at once; looks after the server in between. */
async function run(
  fuzzer: ProtocolFuzzer,
  servers: readonly { readonly server: FuzzedServer; readonly isAuthenticated: boolean }[],
  random: Random,
  frameCount: number,
): Promise<void> {
  while (fuzzer.frameCount < frameCount && fuzzer.mayGoOn) {
    let left = CONVERSATIONS_PER_LOOK;
    const lane = async (): Promise<void> => {
      while (left > 0 && fuzzer.mayGoOn) {
        left -= 1;
        const { server, isAuthenticated } = servers[random() < 0.85 ? 0 : 1];
        await fuzzer.connection(server, isAuthenticated);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    for (const { server } of servers) {
      const wrong = await server.explain();
      if (wrong !== undefined) fuzzer.failures.push(wrong);
    }
  }
}

/** What the server's memory grows by while so much is declared and nothing of it comes. */
async function growthByDeclarations(server: FuzzedServer): Promise<number> {
  const before = await server.residentBytesWhenEmpty();
  const declarations = Array.from({ length: DECLARING }, (_, at) => DECLARATIONS[at % 5]);
  const letGo = await holdDeclarations(server.port, declarations);
  const after = await server.residentBytesWhenEmpty();
  letGo();
  return after - before;
}

export async function fuzzServer(
  plan: ProtocolFuzzPlan = { frameCount: FRAMES, isSilentPlanted: false },
): Promise<HarnessReport> {
  const random = seededRandom(seed);
  const flags = ["--log", "memory", "--proto-max-bulk-len", String(BULK_BYTES_MAX)];
  const open = await FuzzedServer.start(flags);
  const guarded = await FuzzedServer.start([...flags, "--requirepass", "a secret"]);
  const servers = [
    { server: open, isAuthenticated: true },
    { server: guarded, isAuthenticated: false },
  ];
  const fuzzer = new ProtocolFuzzer(random, plan);
  let growthBytes = 0;
  let declaredGrowthBytes = 0;
  try {
    await run(fuzzer, servers, random, plan.frameCount * WARM_SHARE);
    const before = fuzzer.mayGoOn ? await open.residentBytesWhenEmpty() : 0;
    await run(fuzzer, servers, random, plan.frameCount);
    if (fuzzer.mayGoOn) {
      growthBytes = (await open.residentBytesWhenEmpty()) - before;
      declaredGrowthBytes = await growthByDeclarations(open);
    }
  } finally {
    await open.stop();
    await guarded.stop();
  }
  const failures = [...fuzzer.failures];
  if (growthBytes > GROWTH_BYTES_MAX) failures.push(`memory grew by ${growthBytes} bytes`);
  if (declaredGrowthBytes > GROWTH_BYTES_MAX) {
    failures.push(`what was only declared took ${declaredGrowthBytes} bytes`);
  }
  const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;
  return {
    harness: "H6 server",
    title: "whatever clients send, replies stay in step and the server lives",
    seed,
    figures: {
      frames: fuzzer.frameCount,
      connections: fuzzer.connectionCount,
      brokenStreams: fuzzer.brokenCount,
      growthMegabytes: megabytes(growthBytes),
      declaredGrowthMegabytes: megabytes(declaredGrowthBytes),
    },
    failures,
  };
}
