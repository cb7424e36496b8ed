/**
 * The keys of a call, from the command's declaration: COMMAND GETKEYS, later slots and ACL.
 */
import { type Bytes, toBinaryString } from "../base/bytes.ts";
import type { Command, KeySpecification, KeyUse } from "./command.ts";
import { parseInteger } from "./integer-argument.ts";

/** In the order of the specifications; undefined when the arguments do not fit them. */
export function extractKeys(command: Command, args: readonly Bytes[]): KeyUse[] | undefined {
  const uses: KeyUse[] = [];
  for (const specification of command.keys ?? []) {
    const indexes = keyIndexes(specification, args);
    if (indexes === undefined) return undefined;
    for (const index of indexes) {
      uses.push({ key: toBinaryString(args[index]), flags: specification.flags });
    }
  }
  if (command.furtherKeys !== undefined) uses.push(...command.furtherKeys(args));
  return uses;
}

function keyIndexes(
  specification: KeySpecification,
  args: readonly Bytes[],
): readonly number[] | undefined {
  if ("countAt" in specification) {
    const count =
      args.length > specification.countAt ? parseInteger(args[specification.countAt]) : 0;
    if (count === undefined || count < 0) return undefined;
    if (specification.countAt + count >= args.length && count > 0) return undefined;
    return Array.from({ length: count }, (_, index) => specification.countAt + 1 + index);
  }
  if ("unknownBecause" in specification) return [];
  const { first, step } = specification;
  const last = specification.last >= 0 ? specification.last : args.length + specification.last;
  if (first >= args.length || last >= args.length) return undefined;
  const indexes: number[] = [];
  for (let index = first; index <= last; index += step) indexes.push(index);
  return indexes;
}
