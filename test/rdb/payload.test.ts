/**
 * Payloads that Redis 7.0 and 7.2 made, and older forms by hand: read as the value that they are.
 * What we write is read back the same, whatever the value.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, canonicalBytes } from "../../src/base/bytes.ts";
import { limits } from "../../src/base/limits.ts";
import type { RestoredValue } from "../../src/keyspace/effect.ts";
import { Crc64 } from "../../src/rdb/crc64.ts";
import { dumpPayload, type PayloadProblem, readPayload } from "../../src/rdb/payload.ts";
import { InProcessServer, present } from "../support/in-process-server.ts";
import { described, rdbCases, type Send } from "../support/rdb-values.ts";
import { sealed } from "./sealed.ts";

const fixtures = new URL("../fixtures/rdb-payloads.hex", import.meta.url);
const golden = readFileSync(fixtures, "utf8").trimEnd().split("\n");

function read(content: string): RestoredValue | PayloadProblem {
  return readPayload(sealed(content), limits.restoredBytesMax);
}

/** What two clocks would say differently. */
function withoutTimes(value: unknown): unknown {
  const text = JSON.stringify(value, (name, item) => (name === "seen-time" ? 0 : item));
  return text.replaceAll(/("(?:idle|inactive)":|,)\d{10,}/g, "$10");
}

describe("payloads of Redis", () => {
  for (const line of golden) {
    const [version, name, hex] = line.split("|");
    it(`reads ${name}, of ${version}`, async () => {
      const { commands } = present(rdbCases.find((each) => each.name === name));
      const client = new InProcessServer().connect();
      const send: Send = async (...args) => client.command(...args);
      for (const call of commands) await send(...call);
      const expected = withoutTimes(await described(send));
      const payload = Buffer.from(hex, "hex");
      expect(client.command("RESTORE", "k", 0, payload, "REPLACE")).toBe("OK");
      expect(withoutTimes(await described(send))).toEqual(expected);
    });
  }

  it("reads the forms that came before listpacks", () => {
    const ziplist = "0d190000001600000005000001610401620402fe05ff04f304c00001ff";
    expect(read(`0a${size(ziplist)}`)).toBe("content");
    const list = ziplistOf([
      "0161",
      "0162",
      "fe05",
      "f3",
      "c00001",
      "f0000080",
      "e0ffffffffffffff7f",
    ]);
    const values = ["a", "b", "5", "2", "256", "-8388608", "9223372036854775807"];
    expect(read(`0a${list}`)).toEqual({ type: "list", values });
    expect(read(`0e02${list}${list}`)).toEqual({ type: "list", values: [...values, ...values] });
    const pairs = ziplistOf(["0161", "f2", `4040${"78".repeat(64)}`, "0130"]);
    expect(read(`0d${pairs}`)).toEqual({ type: "hash", pairs: ["a", "1", "x".repeat(64), "0"] });
    const scored = ziplistOf(["0161", "f2", "0162", "04312e3735"]);
    expect(read(`0c${scored}`)).toEqual({ type: "zset", members: ["a", "b"], scores: [1, 1.75] });
    const map = "020161010031026262030078797affff";
    expect(read(`09${size("02016101003102626203017879" + "7a00ff")}`)).toEqual({
      type: "hash",
      pairs: ["a", "1", "bb", "xyz"],
    });
    expect(read(`09${size(map)}`)).toBe("content");
    expect(read("010201610162")).toEqual({ type: "list", values: ["a", "b"] });
    expect(read("0304016103312e3501 62ff0163fe016404 2d3165 35".replaceAll(" ", ""))).toEqual({
      type: "zset",
      members: ["a", "b", "c", "d"],
      scores: [1.5, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, -100_000],
    });
  });

  it("refuses what is behind a value, and what has no element", () => {
    expect(read("000131")).toEqual({ type: "string", value: "1" });
    expect(read("00013100")).toBe("content");
    for (const empty of ["0100", "0200", "0400", "0500", "1200", "0b080200000000000000"]) {
      expect(read(empty), empty).toBe("content");
    }
  });

  it("reads hashes with fields that expire, as 7.4 writes them", () => {
    const least = "e803000000000000";
    expect(read(`18${least}02010161013100016201 32`.replace(" ", ""))).toEqual({
      type: "fields",
      pairs: ["a", "1", "b", "2"],
      isLarge: false,
      expiriesMs: [1000, 0],
    });
    const pack = listpackOf("816102", "0101", "c3e802", "816202", "0201", "0001");
    const fields = { type: "fields", pairs: ["a", "1", "b", "2"], isLarge: false };
    expect(read(`19${least}${pack}`)).toEqual({ ...fields, expiriesMs: [1000, 0] });
    expect(read(`17${pack}`)).toEqual({ ...fields, expiriesMs: [1000, 0] });
  });
});

describe("the checksum", () => {
  it("is CRC-64 as Redis has it, whatever the pieces", () => {
    const text = Buffer.from("123456789".repeat(40));
    const whole = Buffer.alloc(16);
    const one = new Crc64();
    one.update(Buffer.from("123456789"));
    one.write(whole, 0);
    expect(whole.readBigUInt64LE(0)).toBe(0xe9c6d914c4b8d9can);
    const all = new Crc64();
    all.update(text);
    all.write(whole, 0);
    const pieces = new Crc64();
    for (let at = 0; at < text.length; at += 7) pieces.update(text, at, Math.min(at + 7, 360));
    expect(pieces.equals(whole, 0)).toBe(true);
  });
});

