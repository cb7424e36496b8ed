/**
 * Who seals, and when: the server, once for each rest of an index's writers, by an effect; never
 * while nothing waits for it, while it may not write, or once it stops.
 */
import { describe, expect, it } from "vitest";
import { EffectId } from "../../src/keyspace/effect.ts";
import { Catalog } from "../../src/search/indexer.ts";
import { floats, RememberingEngine } from "../search/index-support.ts";
import { InProcessServer, present, silentLogger } from "../support/in-process-server.ts";

const VECTOR = ["v", "VECTOR", "HNSW", "6", "TYPE", "FLOAT32", "DIM", "2", "DISTANCE_METRIC", "L2"];
/** The rest, and the longest time until it is looked for. */
const RESTED_MS = 1_000 + 2 * 250;

function start() {
  const engine = new RememberingEngine();
  const server = new InProcessServer({
    makeCatalog(keyspace) {
      const catalog = new Catalog(keyspace, engine, {
        monotonicMs: () => world().monotonicMs(),
        soon: (run) => world().soon(run),
        after: (delayMs, run) => world().after(delayMs, run),
        logger: silentLogger,
      });
      keyspace.addListener(catalog);
      return catalog;
    },
  });
  const world = () => server.world;
  const client = server.connect();
  client.command("FT.CREATE", "i", "PREFIX", "1", "d:", "SCHEMA", ...VECTOR);
  const sealed = (): string[] =>
    server.sink.units
      .flatMap(({ effects }) => effects)
      .flatMap((effect) => (effect.id === EffectId.indexSeal ? [effect.name] : []));
  let written = 0;
  const put = (key: string) => {
    written += 1;
    client.command("HSET", key, "v", floats(written, 1));
  };
  return { engine, server, client, sealed, put };
}

describe("a seal", () => {
  it("comes once, about a second after the last write", () => {
    const { engine, server, sealed, put } = start();
    for (let turn = 0; turn < 20; turn += 1) {
      put("d:1");
      server.world.advance(300);
      expect(sealed()).toEqual([]);
    }
    server.world.advance(RESTED_MS);
    expect(sealed()).toEqual(["i"]);
    expect(present(engine.indexes[0]).sealCount).toBe(1);
    server.world.advance(60_000);
    expect(sealed()).toEqual(["i"]);
    put("d:2");
    server.world.advance(RESTED_MS);
    expect(sealed()).toEqual(["i", "i"]);
  });

  it("follows removals, and is for the indexes that changed", () => {
    const { server, client, sealed, put } = start();
    client.command("FT.CREATE", "j", "PREFIX", "1", "e:", "SCHEMA", ...VECTOR);
    put("d:1");
    put("e:1");
    server.world.advance(RESTED_MS);
    expect(sealed()).toEqual(["i", "j"]);
    client.command("DEL", "e:1");
    client.command("SET", "other", "1");
    server.world.advance(RESTED_MS);
    expect(sealed()).toEqual(["i", "j", "j"]);
  });

  it("is not written where nothing with a vector came, or the index is gone", () => {
    const { server, client, sealed, put } = start();
    client.command("HSET", "d:1", "v", "no vector");
    server.world.advance(60_000);
    put("d:2");
    client.command("FLUSHALL");
    server.world.advance(60_000);
    expect(sealed()).toEqual([]);
  });

  it("waits while writes are paused or refused", () => {
    const { server, client, sealed, put } = start();
    put("d:1");
    client.command("CLIENT", "PAUSE", "5000", "WRITE");
    server.world.advance(4_000);
    expect(sealed()).toEqual([]);
    server.sink.refusal = "the disk is full";
    server.world.advance(4_000);
    expect(sealed()).toEqual([]);
    server.sink.refusal = undefined;
    server.world.advance(RESTED_MS);
    expect(sealed()).toEqual(["i"]);
  });

  it("is not written by a server that stops", async () => {
    const { server, sealed, put } = start();
    put("d:1");
    await server.engine.stop();
    server.world.advance(60_000);
    expect(sealed()).toEqual([]);
  });
});

describe("FT._DEBUG", () => {
  it("is refused unless it was allowed at the start", () => {
    const server = new InProcessServer({ configuration: [["debug-commands", "no"]] });
    for (const subcommand of ["FLUSH", "GRAPH"]) {
      expect(server.connect().error("FT._DEBUG", subcommand, "i")).toMatch(/not allowed/);
    }
  });

  it("FLUSH seals at once what is not sealed, and nothing else", async () => {
    const { client, sealed, put } = start();
    expect(client.error("FT._DEBUG", "FLUSH", "none")).toBe("Unknown index name");
    expect(await client.settle("FT._DEBUG", "FLUSH", "i")).toBe("OK");
    expect(sealed()).toEqual([]);
    put("d:1");
    expect(await client.settle("FT._DEBUG", "FLUSH", "i")).toBe("OK");
    expect(await client.settle("FT._DEBUG", "FLUSH", "i")).toBe("OK");
    expect(sealed()).toEqual(["i"]);
  });
});
