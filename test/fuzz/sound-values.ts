/**
 * Whether what was read is as sound as what commands make: every value goes through its flat form
 * and Redis's, and comes back the same at the same cost; then commands of its type work with it.
 * Whatever throws here would have ended a server.
 */
import { assert } from "../../src/base/assert.ts";
import { ByteReader } from "../../src/base/byte-reader.ts";
import { ByteWriter } from "../../src/base/byte-writer.ts";
import { commandTable } from "../../src/commands/registry.ts";
import { keyDigest } from "../../src/commands/server/digest.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { decodeEffect, encodeEffect } from "../../src/keyspace/effect-codec.ts";
import type { Value } from "../../src/keyspace/entry.ts";
import { flatValue, restoredValue } from "../../src/keyspace/restored-value.ts";
import { pick, type Random, randomCall } from "../support/command-grammar.ts";
import {
  type InProcessClient,
  type InProcessServer,
  present,
} from "../support/in-process-server.ts";

const CALLS_EACH = 6;
/** Larger ones are looked at by their type alone. */
const LOOKED_AT_BYTES_MAX = 1024 * 1024;
/** A test of Redis's own code, of seconds. */
const SLOW = "pfselftest";

/** Groups of commands that look at and change a value of the type. */
const groups: Readonly<Record<string, readonly string[]>> = {
  string: ["string", "bitmap", "hyperloglog"],
  list: ["list"],
  set: ["set"],
  zset: ["sorted_set", "geo"],
  hash: ["hash"],
  stream: ["stream"],
};

const commandsByType = new Map(
  Object.entries(groups).map(([type, names]) => [
    type,
    commandTable.all
      .filter(({ declaration, subcommands, name }) => {
        const isBlocking = declaration.flags.includes("blocking");
        const isOfType = names.includes(declaration.group) && subcommands === null;
        return isOfType && !isBlocking && name !== SLOW;
      })
      .map(({ declaration }) => declaration),
  ]),
);

function costOf(value: Value): number {
  return value.type === "string" ? value.length : value.costBytes;
}

function checkFlatForm(server: InProcessServer, key: string, value: Value, digest: string): void {
  const { keyspace } = server;
  const writer = new ByteWriter(64);
  const id = EffectId.keyRestore;
  encodeEffect(writer, { id, database: 0, key, value: flatValue(value), expiryMs: 0 });
  const effect = decodeEffect(new ByteReader(Buffer.from(writer.written())));
  assert(effect.id === id, "an effect is the one that was written");
  const again = restoredValue(effect.value, keyspace);
  const entry = { ...present(keyspace.peek(0, key)), value: again };
  assert(keyDigest(key, entry, false) === digest, "a flat form gives the value back");
  assert(costOf(again) <= costOf(value) * 2 + 4096, "what comes back costs no more");
}

function checkPayload(client: InProcessClient, key: string): void {
  const payload = Buffer.from(String(client.command("DUMP", key)), "latin1");
  const reply = client.command("RESTORE", "restored", 0, payload, "REPLACE");
  assert(reply === "OK", `a value that was dumped is restored: ${JSON.stringify(reply)}`);
  const [before] = client.command("DEBUG", "DIGEST-VALUE", key) as string[];
  const [after] = client.command("DEBUG", "DIGEST-VALUE", "restored") as string[];
  assert(before === after, "what was dumped and restored is the same value");
  client.command("DEL", "restored");
}

/** Throws where something is wrong. `keys` of database 0. */
export function checkValues(
  server: InProcessServer,
  client: InProcessClient,
  keys: readonly string[],
  random: Random,
): void {
  for (const key of keys) {
    const entry = server.keyspace.peek(0, key);
    if (entry === undefined) continue;
    const { value } = entry;
    const isLooked = costOf(value) <= LOOKED_AT_BYTES_MAX;
    if (isLooked) checkFlatForm(server, key, value, keyDigest(key, entry, false));
    // What has expired goes now, and is absent for the commands below.
    client.command("OBJECT", "ENCODING", key);
    client.command("MEMORY", "USAGE", key);
    if (!isLooked) continue;
    if (client.command("EXISTS", key) === 1) checkPayload(client, key);
    const commands = commandsByType.get(value.type) ?? [];
    for (let left = CALLS_EACH; left > 0; left -= 1) {
      const call = randomCall(pick(commands, random), random);
      if (call.length > 1) call[1] = key;
      client.tryCommand(...call);
      client.tryCommand("RESET");
    }
  }
  for (const key of keys) client.command("DEL", key);
  assert(client.command("PING") === "PONG", "PING is answered");
}
