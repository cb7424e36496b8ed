/**
 * The encoder: what each reply is in RESP2 and in RESP3, and that its buffer grows.
 */
import { describe, expect, it } from "vitest";
import { ErrorReply } from "../../src/base/errors.ts";
import { ReplyEncoder } from "../../src/resp/encoder.ts";
import {
  BigNumberReply,
  DoubleReply,
  MapReply,
  NO_REPLY,
  NULL_ARRAY,
  OK,
  PendingReply,
  type Protocol,
  PushReply,
  type Reply,
  SetReply,
  VerbatimReply,
} from "../../src/resp/frame.ts";

function encoded(reply: Reply, protocol: Protocol): string {
  const encoder = new ReplyEncoder(4);
  encoder.encode(reply, protocol);
  return encoder.written().toString("latin1");
}

const cases: readonly (readonly [string, Reply, string, string])[] = [
  ["OK", OK, "+OK\r\n", "+OK\r\n"],
  ["null", null, "$-1\r\n", "_\r\n"],
  ["null array", NULL_ARRAY, "*-1\r\n", "_\r\n"],
  ["empty bulk", "", "$0\r\n\r\n", "$0\r\n\r\n"],
  ["binary bulk", "\xff\r\n", "$3\r\n\xff\r\n\r\n", "$3\r\n\xff\r\n\r\n"],
  ["Buffer", Buffer.from([0, 255]), "$2\r\n\0\xff\r\n", "$2\r\n\0\xff\r\n"],
  ["true", true, ":1\r\n", "#t\r\n"],
  ["false", false, ":0\r\n", "#f\r\n"],
  ["bigint", -9223372036854775808n, ":-9223372036854775808\r\n", ":-9223372036854775808\r\n"],
  ["double", new DoubleReply(0.1), "$3\r\n0.1\r\n", ",0.1\r\n"],
  ["infinity", new DoubleReply(-Infinity), "$4\r\n-inf\r\n", ",-inf\r\n"],
  ["big number", new BigNumberReply(12n), "$2\r\n12\r\n", "(12\r\n"],
  ["verbatim", new VerbatimReply("txt", "é"), "$2\r\n\xc3\xa9\r\n", "=6\r\ntxt:\xc3\xa9\r\n"],
  ["map", new MapReply(["a", 1]), "*2\r\n$1\r\na\r\n:1\r\n", "%1\r\n$1\r\na\r\n:1\r\n"],
  ["set", new SetReply([1]), "*1\r\n:1\r\n", "~1\r\n:1\r\n"],
  ["push", new PushReply(["a"]), "*1\r\n$1\r\na\r\n", ">1\r\n$1\r\na\r\n"],
  ["nested", [[], [null]], "*2\r\n*0\r\n*1\r\n$-1\r\n", "*2\r\n*0\r\n*1\r\n_\r\n"],
  ["error", new ErrorReply("ERR a\r\nb"), "-ERR a  b\r\n", "-ERR a  b\r\n"],
  ["no reply", NO_REPLY, "", ""],
];

describe("replies", () => {
  it.each(cases)("%s", (_, reply, inResp2, inResp3) => {
    expect(encoded(reply, 2)).toBe(inResp2);
    expect(encoded(reply, 3)).toBe(inResp3);
  });

  it("writes integers of every length", () => {
    const values = [0, 9, 10, 99, 100, 999_999, 1_000_000, -1, -10, Number.MAX_SAFE_INTEGER];
    for (const value of values) expect(encoded(value, 2)).toBe(`:${value}\r\n`);
  });

  it("writes bulks of every size, in one buffer, in order", () => {
    const encoder = new ReplyEncoder(1);
    let expected = "";
    for (let size = 0; size < 3000; size += 7) {
      encoder.encode("x".repeat(size), 2);
      expected += `$${size}\r\n${"x".repeat(size)}\r\n`;
    }
    expect(encoder.written().toString("latin1")).toBe(expected);
    encoder.clear();
    expect(encoder.length).toBe(0);
  });

  it("refuses a reply that is not known yet", () => {
    expect(() => encoded(new PendingReply(), 2)).toThrow(/pending reply/);
  });
});
