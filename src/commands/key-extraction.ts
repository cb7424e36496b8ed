/**
 * The keys of a call, from the command's declaration: COMMAND GETKEYS, later slots and ACL.
 */
import { type Bytes, toBinaryString } from "../base/bytes.ts";
import type { Command, KeySpecification, KeyUse } from "./command.ts";
import { optionName } from "./context.ts";
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
    if (count === undefined || count < 1) return undefined;
    if (specification.countAt + count >= args.length) return undefined;
    return Array.from({ length: count }, (_, index) => specification.countAt + 1 + index);
  }
  if ("unknownBecause" in specification) return [];
  if ("keyword" in specification) return keywordIndexes(specification, args);
  const { first, step } = specification;
  const last = specification.last >= 0 ? specification.last : args.length + specification.last;
  if (first >= args.length || last >= args.length) return undefined;
  const indexes: number[] = [];
  for (let index = first; index <= last; index += step) indexes.push(index);
  return indexes;
}

function keywordIndexes(
  specification: Extract<KeySpecification, { readonly keyword: string }>,
  args: readonly Bytes[],
): readonly number[] | undefined {
  const { keyword, searchFrom } = specification;
  const isSingle = specification.isSingle === true;
  for (let at = searchFrom; at + 1 < args.length; at += 1) {
    if (optionName(args[at]) !== keyword) continue;
    const count = isSingle ? 1 : Math.floor((args.length - at - 1) / 2);
    if (count === 0) return undefined;
    return Array.from({ length: count }, (_, index) => at + 1 + index);
  }
  return isSingle ? [] : undefined;
}
