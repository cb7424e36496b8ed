/**
 * What the server does of its own accord goes in slices, with commands in between. Time is made of
 * the work itself here: each key that is removed and each vector that is taken costs a hundredth of
 * a millisecond, so a slice of 1 ms has room for a hundred, however slow the machine.
 */
import { describe, expect, it } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { FakeWorld } from "../../src/runtime/fake-world.ts";
import { Catalog } from "../../src/search/indexer.ts";
import type { VectorParameters } from "../../src/vector/vector-index.ts";
import { floats, RememberingEngine, RememberingIndex } from "../search/index-support.ts";
import {
  type InProcessClient,
  InProcessServer,
  silentLogger,
} from "../support/in-process-server.ts";

const ITEM_MS = 0.01;
const SLICE_ITEMS = 1 / ITEM_MS;
/** The expiry cycle looks at the clock after so many keys. */
const EXPIRY_SAMPLE = 16;
const FIELDS = ["SCHEMA", "n", "NUMERIC", "v", "VECTOR", "HNSW", "6"];
const VECTOR = ["TYPE", "FLOAT32", "DIM", "2", "DISTANCE_METRIC", "L2"];

/** Runs what is due one turn at a time; `spend` and `readMs` move the time. */
class WorkingWorld extends FakeWorld {
  /** For each look at the clock. */
  readMs = 0;
  #spentMs = 0;
  #due: (() => void)[] = [];

  spend(ms: number): void {
    this.#spentMs += ms;
  }

  override monotonicMs(): number {
    this.#spentMs += this.readMs;
    return super.monotonicMs() + this.#spentMs;
  }

  override soon(run: () => void): void {
    this.#due.push(run);
  }

  /** Whether anything was due. */
  turn(): boolean {
    const due = this.#due;
    this.#due = [];
    for (const run of due) run();
    return due.length > 0;
  }
}

class WorkingIndex extends RememberingIndex {
  readonly #work: () => void;
  constructor(parameters: VectorParameters, work: () => void) {
    super(parameters);
    this.#work = work;
  }
  override add(id: number, vector: Buffer): boolean {
    this.#work();
    return super.add(id, vector);
  }
  override remove(id: number): void {
    super.remove(id);
    this.#work();
  }
}

