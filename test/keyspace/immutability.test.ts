/**
 * What was read stays what it was: replies that wait for the log, and effects in a record, share
 * memory with the keyspace, so that nothing may be written in place.
 */
import { describe, expect, it } from "vitest";
import { type Bytes, toBinaryString } from "../../src/base/bytes.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { InProcessServer } from "../support/in-process-server.ts";

const long = (letter: string, byteCount = 600): Buffer => Buffer.alloc(byteCount, letter);

function stringOf(keyspace: Keyspace, key: string): Bytes {
  const value = keyspace.peek(0, key)?.value;
  return value?.type === "string" ? value.bytes : expect.fail(`${key} holds no string`);
}

describe("replies that wait", () => {
  it("show the values of their time, whatever is written before they leave", () => {
    const server = new InProcessServer({ isManual: true });
    const client = server.connect();
    client.post("SET", "s", long("a"));
    client.post("GET", "s");
    client.post("APPEND", "s", long("b"));
    client.post("GET", "s");
    client.post("SETRANGE", "s", 1, "XX");
    client.post("GETRANGE", "s", 0, 599);
    client.post("APPEND", "s", "c");
    client.post("SET", "s", "gone");
    client.post("RPUSH", "l", long("l"), "x");
    client.post("LRANGE", "l", 0, -1);
    client.post("LSET", "l", 0, "y");
    client.post("DEL", "l");
    client.post("HSET", "h", "f", long("h"));
    client.post("HGETALL", "h");
    client.post("HSET", "h", "f", "z");
    expect(client.replies).toHaveLength(0);
    server.sink.makeDurable();
    const replies = Array.from({ length: 15 }, () => client.take());
    expect(replies).toEqual([
      "OK",
      "a".repeat(600),
      1200,
      "a".repeat(600) + "b".repeat(600),
      1200,
      `aXX${"a".repeat(597)}`,
      1201,
      "OK",
      2,
      ["l".repeat(600), "x"],
      "OK",
      1,
      1,
      ["f", "h".repeat(600)],
      0,
    ]);
  });
});

describe("appending", () => {
  const append = (keyspace: Keyspace, key: string, value: Bytes): void =>
    keyspace.apply({ id: EffectId.stringAppend, database: 0, key, value }, 0);

  it("never shows in what was read before, however often", () => {
    const keyspace = new Keyspace();
    const seen: { readonly bytes: Bytes; readonly text: string }[] = [];
    let text = "";
    for (let round = 0; round < 300; round += 1) {
      const more = String.fromCharCode(65 + (round % 26)).repeat(1 + (round % 40));
      append(keyspace, "s", more);
      text += more;
      const bytes = stringOf(keyspace, "s");
      expect(bytes.length).toBe(text.length);
      seen.push({ bytes, text });
    }
    for (const { bytes, text: expected } of seen) expect(toBinaryString(bytes)).toBe(expected);
  });

  it("parts two keys that share the bytes of a copy", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SET", "a", long("a"));
    client.command("APPEND", "a", "1");
    client.command("COPY", "a", "b");
    client.command("APPEND", "a", "from a");
    client.command("APPEND", "b", "from b");
    client.command("APPEND", "a", "!");
    expect(client.command("GET", "a")).toBe(`${"a".repeat(600)}1from a!`);
    expect(client.command("GET", "b")).toBe(`${"a".repeat(600)}1from b`);
  });

  it("leaves the bytes of the effect alone", () => {
    const keyspace = new Keyspace();
    const first = long("a");
    append(keyspace, "s", first);
    append(keyspace, "s", "b");
    append(keyspace, "s", long("c"));
    expect(first.equals(long("a"))).toBe(true);
    expect(toBinaryString(stringOf(keyspace, "s"))).toBe(`${"a".repeat(600)}b${"c".repeat(600)}`);
  });
});
