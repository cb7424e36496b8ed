/**
 * A key of another type, in each place of each command where one can stand: the same error as
 * redis-server, or none where that has none, and the same is there afterwards.
 *
 * Calls are made from the declarations; they run in a MULTI, so that nobody waits.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ArgumentDeclaration, Command } from "../../src/commands/command.ts";
import { comparedCommands } from "../support/call-maker.ts";
import { RawClient } from "../support/raw-client.ts";
import { findRedisServer, RedisPeer } from "../support/redis-peer.ts";
import { parseReply } from "../support/reply-tree.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";

const version = findRedisServer();

/** By a command's group: what makes a key of the type that it wants. */
const fitting: Readonly<Record<string, (key: string) => string[][]>> = {
  string: (key) => [["SET", key, "1"]],
  bitmap: (key) => [["SET", key, "1"]],
  hyperloglog: (key) => [["PFADD", key, "1"]],
  hash: (key) => [["HSET", key, "1", "1"]],
  list: (key) => [["RPUSH", key, "1", "2"]],
  set: (key) => [["SADD", key, "1", "2"]],
  sorted_set: (key) => [["ZADD", key, "1", "1"]],
  geo: (key) => [["GEOADD", key, "1", "1", "1"]],
  stream: (key) => [
    ["XADD", key, "1-1", "f", "v"],
    ["XGROUP", "CREATE", key, "1", "0"],
  ],
};

const strangers: readonly ((key: string) => string[])[] = [
  (key) => ["SET", key, "text"],
  (key) => ["RPUSH", key, "1"],
  (key) => ["ZADD", key, "1", "other"],
];

describe.skipIf(version === undefined)(`beside redis-server ${version ?? "(not here)"}`, () => {
  let ours: TestServer;
  let peer: RedisPeer;
  let clients: readonly RawClient[];

  beforeAll(async () => {
    ours = await startTestServer(["--log", "memory"]);
    peer = await RedisPeer.start();
    clients = [await RawClient.open(ours.port), await RawClient.open(peer.port)];
  });

  afterAll(async () => {
    for (const client of clients) client.close();
    await ours.stop();
    await peer.stop();
  });

  it("refuses the same", async () => {
    const known = new Set(((await peer.command("COMMAND", "LIST")) as string[]).map(String));
    const differences: string[] = [];
    let refusedCount = 0;
    for (const command of comparedCommands(known)) {
      const { call, keyCount } = sampleCall(command);
      for (let wrong = 0; wrong < keyCount; wrong += 1) {
        for (const stranger of strangers) {
          const setup = setupOf(command, keyCount, wrong, stranger);
          const calls = [["FLUSHALL"], ...setup, ["MULTI"], call, ["EXEC"], ["TYPE", `k${wrong}`]];
          const [mine, theirs] = await Promise.all(
            clients.map(async (client) => outcomeOf(await client.pipeline(calls))),
          );
          if (mine.startsWith("-WRONGTYPE")) refusedCount += 1;
          if (mine !== theirs) {
            differences.push(
              `${JSON.stringify([...setup, call])}\n  ours:  ${mine}\n  redis: ${theirs}`,
            );
          }
        }
      }
    }
    expect(differences.join("\n")).toBe("");
    expect(refusedCount).toBeGreaterThan(300);
  });
});

function setupOf(
  command: Command,
  keyCount: number,
  wrong: number,
  stranger: (key: string) => string[],
): string[][] {
  const calls: string[][] = [];
  for (let at = 0; at < keyCount; at += 1) {
    if (at === wrong) calls.push(stranger(`k${at}`));
    else calls.push(...(fitting[command.group]?.(`k${at}`) ?? []));
  }
  return calls;
}

/** An error's text, or that there was none; what is under the key afterwards. */
function outcomeOf(frames: readonly string[]): string {
  const executed = parseReply(frames[frames.length - 2]);
  const reply = executed.items?.[0] ?? executed;
  return `${reply.type === "-" ? `-${reply.text}` : "no error"}, then ${frames[frames.length - 1]}`;
}

/** The shortest call that the declaration allows, with keys k0, k1, …, and `1` for all else. */
function sampleCall(command: Command): {
  readonly call: string[];
  readonly keyCount: number;
} {
  let keyCount = 0;
  const sample = (argument: ArgumentDeclaration): string[] => {
    if (argument.isOptional === true) return [];
    const token = argument.token === undefined || argument.token === "" ? [] : [argument.token];
    const [first] = argument.arguments ?? [];
    if (argument.type === "pure-token") return token;
    if (argument.type === "oneof") return [...token, ...(first === undefined ? [] : sample(first))];
    if (argument.type === "block") return [...token, ...(argument.arguments ?? []).flatMap(sample)];
    if (argument.type !== "key") return [...token, "1"];
    keyCount += 1;
    return [...token, `k${keyCount - 1}`];
  };
  const call = [...command.name.split("|"), ...(command.arguments ?? []).flatMap(sample)];
  while (call.length < Math.abs(command.arity)) call.push("1");
  return { call, keyCount };
}
