/**
 * H6, the decoder alone: whatever bytes come and however they are split, it gives the frames and
 * the error that the reference decoder gives (`reference-decoder.ts`). Short streams are split at
 * every place, all of them at random places and some byte by byte; lent chunks are overwritten once
 * they were given back, as a socket's are. Memory must not grow with what was only declared.
 *
 * LODESTONE_FUZZ_FRAMES says how many frames, LODESTONE_TEST_SEED begins them again.
 */
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Bytes, toBinaryString } from "../../src/base/bytes.ts";
import { limits } from "../../src/base/limits.ts";
import { FrameDecoder } from "../../src/resp/decoder.ts";
import { pick, type Random, seededRandom } from "../support/command-grammar.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { framed, fuzzedCall, fuzzedCommands, mutated } from "./protocol-streams.ts";
import { type DecodedStream, referenceDecode } from "./reference-decoder.ts";

const FRAMES = Number(process.env["LODESTONE_FUZZ_FRAMES"] ?? 2_000_000);
const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const CALLS = 20_000;
const FRAMES_PER_STREAM = 40;
const MUTATED_SHARE = 0.6;
const UNAUTHENTICATED_SHARE = 0.15;
/** A limit on bulks of the server's configuration, which some streams meet. */
const SMALL_BULK_BYTES = 1024;
const EVERY_PLACE_BYTES_MAX = 160;
const BYTE_BY_BYTE_BYTES_MAX = 2000;
const FAILURES_MAX = 5;
const GROWTH_BYTES_MAX = 32 * 1024 * 1024;
/** Memory is looked at after each; what is kept once is there after the first. */
const STRETCHES = 10;
const STEPS_LEFT_OUT = 2;

/** What is asked of a decoder, so that a broken one can be planted. */
export type DecoderUnderTest = Pick<
  FrameDecoder,
  "push" | "next" | "release" | "error" | "bulkBytesMax" | "bufferedBytes"
>;
export type MakeDecoder = (isAuthenticated: boolean) => DecoderUnderTest;

interface Rules {
  readonly isAuthenticated: boolean;
  readonly bulkBytesMax: number;
}

// Left alone, the young generation grows by more than what is looked for.
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Buffers are freed by a thread, behind what found them to be garbage. */
async function residentBytes(): Promise<number> {
  for (let time = 0; time < 2; time += 1) {
    collectGarbage();
    await turn();
  }
  return process.memoryUsage.rss();
}

/** The frames of the stream in these pieces; `isLent` gives each chunk back, overwritten. */
function decode(
  makeDecoder: MakeDecoder,
  rules: Rules,
  pieces: Iterable<Buffer>,
  isLent: boolean,
): DecodedStream {
  const decoder = makeDecoder(rules.isAuthenticated);
  decoder.bulkBytesMax = rules.bulkBytesMax;
  const frames: string[][] = [];
  const kept: Bytes[][] = [];
  for (const piece of pieces) {
    const chunk = Buffer.from(piece);
    decoder.push(chunk);
    for (let args = decoder.next(); args !== undefined; args = decoder.next()) kept.push(args);
    if (isLent) {
      decoder.release();
      chunk.fill(0x2a);
    }
  }
  for (const args of kept) frames.push(args.map(toBinaryString));
  return { frames, error: decoder.error };
}

function* splitAt(stream: Buffer, places: readonly number[]): Iterable<Buffer> {
  let start = 0;
  for (const place of [...places, stream.length]) {
    yield stream.subarray(start, place);
    start = place;
  }
}

function randomPlaces(length: number, random: Random): number[] {
  const count = 1 + Math.floor(random() * 8);
  const places = Array.from({ length: count }, () => Math.floor(random() * (length + 1)));
  return places.sort((left, right) => left - right);
}

function difference(expected: DecodedStream, found: DecodedStream): string | undefined {
  const count = Math.max(expected.frames.length, found.frames.length);
  for (let index = 0; index < count; index += 1) {
    const [left, right] = [expected.frames[index], found.frames[index]];
    const isSame =
      left !== undefined &&
      left.length === right?.length &&
      left.every((arg, at) => arg === right[at]);
    if (!isSame) return `frame ${index}: ${brief(left)}, and not ${brief(right)}`;
  }
  if (expected.error === found.error) return undefined;
  return `error: ${expected.error}, and not ${found.error}`;
}

