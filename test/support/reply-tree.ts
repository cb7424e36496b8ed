/**
 * A reply's frame as a tree that keeps what the protocol says of each part, so that two replies can
 * be compared by their shapes, and in part.
 */
const CRLF_BYTES = 2;

export interface ReplyTree {
  /** The frame's first character. */
  readonly type: string;
  /** Of what is no aggregate; "" for a null array. */
  readonly text: string;
  readonly items: readonly ReplyTree[] | undefined;
}

export function parseReply(frame: string): ReplyTree {
  return treeAt(frame, 0).tree;
}

function treeAt(frame: string, at: number): { readonly tree: ReplyTree; readonly end: number } {
  const lineEnd = frame.indexOf("\r\n", at);
  const type = frame[at];
  const line = frame.slice(at + 1, lineEnd);
  let end = lineEnd + CRLF_BYTES;
  const count = Number(line);
  if (type === "$" || type === "=" || type === "!") {
    if (count < 0) return { tree: { type, text: "(null)", items: undefined }, end };
    const text = frame.slice(end, end + count);
    return { tree: { type, text, items: undefined }, end: end + count + CRLF_BYTES };
  }
  const isAggregate = type === "*" || type === "%" || type === "~" || type === ">";
  if (!isAggregate || count < 0) return { tree: { type, text: line, items: undefined }, end };
  const items: ReplyTree[] = [];
  for (let left = type === "%" ? count * 2 : count; left > 0; left -= 1) {
    const item = treeAt(frame, end);
    items.push(item.tree);
    end = item.end;
  }
  return { tree: { type, text: "", items }, end };
}

export function withItems(tree: ReplyTree, items: readonly ReplyTree[]): ReplyTree {
  return { ...tree, items };
}

export function masked(tree: ReplyTree, as = "(masked)"): ReplyTree {
  return { type: tree.type, text: as, items: undefined };
}

/** For messages and comparisons. */
export function plain(tree: ReplyTree): unknown {
  return tree.items === undefined ? tree.type + tree.text : [tree.type, ...tree.items.map(plain)];
}

export function textOf(tree: ReplyTree): string {
  return JSON.stringify(plain(tree));
}

export function sortedItems(tree: ReplyTree, groupSize = 1): ReplyTree {
  const { items } = tree;
  if (items === undefined) return tree;
  const groups: ReplyTree[][] = [];
  for (let at = 0; at < items.length; at += groupSize) groups.push(items.slice(at, at + groupSize));
  const keyed = groups.map((group) => ({ group, key: group.map(textOf).join() }));
  keyed.sort((left, right) => (left.key < right.key ? -1 : Number(left.key > right.key)));
  return withItems(
    tree,
    keyed.flatMap(({ group }) => group),
  );
}
