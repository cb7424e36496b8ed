/**
 * BITFIELD's subcommands: read from the arguments, all of them before any is carried out.
 */
import type { Bytes } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { parseInt64 } from "../../base/int64.ts";
import { type CommandContext, optionName } from "../context.ts";
import { parseInteger } from "../integer-argument.ts";
import { parseBitOffset } from "./bit-offset.ts";
import type { IntegerType, Overflow } from "./bitfield-arithmetic.ts";

export interface BitfieldOperation {
  readonly kind: "GET" | "SET" | "INCRBY";
  readonly type: IntegerType;
  /** Of the integer's first bit. */
  readonly offset: number;
  /** What to set or to add; 0 for GET. */
  readonly operand: bigint;
  readonly overflow: Overflow;
}

const badOverflow = new ErrorReply("ERR Invalid OVERFLOW type specified");
const badType = new ErrorReply(
  "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
);

/** `args` begin with the command's name and the key. */
export function parseBitfieldOperations(
  context: CommandContext,
  args: readonly Bytes[],
): BitfieldOperation[] | ErrorReply {
  const operations: BitfieldOperation[] = [];
  let overflow: Overflow = "WRAP";
  for (let index = 2; index < args.length; ) {
    const kind = optionName(args[index]);
    const left = args.length - index - 1;
    if (kind === "OVERFLOW" && left >= 1) {
      const name = optionName(args[index + 1]);
      if (name !== "WRAP" && name !== "SAT" && name !== "FAIL") return badOverflow;
      overflow = name;
      index += 2;
      continue;
    }
    if (kind !== "GET" && kind !== "SET" && kind !== "INCRBY") return errors.syntax;
    if (left < (kind === "GET" ? 2 : 3)) return errors.syntax;
    const type = parseType(args[index + 1]);
    if (type === undefined) return badType;
    const offset = parseBitOffset(context, args[index + 2], type.width);
    if (offset instanceof ErrorReply) return offset;
    const operand = kind === "GET" ? 0n : parseInt64(args[index + 3]);
    if (operand === undefined) return errors.notAnInteger;
    operations.push({ kind, type, offset, operand, overflow });
    index += kind === "GET" ? 3 : 4;
  }
  return operations;
}

/** `i1` to `i64`, `u1` to `u63`: integer replies cannot show more. */
function parseType(argument: Bytes): IntegerType | undefined {
  if (typeof argument !== "string") return undefined;
  const isSigned = argument.startsWith("i");
  if (!isSigned && !argument.startsWith("u")) return undefined;
  const width = parseInteger(argument.slice(1));
  if (width === undefined || width < 1 || width > (isSigned ? 64 : 63)) return undefined;
  return { isSigned, width };
}
