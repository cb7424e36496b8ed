/**
 * HRANDFIELD: random fields; with a negative count the same one may come more than once.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { parseInt64 } from "../../base/int64.ts";
import { limits } from "../../base/limits.ts";
import type { HashReader } from "../../keyspace/hash-reader.ts";
import type { Reply } from "../../resp/frame.ts";
import { block, integer, key, optional, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";

/** Redis's own bound on the count: LONG_MAX / 2. */
const COUNT_MAX = 2n ** 62n;

export const hrandfieldCommand: Command = {
  name: "hrandfield",
  group: "hash",
  summary: "Returns one or more random fields from a hash.",
  since: "6.2.0",
  complexity: "O(N) where N is the number of fields returned",
  arity: -2,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), optional(block("options", integer("count"), optional(token("WITHVALUES"))))],
  tips: ["nondeterministic_output"],
  valueType: "hash",
  run: (context, args) => {
    if (args.length === 2) return one(context, toBinaryString(args[1]));
    const count = parseInt64(args[2]);
    if (count === undefined) return errors.notAnInteger;
    const isWithValues = args.length > 3 && optionName(args[3]) === "WITHVALUES";
    if (args.length > 4 || (args.length === 4 && !isWithValues)) return errors.syntax;
    const bound = isWithValues ? COUNT_MAX / 2n : COUNT_MAX;
    if (count < -bound || count > bound) return errors.outOfRange;
    const hash = context.lookupHash(toBinaryString(args[1]));
    if (hash instanceof ErrorReply) return hash;
    if (hash === undefined || count === 0n) return [];
    const fields = pick(context, hash, Number(count));
    if (fields instanceof ErrorReply) return fields;
    return isWithValues ? withValues(context, hash, fields) : fields;
  },
};

function one(context: CommandContext, name: string): Reply {
  const hash = context.lookupHash(name);
  if (hash === undefined) return null;
  if (hash instanceof ErrorReply) return hash;
  return hash.someName(() => context.server.random());
}

function pick(context: CommandContext, hash: HashReader, count: number): string[] | ErrorReply {
  const random = (): number => context.server.random();
  if (count < 0) {
    if (-count > limits.randomFieldsMax) return errors.outOfRange;
    const some = someNames(hash, random);
    return Array.from({ length: -count }, some);
  }
  const { size } = hash;
  if (count >= size) return [...hash.names()];
  if (count * 3 < size) {
    const some = someNames(hash, random);
    const chosen = new Set<string>();
    while (chosen.size < count) chosen.add(some());
    return [...chosen];
  }
  const fields = [...hash.names()];
  for (let at = 0; at < count; at += 1) {
    const other = at + Math.floor(random() * (fields.length - at));
    const field = fields[at];
    fields[at] = fields[other];
    fields[other] = field;
  }
  return fields.slice(0, count);
}

/** Gives a random field with each call. */
function someNames(hash: HashReader, random: () => number): () => string {
  if (!hash.isSmall) return () => hash.someName(random);
  const names = [...hash.names()];
  return () => names[Math.floor(random() * names.length)];
}

/** RESP3 nests each pair, RESP2 is flat. */
function withValues(context: CommandContext, hash: HashReader, fields: readonly string[]): Reply {
  const replies: Reply[] = [];
  for (const field of fields) {
    const value: Bytes = hash.get(field) ?? "";
    if (context.session.protocol === 3) replies.push([field, value]);
    else replies.push(field, value);
  }
  return replies;
}
