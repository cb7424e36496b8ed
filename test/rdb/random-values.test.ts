/**
 * Whatever commands made: DUMP and RESTORE make it again, also through a file.
 */
import { describe, expect, it, onTestFailed } from "vitest";
import { ErrorReply } from "../../src/base/errors.ts";
import { keyspaceDigest } from "../../src/commands/server/digest.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { flatValue } from "../../src/keyspace/restored-value.ts";
import { RdbFileReader } from "../../src/rdb/file-reader.ts";
import { RdbFileWriter } from "../../src/rdb/file-writer.ts";
import { seededRandom } from "../support/command-grammar.ts";
import { InProcessServer, present } from "../support/in-process-server.ts";
import { randomlyFilled } from "../support/random-values.ts";

const ROUNDS = 20;
const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);

async function throughFile(keyspace: Keyspace): Promise<Keyspace> {
  const writer = new RdbFileWriter(12, {});
  writer.beginDatabase(0, keyspace.keyCount(0), 0);
  for (const key of keyspace.keys(0)) {
    const entry = present(keyspace.peek(0, key));
    writer.key(key, flatValue(entry.value), entry.expiryMs);
  }
  const bytes = Buffer.concat([Buffer.from(writer.take()), writer.end()]);
  const read = async (into: Uint8Array, at: number) => bytes.copy(into, 0, at, at + into.length);
  const reader = new RdbFileReader({ read }, bytes.length);
  const copy = new Keyspace();
  for (let keys = await reader.nextKeys(); keys !== undefined; keys = await reader.nextKeys()) {
    for (const item of keys) copy.apply({ id: EffectId.keyRestore, ...item }, 0);
  }
  return copy;
}

describe(`values that commands made (LODESTONE_SEED=${seed})`, () => {
  it("are the same after DUMP and RESTORE, and after a file", async () => {
    onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
    const random = seededRandom(seed);
    const types = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const server = randomlyFilled(random);
      const client = server.connect();
      const other = new InProcessServer();
      const otherClient = other.connect();
      for (const key of server.keyspace.keys(0)) {
        const payload = client.command("DUMP", key);
        if (payload === null) continue;
        types.add(String(client.command("TYPE", key)));
        const expiryMs = Math.max(0, Number(client.command("PEXPIRETIME", key)));
        const call = ["RESTORE", key, String(expiryMs), String(payload), "ABSTTL"];
        const reply = otherClient.command(...call);
        expect(reply instanceof ErrorReply ? reply.text : reply, key).toBe("OK");
      }
      expect(keyspaceDigest(other.keyspace)).toBe(keyspaceDigest(server.keyspace));
      expect(keyspaceDigest(await throughFile(server.keyspace))).toBe(
        keyspaceDigest(server.keyspace),
      );
    }
    expect([...types].sort()).toEqual(["hash", "list", "set", "stream", "string", "zset"]);
  });
});
