/**
 * BITOP: combines strings bit by bit and stores the result.
 */
import { type Bytes, canonicalBytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { type BitOperation, combineBits } from "../../data/bits.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key, multiple, oneOf, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";
import { deleteKey } from "../string/setting.ts";
import { bitmapOf } from "./bitmap-bytes.ts";

const notOfOne = new ErrorReply("ERR BITOP NOT must be called with a single source key.");

const operations = new Map<string, BitOperation>([
  ["AND", "and"],
  ["OR", "or"],
  ["XOR", "xor"],
  ["NOT", "not"],
]);

export const bitopCommand: Command = {
  name: "bitop",
  group: "bitmap",
  summary: "Performs bitwise operations on multiple strings, and stores the result.",
  since: "2.6.0",
  complexity: "O(N)",
  arity: -4,
  flags: ["write", "denyoom"],
  keys: [
    { flags: ["OW", "update"], first: 2, last: 2, step: 1 },
    { flags: ["RO", "access"], first: 3, last: -1, step: 1 },
  ],
  arguments: [
    oneOf("operation", token("AND"), token("OR"), token("XOR"), token("NOT")),
    key("destkey"),
    multiple(key("key", 1)),
  ],
  run: (context, args) => {
    const operation = operations.get(optionName(args[1]));
    if (operation === undefined) return errors.syntax;
    if (operation === "not" && args.length !== 4) return notOfOne;
    const sources = sourcesOf(context, args);
    if (sources instanceof ErrorReply) return sources;
    const { database } = context;
    const name = toBinaryString(args[2]);
    let byteCount = 0;
    for (const source of sources) byteCount = Math.max(byteCount, source.length);
    if (byteCount === 0) {
      deleteKey(context, name);
      return 0;
    }
    if (!context.takeRoom(byteCount)) return errors.unitTooLarge;
    const value = canonicalBytes(combineBits(operation, sources));
    context.has(name);
    context.apply({ id: EffectId.stringSet, database, key: name, value, expiryMs: 0 });
    return byteCount;
  },
};

function sourcesOf(context: CommandContext, args: readonly Bytes[]): Buffer[] | ErrorReply {
  const sources: Buffer[] = [];
  for (let index = 3; index < args.length; index += 1) {
    const value = context.borrowString(toBinaryString(args[index]));
    if (value instanceof ErrorReply) return value;
    sources.push(bitmapOf(value));
  }
  return sources;
}
