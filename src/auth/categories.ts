/**
 * ACL categories of a command, computed from its flags, its group and what it declares besides.
 *
 * Redis's rules: a command without `fast` is `slow`; `admin` implies `dangerous`. COMMAND INFO,
 * COMMAND LIST FILTERBY ACLCAT and, later, ACL rules read them from here, so they cannot differ.
 */

/** In the order in which ACL CAT lists them. */
export const categoryNames: readonly string[] = [
  "keyspace",
  "read",
  "write",
  "set",
  "sortedset",
  "list",
  "hash",
  "string",
  "bitmap",
  "hyperloglog",
  "geo",
  "stream",
  "pubsub",
  "admin",
  "fast",
  "slow",
  "blocking",
  "dangerous",
  "connection",
  "transaction",
  "scripting",
  "search",
];

const groupCategories = new Map<string, string>([
  ["generic", "keyspace"],
  ["string", "string"],
  ["hash", "hash"],
  ["list", "list"],
  ["set", "set"],
  ["sorted_set", "sortedset"],
  ["stream", "stream"],
  ["bitmap", "bitmap"],
  ["hyperloglog", "hyperloglog"],
  ["geo", "geo"],
  ["connection", "connection"],
  ["transactions", "transaction"],
  ["search", "search"],
]);

export function commandCategories(
  group: string,
  flags: readonly string[],
  declared: readonly string[],
): readonly string[] {
  const categories = new Set(declared);
  const ofGroup = groupCategories.get(group);
  if (ofGroup !== undefined) categories.add(ofGroup);
  if (flags.includes("write")) categories.add("write");
  if (flags.includes("readonly")) categories.add("read");
  if (flags.includes("admin")) categories.add("admin").add("dangerous");
  if (flags.includes("blocking")) categories.add("blocking");
  categories.add(flags.includes("fast") ? "fast" : "slow");
  return categoryNames.filter((name) => categories.has(name));
}
