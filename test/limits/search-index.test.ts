/**
 * The limits of indexes, each reached: at the limit it works, one further is a clear error.
 */
import { describe, expect, test } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { Catalog } from "../../src/search/indexer.ts";
import { RememberingEngine, SteppedWorld } from "../search/index-support.ts";
import { InProcessServer } from "../support/in-process-server.ts";

function connect() {
  const server = new InProcessServer({
    makeCatalog(keyspace) {
      const catalog = new Catalog(keyspace, new RememberingEngine(), new SteppedWorld());
      keyspace.addListener(catalog);
      return catalog;
    },
  });
  return server.connect();
}

const vector = (parameters: readonly string[]) => {
  const base = ["TYPE", "FLOAT32", "DISTANCE_METRIC", "L2"];
  const all = parameters.includes("DIM") ? base : [...base, "DIM", "2"];
  return ["v", "VECTOR", "HNSW", String(all.length + 2), ...all, ...parameters];
};

describe("limits of indexes", () => {
  test("searchIndexesMax", () => {
    const client = connect();
    for (let place = 0; place < limits.searchIndexesMax; place += 1) {
      expect(client.command("FT.CREATE", `i${place}`, "SCHEMA", "t", "TAG")).toBe("OK");
    }
    expect(client.error("FT.CREATE", "more", "SCHEMA", "t", "TAG")).toBe(
      `ERR the limit of ${limits.searchIndexesMax} indexes is reached`,
    );
    client.command("FT.DROPINDEX", "i0");
    expect(client.command("FT.CREATE", "more", "SCHEMA", "t", "TAG")).toBe("OK");
  });

  test("searchAttributesMax", () => {
    const client = connect();
    const fields = Array.from({ length: limits.searchAttributesMax }, (_, place) => `f${place}`);
    const attributes = fields.flatMap((field) => [field, "TAG"]);
    expect(client.command("FT.CREATE", "i", "SCHEMA", ...attributes)).toBe("OK");
    expect(client.error("FT.CREATE", "j", "SCHEMA", ...attributes, "more", "TAG")).toBe(
      `Schema is limited to ${limits.searchAttributesMax} fields`,
    );
  });

  test.each([
    ["DIM", "dim", limits.vectorDimensionsMax],
    ["M", "m", limits.hnswLinksMax],
    ["EF_CONSTRUCTION", "efConstruction", limits.hnswEfConstructionMax],
    ["EF_RUNTIME", "efRuntime", limits.hnswEfRuntimeMax],
    ["NEIGHBOR_CODES", "neighbor codes", limits.neighborCodeBitsMax],
  ])("%s", (name, subject, max) => {
    const client = connect();
    const create = ["FT.CREATE", "i", "SCHEMA"];
    expect(client.error(...create, ...vector([name, String(max + 1)]))).toBe(
      `Bad arguments for vector similarity HNSW index ${subject}: Value is outside acceptable bounds`,
    );
    expect(client.command(...create, ...vector([name, String(max)]))).toBe("OK");
  });

  test("vectorCapacityMax", () => {
    const client = connect();
    const max = limits.vectorCapacityMax;
    const create = ["FT.CREATE", "i", "SCHEMA"];
    expect(client.error(...create, ...vector(["INITIAL_CAP", String(max + 1)]))).toBe(
      `Vector index initial capacity ${max + 1} exceeded server limit (${max})`,
    );
    expect(client.command(...create, ...vector(["INITIAL_CAP", String(max)]))).toBe("OK");
  });
});
