/**
 * Values to redis-server and back: what one DUMPs the other RESTOREs, and it is the same value.
 */
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { keyDigest } from "../../src/commands/server/digest.ts";
import { seededRandom } from "../support/command-grammar.ts";
import { InProcessServer, present } from "../support/in-process-server.ts";
import { randomlyFilled } from "../support/random-values.ts";
import { described, rdbCases, type Send } from "../support/rdb-values.ts";
import { findRedisServer, isAtLeast, RedisPeer } from "../support/redis-peer.ts";

const ROUNDS = 10;
const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);
const version = findRedisServer();
const hasActiveTime = version !== undefined && isAtLeast(version, 7, 2);

describe.skipIf(version === undefined)(`beside redis-server ${version ?? "(not here)"}`, () => {
  let peer: RedisPeer;
  let theirs: Send;
  const client = new InProcessServer().connect();
  const ours: Send = async (...args) => client.command(...args);

  beforeAll(async () => {
    peer = await RedisPeer.start(["--sanitize-dump-payload", "yes"], { isBinary: true });
    theirs = (...args) => peer.command(...args);
  });

  afterAll(() => peer.stop());

  for (const { name, commands } of rdbCases) {
    it(`moves from there to here: ${name}`, async () => {
      await theirs("flushall");
      await ours("flushall");
      for (const call of commands) await theirs(...call);
      const payload = String(await theirs("dump", "k"));
      expect(await ours("restore", "k", "0", payload)).toBe("OK");
      expect(await described(ours)).toEqual(await described(theirs));
    });

    it(`moves from here to there: ${name}`, async () => {
      await theirs("flushall");
      await ours("flushall");
      for (const call of commands) await ours(...call);
      const payload = String(await ours("dump", "k"));
      const restored = await theirs("restore", "k", "0", payload);
      if (!hasActiveTime && name === "stream with groups") {
        // Version 10 has one time for each consumer, and would lose the other without a word.
        expect(String(restored)).toContain("payload version");
        return;
      }
      expect(restored).toBe("OK");
      expect(await described(theirs)).toEqual(await described(ours));
      if (hasActiveTime) {
        const encoding = await ours("object", "encoding", "k");
        expect(await theirs("object", "encoding", "k")).toBe(encoding);
      }
      const again = String(await theirs("dump", "k"));
      expect(await ours("restore", "k", "0", again, "replace")).toBe("OK");
      expect(await described(ours)).toEqual(await described(theirs));
    });
  }

  it(`takes and gives back whatever commands made (LODESTONE_SEED=${seed})`, async () => {
    onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
    const random = seededRandom(seed);
    let comparedCount = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const server = randomlyFilled(random);
      const here = server.connect();
      const back = new InProcessServer({ configuration: [["debug-commands", "yes"]] }).connect();
      await theirs("flushall");
      for (const key of server.keyspace.keys(0)) {
        const payload = here.command("DUMP", key);
        if (typeof payload !== "string") continue;
        const needed = Buffer.from(payload, "latin1").readUInt16LE(payload.length - 10);
        const restored = await theirs("restore", key, "0", payload);
        if (needed > (hasActiveTime ? 11 : 10)) {
          expect(String(restored)).toContain("payload version");
          continue;
        }
        expect(restored, key).toBe("OK");
        const again = String(await theirs("dump", key));
        expect(back.command("RESTORE", key, 0, again)).toBe("OK");
        const entry = present(server.keyspace.peek(0, key));
        expect(back.command("DEBUG", "DIGEST-VALUE", key)).toEqual([
          keyDigest(key, { ...entry, expiryMs: 0 }, false),
        ]);
        comparedCount += 1;
      }
    }
    expect(comparedCount).toBeGreaterThan(ROUNDS * 5);
  });
});