function brief(frame: readonly string[] | undefined): string {
  return JSON.stringify(frame?.map((arg) => arg.slice(0, 60))) ?? "none";
}

class Fuzzer {
  readonly #makeDecoder: MakeDecoder;
  readonly #random: Random;
  readonly #calls: readonly string[];
  frameCount = 0;
  streamCount = 0;
  decodeCount = 0;
  errorCount = 0;
  readonly failures: string[] = [];

  constructor(makeDecoder: MakeDecoder, random: Random) {
    this.#makeDecoder = makeDecoder;
    this.#random = random;
    const commands = fuzzedCommands(() => true);
    this.#calls = Array.from({ length: CALLS }, () => framed(fuzzedCall(commands, random), random));
  }

  stream(): void {
    const random = this.#random;
    const count = 1 + Math.floor(random() ** 2 * FRAMES_PER_STREAM);
    let text = "";
    for (let left = count; left > 0; left -= 1) text += pick(this.#calls, random);
    if (random() < MUTATED_SHARE) text = mutated(text, random);
    const rules = {
      isAuthenticated: random() >= UNAUTHENTICATED_SHARE,
      bulkBytesMax: random() < 0.9 ? limits.argumentBytesMax : SMALL_BULK_BYTES,
    };
    const expected = referenceDecode(text, rules);
    this.streamCount += 1;
    this.frameCount += expected.frames.length;
    if (expected.error !== undefined) this.errorCount += 1;
    const stream = Buffer.from(text, "latin1");
    this.#compare(stream, rules, expected, []);
    this.#compare(stream, rules, expected, randomPlaces(stream.length, random));
    if (stream.length <= EVERY_PLACE_BYTES_MAX) {
      for (let at = 1; at < stream.length; at += 1) this.#compare(stream, rules, expected, [at]);
    }
    if (stream.length <= BYTE_BY_BYTE_BYTES_MAX && random() < 0.05) {
      const places = Array.from({ length: stream.length }, (_, at) => at);
      this.#compare(stream, rules, expected, places);
    }
  }

  #compare(stream: Buffer, rules: Rules, expected: DecodedStream, places: number[]): void {
    const isLent = this.decodeCount % 2 === 0;
    this.decodeCount += 1;
    const pieces = splitAt(stream, places);
    const found = difference(expected, decode(this.#makeDecoder, rules, pieces, isLent));
    if (found === undefined) return;
    const how = `${JSON.stringify(rules)}, cut at ${places.join(",") || "no place"}`;
    const bytes = stream.subarray(0, 400).toString("latin1");
    this.failures.push(`${found}; ${how}; stream ${JSON.stringify(bytes)}`);
  }
}

export async function fuzzDecoder(
  makeDecoder: MakeDecoder = (isAuthenticated) => new FrameDecoder(isAuthenticated),
  frameCount: number = FRAMES,
): Promise<HarnessReport> {
  const fuzzer = new Fuzzer(makeDecoder, seededRandom(seed));
  const goOnTo = async (count: number): Promise<void> => {
    while (fuzzer.frameCount < count && fuzzer.failures.length < FAILURES_MAX) {
      fuzzer.stream();
      // Whoever runs this hears of it now and then.
      if (fuzzer.streamCount % 1000 === 0) await turn();
    }
  };
  const sizes: number[] = [];
  for (let stretch = 1; stretch <= STRETCHES; stretch += 1) {
    await goOnTo((frameCount * stretch) / STRETCHES);
    sizes.push(await residentBytes());
  }
  // What is never let go of is in every step; a compiler's or an allocator's comes once, of up to
  // 35 MB.
  const steps = sizes.slice(1).map((size, index) => size - sizes[index]);
  const ordinary = steps.toSorted((left, right) => left - right).slice(0, -STEPS_LEFT_OUT);
  const growthBytes = ordinary.reduce((sum, step) => sum + step, 0);
  const failures = [...fuzzer.failures];
  if (growthBytes > GROWTH_BYTES_MAX) failures.push(`memory grew by ${growthBytes} bytes`);
  const { streamCount, decodeCount, errorCount } = fuzzer;
  return {
    harness: "H6 decoder",
    title: "any split of any stream gives the same frames",
    seed,
    figures: {
      frames: fuzzer.frameCount,
      streams: streamCount,
      decodes: decodeCount,
      brokenStreams: errorCount,
      growthMegabytes: Math.round(growthBytes / 1e5) / 10,
    },
    failures,
  };
}
