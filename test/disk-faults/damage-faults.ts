/**
 * A log whose bytes are not what was written: flipped bits, torn and misdirected writes, reads that
 * come short, a record from another history of the same log.
 *
 * Each case ends in one of four ways, which are counted: the start refuses and names the place, a
 * torn tail is cut and reported, nothing was changed that anybody was told of and all answers are
 * right, or the harness has found something.
 */
import { LogDamaged } from "../../src/log/log-driver.ts";
import { CHAIN_START } from "../../src/log/record-format.ts";
import { SECTOR_BYTES } from "../../src/log/segment-format.ts";
import type { Random } from "../../src/runtime/clock.ts";
import { DiskError } from "../../src/runtime/disk.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { sha256 } from "../../src/runtime/hashing.ts";
import {
  LOG_FOLDER,
  makeChain,
  payloadOf,
  readBack,
  seal,
  writeLog,
} from "../support/log-records.ts";

const SEGMENT_BYTES = 8192;
const ALL_SECTORS_MAX = 8;

export interface DamageCounts {
  cases: number;
  refused: number;
  cut: number;
  harmless: number;
  readonly problems: string[];
}

export function newDamageCounts(): DamageCounts {
  return { cases: 0, refused: 0, cut: 0, harmless: 0, problems: [] };
}

interface Expected {
  /** Records that were acknowledged, and all that were written. */
  readonly acknowledged: number;
  readonly records: readonly Buffer[];
}

export class Damage {
  readonly seed: number;
  readonly random: Random;
  readonly counts = newDamageCounts();

  constructor(seed: number) {
    this.seed = seed;
    this.random = seededRandom(seed);
  }

  /** A bit of every byte; `bits` of the eight. */
  async flipBits(recordCount: number, payloadBytesMax: number, bits: number): Promise<void> {
    const records = makeChain(this.random, recordCount - 1, payloadBytesMax);
    const previous = sha256(records[recordCount - 2]);
    records.push(seal({ sequence: recordCount, previous, payload: payloadWithZeros(1800) }));
    const files = await this.#written(records);
    for (const [path, content] of files) {
      for (let at = 0; at < content.length; at += 1) {
        const first = Math.floor(this.random.fraction() * 8);
        for (let bit = 0; bit < bits; bit += 1) {
          const flipped = Buffer.from(content);
          flipped[at] ^= 1 << ((first + bit) % 8);
          const disk = this.#diskOf(new Map(files).set(path, flipped));
          const expected = { acknowledged: recordCount, records };
          await this.#judge(`a flipped bit at byte ${at} of ${path}`, disk, expected);
        }
      }
    }
  }

  /** The last append written up to every byte, and in every set of its sectors. */
  async tearLast(payloadBytes: number): Promise<void> {
    const records = makeChain(this.random, 4, 300);
    const payload = payloadWithZeros(payloadBytes);
    records.push(seal({ sequence: 5, previous: sha256(records[3]), payload }));
    const files = await this.#written(records);
    const [path, content] = [...files][0];
    const last = records[4];
    const start = content.indexOf(last);
    const expected = { acknowledged: 4, records };
    for (let length = 0; length <= last.length; length += 1) {
      const torn = Buffer.from(content);
      torn.fill(0, start + length, start + last.length);
      const what = `the last record written up to its byte ${length}`;
      await this.#judge(what, this.#diskOf(new Map(files).set(path, torn)), expected);
    }
    const sectors = sectorsOf(start, start + last.length);
    for (const kept of subsets(sectors.length, this.random)) {
      const torn = Buffer.from(content);
      torn.fill(0, start, start + last.length);
      for (const [index, [from, to]] of sectors.entries()) {
        if (kept[index]) content.copy(torn, from, from, to);
      }
      const what = `sectors ${kept.map(Number).join("")} of the last record`;
      await this.#judge(what, this.#diskOf(new Map(files).set(path, torn)), expected);
    }
  }

  /** Every write of a run goes to another place of its file, or nowhere. */
  async misdirect(recordCount: number): Promise<void> {
    const records = this.#chainWithZeros(recordCount);
    let writeCount = 0;
    const shifts = [-2048, -SECTOR_BYTES, -200, -8, 8, 200, SECTOR_BYTES, 2048, "start", "lost"];
    for (const shift of shifts) {
      for (let call = 1, isHit = true; isHit; call += 1) {
        isHit = false;
        const disk = new FakeDisk(seededRandom(this.seed + call));
        let isLast = false;
        writeCount = 0;
        disk.divert = (_, path, offset) => {
          writeCount += 1;
          isLast = false;
          if (writeCount !== call) return offset;
          isHit = true;
          isLast = path.includes("segment-");
          if (shift === "lost") return undefined;
          return shift === "start" ? 0 : Math.max(0, offset + Number(shift));
        };
        await writeLog(disk, SEGMENT_BYTES, records);
        disk.divert = (_, __, offset) => offset;
        disk.losePower();
        // Of a last record that the disk never wrote, no log can know.
        const acknowledged = isLast && shift === "lost" ? recordCount - 1 : recordCount;
        const what = `write ${call} went ${shift} instead of to its place`;
        if (isHit) await this.#judge(what, disk, { acknowledged, records });
      }
    }
  }