const binary = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 12 }).map(bytesOf) },
  { weight: 3, arbitrary: fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String) },
  { weight: 2, arbitrary: fc.integer({ min: -300, max: 300 }).map(String) },
  { weight: 1, arbitrary: fc.nat(40_000).map((length) => canonicalBytes("z".repeat(length))) },
);

function bytesOf(bytes: Uint8Array): Bytes {
  return Buffer.from(bytes).toString("latin1");
}

const text = binary.map((bytes) => (typeof bytes === "string" ? bytes : bytes.toString("latin1")));
const score = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constant(-0));
const names = fc.uniqueArray(text, { minLength: 1, maxLength: 200 });

const values: fc.Arbitrary<RestoredValue> = fc.oneof(
  binary.map((value): RestoredValue => ({ type: "string", value })),
  fc
    .array(binary, { minLength: 1, maxLength: 300 })
    .map((list): RestoredValue => ({ type: "list", values: list })),
  names.map((members): RestoredValue => ({ type: "set", members })),
  fc.tuple(names, fc.array(score, { minLength: 200, maxLength: 200 })).map(sortedSetOf),
  fc.tuple(names, fc.array(binary, { minLength: 200, maxLength: 200 })).map(hashOf),
  fc
    .tuple(names, fc.array(fc.nat(9e15), { minLength: 200, maxLength: 200 }))
    .filter(([fields, times]) => times.slice(0, fields.length).some((time) => time > 0))
    .map(fieldsOf),
);

function sortedSetOf([members, all]: [string[], number[]]): RestoredValue {
  const pairs = members.map((member, index): [string, number] => [member, all[index]]);
  pairs.sort(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : x - y));
  return { type: "zset", members: pairs.map(([m]) => m), scores: pairs.map(([, s]) => s) };
}

function hashOf([fields, all]: [string[], Bytes[]]): RestoredValue {
  return {
    type: "hash",
    pairs: fields.flatMap((field, index) => [canonicalBytes(field), all[index]]),
  };
}

/** Larger than Redis's small forms, if its values are. */
function fieldsOf([fields, times]: [string[], number[]]): RestoredValue {
  const isLarge = fields.some((field) => field.length > 64);
  const pairs = fields.flatMap((field) => [canonicalBytes(field), "v"]);
  return { type: "fields", pairs, isLarge, expiriesMs: times.slice(0, fields.length) };
}

/** Sets of integers and fields that expire come back in their order, tables from their end. */
function inOrder(value: RestoredValue | PayloadProblem): unknown {
  if (typeof value === "string") return value;
  if (value.type === "set") return { ...value, members: [...value.members].sort() };
  if (value.type === "fields") {
    const fields = value.expiriesMs.map((timeMs, index) => [
      String(value.pairs[index * 2]),
      timeMs,
    ]);
    return { isLarge: value.isLarge, fields: fields.sort() };
  }
  if (value.type !== "zset") return value;
  const pairs = value.members.map((member, index) => [member, value.scores[index]] as const);
  return pairs.sort(([a], [b]) => (a < b ? -1 : 1));
}

describe("what we write", () => {
  it("reads back as it was, and one byte that is off is noticed", () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, place, flip) => {
        const payload = dumpPayload(value);
        expect(inOrder(readPayload(payload, limits.restoredBytesMax))).toEqual(inOrder(value));
        payload[place % payload.length] ^= flip;
        expect(readPayload(payload, limits.restoredBytesMax)).toBe("footer");
      }),
      { numRuns: 300 },
    );
  });

  it("says the oldest version that holds the value", () => {
    const versionOf = (value: RestoredValue) =>
      dumpPayload(value).readUInt16LE(dumpPayload(value).length - 10);
    expect(versionOf({ type: "string", value: "v" })).toBe(10);
    expect(versionOf({ type: "set", members: ["a"] })).toBe(10);
    const pairs = ["f", "v"];
    expect(versionOf({ type: "fields", pairs, isLarge: true, expiriesMs: [] })).toBe(10);
    expect(versionOf({ type: "fields", pairs, isLarge: false, expiriesMs: [5] })).toBe(12);
    const client = new InProcessServer().connect();
    client.command("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM");
    const versionOfStream = () => {
      const payload = Buffer.from(String(client.command("DUMP", "s")), "latin1");
      return payload.readUInt16LE(payload.length - 10);
    };
    expect(versionOfStream()).toBe(10);
    client.command("XGROUP", "CREATECONSUMER", "s", "g", "never-active");
    expect(versionOfStream()).toBe(11);
  });
});

/** A structure as a string: its length before it. */
function size(hex: string): string {
  const byteCount = hex.length / 2;
  if (byteCount < 64) return byteCount.toString(16).padStart(2, "0") + hex;
  return (0x4000 | byteCount).toString(16) + hex;
}

function ziplistOf(entries: readonly string[]): string {
  let body = "";
  let before = 0;
  let lastAt = 10;
  for (const entry of entries) {
    lastAt = 10 + body.length / 2;
    body += before.toString(16).padStart(2, "0") + entry;
    before = entry.length / 2 + 1;
  }
  const head = Buffer.alloc(10);
  head.writeUInt32LE(11 + body.length / 2, 0);
  head.writeUInt32LE(lastAt, 4);
  head.writeUInt16LE(entries.length, 8);
  return size(`${head.toString("hex")}${body}ff`);
}

function listpackOf(...entries: readonly string[]): string {
  const body = entries.join("");
  const head = Buffer.alloc(6);
  head.writeUInt32LE(7 + body.length / 2, 0);
  head.writeUInt16LE(entries.length, 4);
  return size(`${head.toString("hex")}${body}ff`);
}
