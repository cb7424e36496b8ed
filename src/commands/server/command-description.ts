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
  const isCounted = "countAt" in specification;
  return new MapReply([
    "flags",
    flags,
    "begin_search",
    beginSearchReply(specification),
    "find_keys",
    new MapReply([
      "type",
      isCounted ? "keynum" : "range",
      "spec",
      new MapReply(
        isCounted ? ["keynumidx", 0, "firstkey", 1, "keystep", 1] : foundRange(specification),
      ),
    ]),
  ]);
}

type KnownSpecification = Exclude<KeySpecification, { readonly unknownBecause: string }>;

function beginSearchReply(specification: KnownSpecification): Reply {
  if ("keyword" in specification) {
    const { keyword, searchFrom } = specification;
    const spec = new MapReply(["keyword", keyword, "startfrom", searchFrom]);
    return new MapReply(["type", "keyword", "spec", spec]);
  }
  const beginsAt = "first" in specification ? specification.first : specification.countAt;
  return new MapReply(["type", "index", "spec", new MapReply(["index", beginsAt])]);
}

/** With a limit of 2, the keys are the first half of what is left. */
function foundRange(
  specification: Exclude<KnownSpecification, { readonly countAt: number }>,
): readonly Reply[] {
  if ("first" in specification) {
    return ["lastkey", lastRelative(specification), "keystep", specification.step, "limit", 0];
  }
  const isSingle = specification.isSingle === true;
  return ["lastkey", isSingle ? 0 : -1, "keystep", 1, "limit", isSingle ? 0 : 2];
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