class WorkingEngine extends RememberingEngine {
  readonly #work: () => void;
  constructor(work: () => void) {
    super();
    this.#work = work;
  }
  override create(parameters: VectorParameters): WorkingIndex {
    const index = new WorkingIndex(parameters, this.#work);
    this.indexes.push(index);
    return index;
  }
}

function start() {
  const world = new WorkingWorld();
  const done = { items: 0 };
  const work = (): void => {
    done.items += 1;
    world.spend(ITEM_MS);
  };
  const engine = new WorkingEngine(work);
  const server = new InProcessServer({
    world,
    makeCatalog(keyspace) {
      const catalog = new Catalog(keyspace, engine, {
        monotonicMs: () => world.monotonicMs(),
        soon: (run) => world.soon(run),
        after: (delayMs, run) => world.after(delayMs, run),
        logger: silentLogger,
      });
      keyspace.addListener(catalog);
      keyspace.addListener({
        keyChanged(database, key) {
          if (keyspace.peek(database, key) === undefined) work();
        },
        databaseFlushed: () => {},
        databasesSwapped: () => {},
        indexCreated: () => {},
        indexDropped: () => {},
        indexSealed: () => {},
        indexBackfilled: () => {},
      });
      return catalog;
    },
  });
  const client = server.connect();
  /** Runs one slice; how many items it took, or undefined when nothing was due. */
  const slice = (): number | undefined => {
    const before = done.items;
    return world.turn() ? done.items - before : undefined;
  };
  return { world, server, engine, client, done, slice };
}

function fill(client: InProcessClient, count: number): void {
  for (let key = 0; key < count; key += 1) {
    client.command("HSET", `d:${key}`, "n", key, "v", floats(key, 1));
  }
}

describe("a backfill of 20,000 keys", () => {
  const KEY_COUNT = 20_000;

  it("stops at 1 ms, for all indexes together, and lets commands in between", async () => {
    const { server, client, done, slice } = start();
    fill(client, KEY_COUNT);
    for (const name of ["i", "j"]) {
      expect(client.command("FT.CREATE", name, "PREFIX", "1", "d:", ...FIELDS, ...VECTOR)).toBe(
        "OK",
      );
    }
    expect(done.items).toBe(0);
    const searching = server.connect();
    const answers = ["i", "j"].map((name) =>
      searching.settle("FT.SEARCH", name, "@n:[0 +inf]", "LIMIT", "0", "0"),
    );
    let answered = 0;
    for (const answer of answers) void answer.then(() => (answered += 1));
    let slices = 0;
    let items = 0;
    for (let taken = slice(); taken !== undefined; taken = slice()) {
      expect(taken).toBeLessThan(SLICE_ITEMS + limits.backfillSliceKeysMax);
      slices += 1;
      items += taken;
      expect(client.command("SET", "beside", slices)).toBe("OK");
      expect(client.command("HSET", `d:new:${slices}`, "n", "1", "v", floats(1, 1))).toBe(2);
      await Promise.resolve();
      if (items < KEY_COUNT) expect(answered).toBe(0);
    }
    expect(items).toBe(2 * KEY_COUNT);
    expect(slices).toBeGreaterThanOrEqual(
      (2 * KEY_COUNT) / (SLICE_ITEMS + limits.backfillSliceKeysMax),
    );
    // A write is in the index at once, so the searches see all that came before their answer.
    for (const reply of await Promise.all(answers)) {
      const [total] = Array.isArray(reply) ? reply : [reply];
      expect(total).toBeGreaterThan(KEY_COUNT);
    }
    expect(client.command("GET", "beside")).toBe(String(slices));
  });

  it("does nothing more once its index is dropped or everything flushed", () => {
    for (const command of [["FT.DROPINDEX", "i"], ["FLUSHALL"]]) {
      const { client, slice } = start();
      fill(client, KEY_COUNT);
      client.command("FT.CREATE", "i", ...FIELDS, ...VECTOR);
      expect(slice()).toBeGreaterThan(0);
      client.command(...command);
      expect(slice() ?? 0).toBe(0);
      expect(slice()).toBeUndefined();
    }
  });
});

describe("the expiry of 50,000 keys", () => {
  const KEY_COUNT = 50_000;

  it("stops at 1 ms and goes on after whoever waits", () => {
    const { world, server, client, done, slice } = start();
    for (let key = 0; key < KEY_COUNT; key += 1) client.command("SET", `k${key}`, "v", "PX", "50");
    server.sink.units.length = 0;
    world.advance(100);
    let slices = 1;
    for (let taken: number | undefined = done.items; taken !== undefined; taken = slice()) {
      expect(taken).toBeLessThan(SLICE_ITEMS + EXPIRY_SAMPLE);
      expect(client.command("SET", "beside", slices)).toBe("OK");
      slices += 1;
    }
    expect(done.items).toBe(KEY_COUNT);
    expect(slices).toBeGreaterThan(KEY_COUNT / (SLICE_ITEMS + EXPIRY_SAMPLE));
    expect(client.command("DBSIZE")).toBe(1);
    for (const { effects } of server.sink.units) {
      expect(effects.length).toBeLessThanOrEqual(EXPIRY_SAMPLE);
    }
  });

  it("of which none has passed, is looked at for 1 ms in each period and no more", () => {
    const { world, client, slice } = start();
    for (let key = 0; key < KEY_COUNT; key += 1) {
      client.command("SET", `k${key}`, "v", "PX", "10000000");
    }
    world.readMs = 0.1;
    for (let period = 1; period <= 3; period += 1) {
      world.advance(100);
      expect(client.command("INFO", "stats")).toContain(
        `expired_time_cap_reached_count:${period}\r`,
      );
      expect(slice()).toBeUndefined();
    }
  });
});

describe("what takes everything away", () => {
  it.each([[["FLUSHALL"]], [["FLUSHDB"]], [["FT.DROPINDEX", "i"]]])(
    "%s does no work for each key",
    (command) => {
      const { engine, client, done, slice } = start();
      client.command("FT.CREATE", "i", ...FIELDS, ...VECTOR);
      fill(client, 20_000);
      while (slice() !== undefined);
      const before = done.items;
      expect(client.command(...command)).toBe("OK");
      while (slice() !== undefined);
      expect(done.items).toBe(before);
      expect(engine.indexes[0].isClosed).toBe(true);
      expect(client.command("DBSIZE")).toBe(command[0] === "FT.DROPINDEX" ? 20_000 : 0);
    },
  );
});
