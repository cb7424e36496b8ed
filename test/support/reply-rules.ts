/**
 * What of a reply may differ between two servers that did the same, and is brought into one form
 * before they are compared: orders that are free, and times.
 */
import { masked, type ReplyTree, sortedItems, withItems } from "./reply-tree.ts";

export interface ReplyRules {
  /** The peer has what 7.2 added to XINFO. */
  readonly isNewPeer: boolean;
}

const UNORDERED: ReadonlyMap<string, number> = new Map([
  ["keys", 1],
  ["smembers", 1],
  ["sinter", 1],
  ["sunion", 1],
  ["sdiff", 1],
  ["hkeys", 1],
  ["hvals", 1],
  ["hgetall", 2],
]);
const REMAINING_TIMES = new Set(["ttl", "pttl"]);
/** They are known to be there, or not; how much is left, another comparison looks at. */
const EXPIRY_TIMES = new Set(["expiretime", "pexpiretime"]);
/** Matters of layout and of the clock inside of XINFO's maps. */
const XINFO_MASKED = new Set([
  "idle",
  "inactive",
  "seen-time",
  "active-time",
  "radix-tree-keys",
  "radix-tree-nodes",
]);
const XINFO_OF_72 = new Set(["inactive", "active-time"]);
const FRACTION = /^-?\d+\.\d+(e[+-]\d+)?$/;
/** So many characters are a number that came from a computation. */
const LONG_NUMBER = 16;
const UNIX_MS_DIGITS = /^\d{13}$/;
/** Redis cuts what it quotes in an error at the first zero byte, and then may go on. */
const BEHIND_ZERO = /(?:\0|').*$/s;

/** `call` with its name in lower case, subcommands too. */
export function comparable(call: readonly string[], tree: ReplyTree, rules: ReplyRules): ReplyTree {
  if (tree.type === "-") {
    const hasZero = call.some((word) => word.includes("\0"));
    return hasZero ? { ...tree, text: tree.text.replace(BEHIND_ZERO, "") } : tree;
  }
  const name = call[0].toLowerCase();
  const groupSize = UNORDERED.get(name);
  if (groupSize !== undefined) return sortedItems(tree, groupSize);
  if (REMAINING_TIMES.has(name) || EXPIRY_TIMES.has(name)) {
    return Number(tree.text) > 0 ? masked(tree, "some time") : tree;
  }
  if (name === "sort" || name === "sort_ro") return comparableSort(call, tree);
  if (name === "xinfo") return withoutTimes(tree, rules);
  if (name === "xpending") return withoutIdleTimes(tree);
  return /^b?z|^geo/.test(name) ? withShortNumbers(tree, rules) : tree;
}

/**
 * Before 7.2 scores had 17 digits, where fewer mean the same number. Distances on the globe come
 * from sines that differ in the last digit between C's library and V8.
 */
function withShortNumbers(tree: ReplyTree, rules: ReplyRules): ReplyTree {
  if (tree.items !== undefined) {
    return withItems(
      tree,
      tree.items.map((item) => withShortNumbers(item, rules)),
    );
  }
  if (!FRACTION.test(tree.text)) return tree;
  const number = Number(tree.text);
  if (tree.text.length >= LONG_NUMBER) {
    return { ...tree, text: String(Number(number.toPrecision(12))) };
  }
  return rules.isNewPeer ? tree : { ...tree, text: String(number) };
}

/** Without an order by keys, a set comes as it lies. */
function comparableSort(call: readonly string[], tree: ReplyTree): ReplyTree {
  const lower = call.map((arg) => arg.toLowerCase());
  const byAt = lower.indexOf("by");
  if (byAt < 0 || lower[byAt + 1]?.includes("*") || tree.items === undefined) return tree;
  if (lower.includes("limit")) return masked(tree, `${tree.items.length} of them`);
  return sortedItems(tree);
}

function withoutTimes(tree: ReplyTree, rules: ReplyRules): ReplyTree {
  if (tree.items === undefined) {
    return tree.type === ":" && UNIX_MS_DIGITS.test(tree.text) ? masked(tree) : tree;
  }
  const items: ReplyTree[] = [];
  for (let at = 0; at < tree.items.length; at += 1) {
    const item = tree.items[at];
    if (XINFO_OF_72.has(item.text) && !rules.isNewPeer) {
      at += 1;
      continue;
    }
    items.push(withoutTimes(item, rules));
    if (!XINFO_MASKED.has(item.text) || at + 1 === tree.items.length) continue;
    at += 1;
    items.push(masked(tree.items[at]));
  }
  // How many pairs a map has follows from its items.
  return withItems(tree, items);
}

/** The long form's entries: id, consumer, idle time, count. */
function withoutIdleTimes(tree: ReplyTree): ReplyTree {
  const { items } = tree;
  if (items === undefined) return tree;
  return withItems(
    tree,
    items.map((item) => {
      const parts = item.items;
      if (parts === undefined || parts.length !== 4 || parts[2].type !== ":") return item;
      return withItems(item, [parts[0], parts[1], masked(parts[2]), parts[3]]);
    }),
  );
}