  /** Where a record was, stands one that another history of this log has there. */
  async mixHistories(recordCount: number): Promise<void> {
    const records = makeChain(this.random, recordCount, 300);
    const files = await this.#written(records);
    for (let index = 1; index < recordCount - 1; index += 1) {
      const payload = Buffer.alloc(payloadOf(records[index]).length, "another history ");
      const previous = sha256(Buffer.from(`another ${index}`));
      const other = seal({ sequence: index + 1, previous, payload });
      const mixed = new Map(files);
      for (const [path, content] of files) {
        const at = content.indexOf(records[index]);
        if (at < 0) continue;
        const changed = Buffer.from(content);
        other.copy(changed, at);
        mixed.set(path, changed);
      }
      const expected = { acknowledged: recordCount, records };
      await this.#judge(`record ${index + 1} of another history`, this.#diskOf(mixed), expected);
    }
  }

  /** Every read comes short, by a byte, a sector or all of it. */
  async readShort(recordCount: number): Promise<void> {
    const records = makeChain(this.random, recordCount, 300);
    const files = await this.#written(records);
    const expected = { acknowledged: recordCount, records };
    for (const missing of [1, SECTOR_BYTES, Number.POSITIVE_INFINITY]) {
      // Nothing is harmless but a read that does not come.
      for (let call = 1; ; call += 1) {
        const disk = this.#diskOf(files);
        shortenRead(disk, call, missing);
        const what = `read ${call} came short by ${missing} bytes`;
        if ((await this.#judge(what, disk, expected)) === "harmless") break;
      }
    }
  }

  async #written(records: readonly Buffer[]): Promise<ReadonlyMap<string, Buffer>> {
    const disk = new FakeDisk(this.random);
    await writeLog(disk, SEGMENT_BYTES, records);
    const paths = disk.paths().filter((path) => path.includes("segment-"));
    return new Map(paths.map((path) => [path, Buffer.from(disk.content(path))]));
  }

  #diskOf(files: ReadonlyMap<string, Buffer>): FakeDisk {
    const disk = new FakeDisk(this.random);
    for (const [path, content] of files) disk.place(path, content);
    return disk;
  }

  /** Every third record holds whole sectors of zeros, which look as if they were never written. */
  #chainWithZeros(count: number): Buffer[] {
    const records = makeChain(this.random, count, 500);
    for (const [index, record] of records.entries()) {
      const previous = index === 0 ? CHAIN_START : sha256(records[index - 1]);
      const payload = index % 3 === 2 ? payloadWithZeros(1800) : payloadOf(record);
      records[index] = seal({ sequence: index + 1, previous, payload });
    }
    return records;
  }

  async #judge(
    what: string,
    disk: FakeDisk,
    { acknowledged, records }: Expected,
  ): Promise<"refused" | "cut" | "harmless" | "found"> {
    this.counts.cases += 1;
    const found = (problem: string) => {
      this.counts.problems.push(`seed ${this.seed}, ${what}: ${problem}`);
      return "found" as const;
    };
    try {
      const read = await readBack(disk, SEGMENT_BYTES);
      const isRight = read.payloads.every((payload, index) =>
        payload.equals(payloadOf(records[index])),
      );
      if (!isRight) return found("something else than was written was read, and nothing said");
      if (read.sequence < acknowledged) {
        return found(`only ${read.sequence} of ${acknowledged} acknowledged records are back`);
      }
      const kind = read.torn === undefined ? "harmless" : "cut";
      this.counts[kind] += 1;
      return kind;
    } catch (failure) {
      const isClear = failure instanceof LogDamaged || failure instanceof DiskError;
      if (!isClear) return found(failure instanceof Error ? `${failure.stack}` : String(failure));
      if (!failure.message.includes(LOG_FOLDER)) return found(`no place in: ${failure.message}`);
      this.counts.refused += 1;
      return "refused";
    }
  }
}

/** As a bitmap or a vector may be. */
function payloadWithZeros(length: number): Buffer {
  return Buffer.alloc(length, "payload ").fill(0, 200, 200 + 2 * SECTOR_BYTES);
}

function shortenRead(disk: FakeDisk, atRead: number, missing: number): void {
  const whole = disk.open.bind(disk);
  let readCount = 0;
  disk.open = async (path, mode) => {
    const file = await whole(path, mode);
    const read: typeof file.read = (into, offset) => {
      readCount += 1;
      if (readCount !== atRead) return file.read(into, offset);
      return file.read(into.subarray(0, Math.max(0, into.length - missing)), offset);
    };
    return { ...file, read };
  };
}

function sectorsOf(start: number, end: number): [number, number][] {
  const sectors: [number, number][] = [];
  for (let from = start; from < end; ) {
    const to = Math.min(end, (Math.floor(from / SECTOR_BYTES) + 1) * SECTOR_BYTES);
    sectors.push([from, to]);
    from = to;
  }
  return sectors;
}

/** All sets of few things, many random ones of many; never all things, which is no tear. */
function* subsets(count: number, random: Random): Generator<boolean[]> {
  const total = 2 ** Math.min(count, ALL_SECTORS_MAX);
  for (let number = 0; number < total; number += 1) {
    const kept = Array.from({ length: count }, (_, index) =>
      count <= ALL_SECTORS_MAX ? ((number >>> index) & 1) === 1 : random.fraction() < 0.5,
    );
    if (!kept.every(Boolean)) yield kept;
  }
}
