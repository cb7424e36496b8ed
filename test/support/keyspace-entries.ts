/**
 * Everything that a database holds, in its dense order.
 */
import { must } from "../../src/base/assert.ts";
import type { Database } from "../../src/keyspace/database.ts";
import type { Entry } from "../../src/keyspace/entry.ts";

export function entriesOf(database: Database): [key: string, entry: Entry][] {
  return Array.from({ length: database.keyCount }, (_, place) => {
    const key = database.keyAtPlace(place);
    return [key, must(database.get(key), "a key of the order is found")];
  });
}
