/**
 * A keyspace with search over it, on a clock and turns that the test owns.
 */
import type { Keyspace } from "../../src/keyspace/keyspace.ts";
import { Catalog } from "../../src/search/indexer.ts";
import { RememberingEngine } from "../search/index-support.ts";
import { silentLogger } from "./in-process-server.ts";

/** Listens to the keyspace; time moves when it is looked at, so that slices have an end. */
export function indexed(keyspace: Keyspace, soon: (run: () => void) => void): Catalog {
  let nowMs = 0;
  const catalog = new Catalog(keyspace, new RememberingEngine(), {
    monotonicMs: () => (nowMs += 0.7),
    soon,
    after: () => ({ cancel() {} }),
    logger: silentLogger,
  });
  keyspace.addListener(catalog);
  return catalog;
}
