/**
 * A command as COMMAND INFO lays it out: name, arity, flags, first and last key, step, categories,
 * tips, key specifications, subcommands.
 */
import { MapReply, type Reply, SetReply, SimpleString } from "../../resp/frame.ts";
import type { CommandFlag, KeySpecification } from "../command.ts";
import type { RegisteredCommand } from "../command-table.ts";

export function commandDescription(command: RegisteredCommand): Reply {
  const declaration = command.declaration;
  const keys = declaration.keys ?? [];
  const { first, last, step } = legacyRange(keys);
  return [
    command.name,
    command.arity,
    new SetReply(shownFlags(declaration.flags)),
    first,
    last,
    step,
    new SetReply(command.categories.map((category) => new SimpleString(`@${category}`))),
    declaration.tips ?? [],
    keys.map(keySpecificationReply),
    [...(command.subcommands?.values() ?? [])].map(commandDescription),
  ];
}

/** Redis keeps that some reads may write to itself. */
function shownFlags(flags: readonly CommandFlag[]): Reply[] {
  return flags.filter((flag) => flag !== "may_replicate").map((flag) => new SimpleString(flag));
}

function keySpecificationReply(specification: KeySpecification): Reply {
  const flags = new SetReply(specification.flags.map((flag) => new SimpleString(flag)));
  if ("unknownBecause" in specification) return unknownReply(specification.unknownBecause, flags);
  const isRange = "first" in specification;
  const beginsAt = isRange ? specification.first : specification.countAt;
  const found: Reply[] = isRange
    ? ["lastkey", lastRelative(specification), "keystep", specification.step, "limit", 0]
    : ["keynumidx", 0, "firstkey", 1, "keystep", 1];
  return new MapReply([
    "flags",
    flags,
    "begin_search",
    new MapReply(["type", "index", "spec", new MapReply(["index", beginsAt])]),
    "find_keys",
    new MapReply(["type", isRange ? "range" : "keynum", "spec", new MapReply(found)]),
  ]);
}

function unknownReply(why: string, flags: SetReply): Reply {
  const unknown = new MapReply(["type", "unknown", "spec", new MapReply([])]);
  const search = ["begin_search", unknown, "find_keys", unknown];
  return new MapReply(["notes", why, "flags", flags, ...search]);
}

/** The three numbers that came before key specifications: neighboring ranges count as one. */
function legacyRange(keys: readonly KeySpecification[]): {
  readonly first: number;
  readonly last: number;
  readonly step: number;
} {
  let whole = { first: 0, last: 0, step: 0 };
  for (const range of keys) {
    if (!("first" in range)) continue;
    if (whole.step === 0) whole = { first: range.first, last: range.last, step: range.step };
    else if (range.first === whole.last + 1) whole = { ...whole, last: range.last };
  }
  return whole;
}

/** In a specification the last key counts from the first one, unless it counts from the end. */
function lastRelative(range: { readonly first: number; readonly last: number }): number {
  return range.last >= 0 ? range.last - range.first : range.last;
}
