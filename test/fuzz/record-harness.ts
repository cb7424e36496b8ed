/**
 * H7, records of the log: what random commands wrote is changed behind its checksums, or stands
 * where it does not belong, and is applied as recovery applies it. Each record is refused by a
 * LogDamaged or a LogUnfit that names it, or leaves values as sound as any. Nothing else is thrown,
 * nothing takes long, and no length that is only declared takes memory.
 *
 * LODESTONE_CORRUPT_RECORDS says how many, LODESTONE_TEST_SEED begins them again.
 */
import { ByteWriter } from "../../src/base/byte-writer.ts";
import { commandTable } from "../../src/commands/registry.ts";
import type { Effect } from "../../src/keyspace/effect.ts";
import { encodeEffect } from "../../src/keyspace/effect-codec.ts";
import { LogDamaged, LogUnfit } from "../../src/log/log-driver.ts";
import { applyRecord } from "../../src/node/recover.ts";
import { typeGroups } from "../support/call-maker.ts";
import { pick, type Random, randomCall, seededRandom } from "../support/command-grammar.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { InProcessServer } from "../support/in-process-server.ts";
import { corrupted } from "./byte-mutations.ts";
import { checkValues } from "./sound-values.ts";

const RECORDS = Number(process.env["LODESTONE_CORRUPT_RECORDS"] ?? 4000);
const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const BASES = 24;
const CALLS_PER_BASE = 400;
/** Applied before the record that is bad. */
const UNITS_BEFORE_MAX = 150;
const MISPLACED_SHARE = 0.35;
const RECORD_MS_MAX = 10_000;
/** One string may be so long; what was declared beyond what came may not take more. */
const TAKEN_BYTES_MAX = 600 * 1024 * 1024;
const FAILURES_MAX = 5;

const commands = commandTable.all
  .filter(({ name, declaration, subcommands }) => {
    const isBlocking = declaration.flags.includes("blocking");
    const isOfType = typeGroups.has(declaration.group) || declaration.group === "generic";
    return isOfType && subcommands === null && !isBlocking && name !== "pfselftest";
  })
  .concat(commandTable.all.filter(({ name }) => name.startsWith("xgroup|")))
  .map(({ declaration }) => declaration);

/** As a record has it: u32 count and effects. */
export function unitPayload(effects: readonly Effect[]): Buffer {
  const writer = new ByteWriter(64);
  writer.u32(effects.length);
  for (const effect of effects) encodeEffect(writer, effect);
  return Buffer.from(writer.written());
}

/** The units that so many random commands wrote, in order. */
export function randomUnits(random: Random, callCount: number): Buffer[] {
  const server = new InProcessServer();
  const client = server.connect();
  for (let left = callCount; left > 0; left -= 1) {
    client.tryCommand(...randomCall(pick(commands, random), random));
  }
  return server.sink.units.map(({ effects }) => unitPayload(effects));
}

class RecordFuzzer {
  readonly #random: Random;
  readonly #bases: readonly (readonly Buffer[])[];
  refusedCount = 0;
  acceptedCount = 0;
  readonly failures: string[] = [];
  readonly #applyRecord: typeof applyRecord;

  constructor(random: Random, apply: typeof applyRecord) {
    this.#random = random;
    this.#applyRecord = apply;
    this.#bases = Array.from({ length: BASES }, () => randomUnits(random, CALLS_PER_BASE));
  }

  record(): void {
    const random = this.#random;
    const units = pick(this.#bases, random);
    const server = new InProcessServer({ configuration: [["debug-commands", "yes"]] });
    const before = Math.floor(random() * Math.min(units.length - 3, UNITS_BEFORE_MAX));
    this.#apply(server, 1, Buffer.concat(units.slice(0, before)));
    const payload = this.#bad(units, before);
    const startedAt = performance.now();
    const takenBefore = process.memoryUsage().arrayBuffers;
    try {
      if (this.#isRefused(server, payload)) this.refusedCount += 1;
      else {
        this.acceptedCount += 1;
        const client = server.connect();
        checkValues(server, client, [...server.keyspace.keys(0)], random);
      }
    } catch (failure) {
      const trace = failure instanceof Error ? failure.stack : String(failure);
      this.failures.push(`record ${payload.toString("hex").slice(0, 400)}: ${trace}`);
    }
    const takenBytes = process.memoryUsage().arrayBuffers - takenBefore;
    if (takenBytes > TAKEN_BYTES_MAX) this.failures.push(`a record took ${takenBytes} bytes`);
    const ms = performance.now() - startedAt;
    if (ms > RECORD_MS_MAX) this.failures.push(`a record took ${ms} ms`);
  }

  #bad(units: readonly Buffer[], before: number): Buffer {
    const random = this.#random;
    const next = units.slice(before, before + 1 + Math.floor(random() * 3));
    if (random() >= MISPLACED_SHARE) return corrupted(Buffer.concat(next), random);
    // Whole units, of another state or in another order.
    const others = pick(this.#bases, random);
    const strange = Array.from({ length: 4 }, () => pick(others, random));
    return Buffer.concat([...strange, ...next.reverse()]);
  }

  #isRefused(server: InProcessServer, payload: Buffer): boolean {
    try {
      this.#apply(server, 2, payload);
      return false;
    } catch (failure) {
      const isOfRecord = failure instanceof LogDamaged && failure.message.startsWith("record 2 ");
      if (isOfRecord || failure instanceof LogUnfit) return true;
      throw failure;
    }
  }

  #apply(server: InProcessServer, sequence: number, payload: Buffer): void {
    const record = { sequence, epoch: 1, unitCount: 1, timeMs: 0, payload };
    this.#applyRecord(server.keyspace, record, 0);
  }
}

/** `apply` is recovery's, so that one that looks less can be planted. */
export async function fuzzRecords(apply = applyRecord): Promise<HarnessReport> {
  const fuzzer = new RecordFuzzer(seededRandom(seed), apply);
  let count = 0;
  while (count < RECORDS && fuzzer.failures.length < FAILURES_MAX) {
    fuzzer.record();
    count += 1;
  }
  const { refusedCount, acceptedCount } = fuzzer;
  return {
    harness: "H7 record",
    title: "records of the log that were changed are refused, or sound",
    seed,
    figures: { records: count, refused: refusedCount, accepted: acceptedCount },
    failures: fuzzer.failures,
  };
}
