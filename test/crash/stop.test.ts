/**
 * SIGTERM in the middle of searches: what was asked is answered rightly, or not at all.
 */
import { afterAll, expect, test } from "vitest";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { Arena, removeArenas } from "./arena.ts";
import {
  bytesOf,
  createIndexCommand,
  PREFIX,
  TruthChance,
  wholeDocument,
} from "./truth-documents.ts";

const DOCUMENTS = 2000;
const SEARCHES = 400;
const ROUNDS = 3;
/** Enough that many searches wait for a thread when the server is told to stop. */
const K = 500;
const EF = 2000;

afterAll(removeArenas);

test("a search that is under way when the server is stopped never says that its index is gone", async () => {
  const arena = await Arena.make(1);
  const chance = new TruthChance(seededRandom(1), seededRandom(2));
  let answered = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const server = arena.start();
    const client = await server.connect();
    if (client === undefined) throw new Error(`no start: ${server.lastWords}`);
    if (round === 0) {
      await client.must(...createIndexCommand("i"));
      const keys = Array.from({ length: DOCUMENTS }, (_, number) => `${PREFIX}${number}`);
      await Promise.all(keys.map((key) => client.must(...wholeDocument(chance, key))));
    }
    const query = `*=>[KNN ${K} @graph $v EF_RUNTIME ${EF}]`;
    const searches = Array.from({ length: SEARCHES }, () => {
      const words = ["FT.SEARCH", "i", query, "NOCONTENT", "LIMIT", "0", String(K)];
      return client.send(...words, "PARAMS", "2", "v", bytesOf(chance.vector()), "DIALECT", "2");
    });
    await searches[SEARCHES / 16];
    server.kill("SIGTERM");
    for (const outcome of await Promise.allSettled(searches)) {
      // What was not begun may end with the connection.
      if (outcome.status === "rejected") continue;
      answered += 1;
      expect(outcome.value).toHaveLength(K + 1);
    }
    await server.exited;
    expect(server.exitCode).toBe(0);
  }
  expect(answered).toBeGreaterThan(SEARCHES / 16);
});
