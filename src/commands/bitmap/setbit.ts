/**
 * SETBIT: sets one bit of a string, which grows with zeros as far as that; returns what it was.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { integer, key } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseBitOffset } from "./bit-offset.ts";
import { byteAt } from "./bitmap-bytes.ts";

const notABit = new ErrorReply("ERR bit is not an integer or out of range");

export const setbitCommand: Command = {
  name: "setbit",
  group: "bitmap",
  summary:
    "Sets or clears the bit at offset of the string value. Creates the key if it doesn't exist.",
  since: "2.2.0",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "denyoom"],
  keys: [{ flags: ["RW", "access", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("offset"), integer("value")],
  valueType: "string",
  run: (context, args) => {
    const { database } = context;
    const offset = parseBitOffset(context, args[2]);
    if (offset instanceof ErrorReply) return offset;
    if (args[3] !== "0" && args[3] !== "1") return notABit;
    const name = toBinaryString(args[1]);
    const value = context.borrowString(name);
    if (value instanceof ErrorReply) return value;
    const at = Math.floor(offset / 8);
    const mask = 0x80 >> (offset % 8);
    const before = byteAt(value, at);
    const after = args[3] === "1" ? before | mask : before & ~mask;
    if (after !== before || value === undefined || at >= value.length) {
      const text = String.fromCharCode(after);
      context.apply({
        id: EffectId.stringSetRange,
        database,
        key: name,
        offset: at,
        value: text,
      });
    }
    return (before & mask) === 0 ? 0 : 1;
  },
};
