/**
 * A command as COMMAND INFO lays it out: name, arity, flags, first and last key, step, categories, tips,
 * key specifications, subcommands.
 */
import { MapReply, type Reply, SetReply, SimpleString } from "../../resp/frame.ts";
import type { KeySpecification } from "../command.ts";
import type { RegisteredCommand } from "../command-table.ts";

export function commandDescription(command: RegisteredCommand): Reply {
  const declaration = command.declaration;
  const keys = declaration.keys ?? [];
  const range = keys.find((specification) => "first" in specification);
  const [first, last, step] = range === undefined ? [0, 0, 0] : legacyRange(range);
  return [
    command.name,
    command.arity,
    new SetReply(declaration.flags.map((flag) => new SimpleString(flag))),
    first,
    last,
    step,
    new SetReply(command.categories.map((category) => new SimpleString(`@${category}`))),
    declaration.tips ?? [],
    keys.map(keySpecificationReply),
    [...(command.subcommands?.values() ?? [])].map(commandDescription),
  ];
}

type KeyRange = Extract<KeySpecification, { readonly first: number }>;

/** The three numbers that came before key specifications; `last` counts from the start or the end. */
function legacyRange(range: KeyRange): [number, number, number] {
  const last = range.last >= 0 ? range.first + range.last : range.last;
  return [range.first, last, range.step];
}

function keySpecificationReply(specification: KeySpecification): Reply {
  const isRange = "first" in specification;
  const beginsAt = isRange ? specification.first : specification.countAt;
  const found: Reply[] = isRange
    ? ["lastkey", specification.last, "keystep", specification.step, "limit", 0]
    : ["keynumidx", 0, "firstkey", 1, "keystep", 1];
  return new MapReply([
    "flags",
    new SetReply(specification.flags.map((flag) => new SimpleString(flag))),
    "begin_search",
    new MapReply(["type", "index", "spec", new MapReply(["index", beginsAt])]),
    "find_keys",
    new MapReply(["type", isRange ? "range" : "keynum", "spec", new MapReply(found)]),
  ]);
}
