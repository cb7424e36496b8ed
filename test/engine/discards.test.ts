/**
 * Letting go of what was deleted: in slices, between which commands run, whatever was deleted.
 */
import { describe, expect, it } from "vitest";
import type { Discarded } from "../../src/keyspace/discards.ts";
import type { StoredBytes } from "../../src/keyspace/stored-bytes.ts";
import { InProcessServer, present } from "../support/in-process-server.ts";

const FIELDS = 5000;

/** A store that counts; each call of `releaseSome` lets go of no more than it was allowed. */
class CountingStore {
  heldCount = 0;
  largestSlice = 0;

  openOwner() {
    let isOpen = true;
    let owned = 0;
    return {
      hold: (bytes: Buffer): StoredBytes => {
        this.heldCount += 1;
        owned += 1;
        return this.#stored(bytes, () => {
          if (!isOpen) return;
          owned -= 1;
          this.heldCount -= 1;
        });
      },
      close: () => {
        isOpen = false;
      },
      releaseSome: (countMax: number): boolean => {
        const count = Math.min(owned, countMax);
        this.largestSlice = Math.max(this.largestSlice, count);
        owned -= count;
        this.heldCount -= count;
        return owned === 0;
      },
    };
  }

  #stored(bytes: Buffer, release: () => void): StoredBytes {
    return {
      length: bytes.length,
      copy: () => bytes,
      share: () => expect.fail("nobody shares"),
      isSameAs: () => false,
      release,
    };
  }
}

function loaded(): { server: InProcessServer; store: CountingStore } {
  const server = new InProcessServer();
  const store = new CountingStore();
  server.keyspace.fieldStore = store;
  const client = server.connect();
  for (let field = 0; field < FIELDS; field += 1) {
    client.command("HSET", "hash", `f${field}`, "v".repeat(600));
    present(server.keyspace.storeField(0, "hash", `f${field}`));
  }
  expect(store.heldCount).toBe(FIELDS);
  return { server, store };
}

describe("what was deleted and counts who needs it", () => {
  it.each([
    ["DEL", ["DEL", "hash"]],
    ["UNLINK", ["UNLINK", "hash"]],
    ["SET", ["SET", "hash", "v"]],
    ["FLUSHDB", ["FLUSHDB"]],
    ["FLUSHALL", ["FLUSHALL"]],
  ])("is let go of after %s in slices", (_name, call) => {
    const { server, store } = loaded();
    const client = server.connect();
    client.command(...call);
    expect(store.heldCount).toBe(FIELDS);
    expect(server.keyspace.usedBytes).toBeLessThan(1000);
    server.world.advance(1);
    expect(store.heldCount).toBe(0);
    expect(store.largestSlice).toBeLessThan(FIELDS / 2);
  });

  it("is let go of once when its database is flushed meanwhile", () => {
    const { server, store } = loaded();
    const client = server.connect();
    client.command("DEL", "hash");
    client.command("FLUSHDB");
    server.world.advance(1);
    expect(store.heldCount).toBe(0);
  });

  it("waits between slices while time passes in them", () => {
    const { server } = loaded();
    const counts: number[] = [];
    const slow: Discarded = {
      releaseSome(countMax) {
        counts.push(countMax);
        server.world.jump(1);
        return counts.length === 3;
      },
    };
    server.keyspace.released.discard(slow);
    server.keyspace.released.releaseAll();
    expect(counts).toEqual([]);
    server.world.advance(1);
    expect(counts).toEqual([512, 512, 512]);
    expect(server.keyspace.released.discards.isEmpty).toBe(true);
  });
});
