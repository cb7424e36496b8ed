/**
 * The read side of the keyspace, all that search may see of it.
 */
import type { ChangeListener } from "./change.ts";
import type { Entry } from "./entry.ts";

export interface KeyspaceView {
  /** The entry, also one whose expiry has passed but whose removal has not happened yet. */
  peek(database: number, key: string): Entry | undefined;
  keyCount(database: number): number;
  /** Live: keys that are there throughout are met, maybe twice; new ones may not be. */
  walk(database: number): IterableIterator<string>;
  /** All keys, while nothing changes. */
  keys(database: number): IterableIterator<string>;
  addListener(listener: ChangeListener): void;
}
