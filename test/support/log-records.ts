/**
 * Records for tests of the log, sealed as the appender seals them, with any payload.
 */

import { FileDriver } from "../../src/log/driver-file.ts";
import type { LogKeys, StoredRecord, TornTail } from "../../src/log/log-driver.ts";
import {
  CHAIN_START,
  RECORD_HEADER_BYTES,
  RecordKind,
  recordBytes,
  sealRecord,
} from "../../src/log/record-format.ts";
import type { Random } from "../../src/runtime/clock.ts";
import type { Disk } from "../../src/runtime/disk.ts";
import { FakeWorld } from "../../src/runtime/fake-world.ts";
import { sha256 } from "../../src/runtime/hashing.ts";
import { silentLogger } from "../../src/runtime/logger.ts";

export const LOG_FOLDER = "/log";

export interface SealOptions {
  readonly sequence: number;
  readonly previous: Buffer;
  readonly payload: Buffer;
  readonly epoch?: number;
  readonly kind?: RecordKind;
  readonly timeMs?: number;
  readonly unitCount?: number;
}

export function seal(options: SealOptions): Buffer {
  const record = Buffer.alloc(recordBytes(options.payload.length));
  options.payload.copy(record, RECORD_HEADER_BYTES);
  sealRecord(record, {
    kind: options.kind ?? (options.sequence === 1 ? RecordKind.claim : RecordKind.units),
    shard: 0,
    keyId: 0,
    epoch: options.epoch ?? 1,
    sequence: options.sequence,
    unitCount: options.unitCount ?? 1,
    payloadLength: options.payload.length,
    writer: Buffer.from("writerid", "latin1"),
    timeMs: options.timeMs ?? 0,
    previous: options.previous,
  });
  return record;
}

/**
 * A chain of records, the first a claim; payloads have no zero byte, so they have no zero sector.
 */
export function makeChain(random: Random, count: number, payloadBytesMax: number): Buffer[] {
  const records: Buffer[] = [];
  let previous: Buffer = CHAIN_START;
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const payload = Buffer.alloc(1 + Math.floor(random.fraction() * payloadBytesMax));
    for (let index = 0; index < payload.length; index += 1) {
      payload[index] = 1 + Math.floor(random.fraction() * 255);
    }
    const record = seal({ sequence, previous, payload });
    records.push(record);
    previous = sha256(record);
  }
  return records;
}

export function openDriver(
  disk: Disk,
  segmentBytes: number,
  world = new FakeWorld(),
  keys?: LogKeys,
): FileDriver {
  return new FileDriver({
    disk,
    folder: LOG_FOLDER,
    timers: world,
    logger: silentLogger,
    holder: "the test",
    segmentBytes,
    keys,
  });
}

export interface ReadBack {
  readonly payloads: readonly Buffer[];
  readonly sequence: number;
  readonly torn: TornTail | undefined;
}

/** Opens the log with a fresh driver, reads everything and closes it again. */
export async function readBack(
  disk: Disk,
  segmentBytes: number,
  keys?: LogKeys,
): Promise<ReadBack> {
  const driver = openDriver(disk, segmentBytes, new FakeWorld(), keys);
  const payloads: Buffer[] = [];
  try {
    const { tail, torn } = await driver.open((record: StoredRecord) => {
      payloads.push(Buffer.from(record.payload));
    });
    return { payloads, sequence: tail.sequence, torn };
  } finally {
    await driver.close();
  }
}

export function payloadOf(record: Buffer): Buffer {
  return record.subarray(RECORD_HEADER_BYTES, record.length - 8);
}

/** Writes the records to a new log on the disk and closes it. */
export async function writeLog(
  disk: Disk,
  segmentBytes: number,
  records: readonly Buffer[],
): Promise<void> {
  const driver = openDriver(disk, segmentBytes);
  await driver.open(() => undefined);
  for (const [index, record] of records.entries()) await driver.append(index + 1, record);
  await driver.close();
}
