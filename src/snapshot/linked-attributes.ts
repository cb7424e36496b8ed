/**
 * The attributes of an index that have graphs, in the order of its schema.
 */
import type { LiveIndex } from "../search/live-index.ts";
import type { VectorAttribute } from "../search/search-index.ts";
import type { GraphLinks } from "../vector/vector-index.ts";

export interface LinkedAttribute {
  readonly alias: string;
  readonly attribute: VectorAttribute;
  readonly links: GraphLinks;
}

export function linkedAttributes(index: LiveIndex): readonly LinkedAttribute[] {
  return [...index.attributes].flatMap(([alias, attribute]) => {
    if (attribute.kind !== "VECTOR" || attribute.index.links === undefined) return [];
    return [{ alias, attribute, links: attribute.index.links }];
  });
}
