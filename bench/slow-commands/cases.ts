/**
 * Commands on a million elements: each with the data that it needs, made before it is measured.
 */
import { type CommandWords, inBatches } from "../bulk-client.ts";

export interface SlowCase {
  readonly name: string;
  /** Before each run, and not measured. */
  readonly prepare: readonly CommandWords[];
  readonly command: CommandWords;
}

/** Two sets, two sorted sets that share half of their members, a list and a hash. */
export function* slowData(count: number): Generator<CommandWords> {
  const half = count / 2;
  const member = (index: number): string => `member:${index}`;
  yield* inBatches(["SADD", "set:a"], 0, half, (index) => [member(index)]);
  yield* inBatches(["SADD", "set:b"], half, half, (index) => [member(index)]);
  yield* inBatches(["ZADD", "zset:a"], 0, half, (index) => [(index * 7919) % count, member(index)]);
  yield* inBatches(["ZADD", "zset:b"], half, half, (index) => [index, member(index)]);
  yield* inBatches(["RPUSH", "list"], 0, count, (index) => [(index * 7919) % count]);
  yield* inBatches(["HSET", "hash"], 0, count, (index) => [`field:${index}`, index]);
  yield ["SUNIONSTORE", "set", "set:a", "set:b"];
  yield ["ZUNIONSTORE", "zset", "2", "zset:a", "zset:b"];
}

const reading: readonly SlowCase[] = [
  ["SMEMBERS", ["SMEMBERS", "set"]],
  ["LRANGE", ["LRANGE", "list", 0, -1]],
  ["HGETALL", ["HGETALL", "hash"]],
  ["ZRANGE", ["ZRANGE", "zset", 0, -1]],
  ["SORT LIMIT 0 10", ["SORT", "list", "LIMIT", 0, 10]],
  ["SINTERCARD", ["SINTERCARD", 2, "set", "set:a"]],
].map(([name, command]) => ({
  name: String(name),
  prepare: [],
  command: command as CommandWords,
}));

const storing: readonly SlowCase[] = [
  ["SUNIONSTORE", ["SUNIONSTORE", "result", "set:a", "set:b"]],
  ["ZUNIONSTORE", ["ZUNIONSTORE", "result", 2, "zset:a", "zset:b"]],
  ["ZRANGESTORE", ["ZRANGESTORE", "result", "zset", 0, -1]],
  ["SORT STORE", ["SORT", "list", "STORE", "result"]],
].map(([name, command]) => ({
  name: String(name),
  prepare: [["DEL", "result"]],
  command: command as CommandWords,
}));

const deleting: readonly SlowCase[] = ["set", "zset", "list", "hash"].flatMap((type) =>
  ["DEL", "UNLINK"].map((name) => ({
    name: `${name} ${type}`,
    prepare: [["COPY", type, "result", "REPLACE"]],
    command: [name, "result"],
  })),
);

export const slowCases: readonly SlowCase[] = [...storing, ...deleting, ...reading];
