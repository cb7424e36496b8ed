/**
 * The objects of a history and the commands they are worked on with. Values that are written are
 * unique to their object, so that a read tells which write it saw; members of a set come and go.
 */
import type { Random } from "../../src/runtime/clock.ts";
import type { RespClient, RespReply } from "../crash/resp-client.ts";
import {
  type CounterInput,
  counterModel,
  type ListInput,
  type ListOutput,
  listModel,
  type RegisterInput,
  registerModel,
  type SetInput,
  type SetOutput,
  setModel,
  type TransactionInput,
  type TransactionOutput,
  transactionModel,
  type Value,
} from "./models.ts";
import { ask, type Workload } from "./subject.ts";

const MEMBERS = ["a", "b", "c", "d", "e"];
const TRANSACTION_KEYS = 4;

export function below(random: Random, limit: number): number {
  return Math.floor(random.fraction() * limit);
}

export function valueIn(reply: RespReply): Value {
  return reply === null ? null : String(reply);
}

function valuesIn(reply: RespReply): Value[] {
  if (!Array.isArray(reply)) throw new Error(`no array but ${String(reply)}`);
  return reply.map(valueIn);
}

function textsIn(reply: RespReply): string[] {
  return valuesIn(reply).map(String);
}

/** Answers "1" where EXEC ran, "0" where the key was another before or by then. */
async function compareAndSet(
  client: RespClient,
  key: string,
  { from, to }: { readonly from: Value; readonly to: Value },
): Promise<Value> {
  await ask(client, "WATCH", key);
  if (valueIn(await ask(client, "GET", key)) !== from) {
    await ask(client, "UNWATCH");
    return "0";
  }
  const change = to === null ? ["DEL", key] : ["SET", key, to];
  const replies = await Promise.all([
    ask(client, "MULTI"),
    ask(client, ...change),
    ask(client, "EXEC"),
  ]);
  return replies[2] === null ? "0" : "1";
}

export function registerWorkload(key: string): Workload<RegisterInput, Value> {
  let seen: Value = null;
  const send = async (client: RespClient, input: RegisterInput): Promise<Value> => {
    switch (input.kind) {
      case "read":
        seen = valueIn(await ask(client, "GET", key));
        return seen;
      case "write":
        await ask(client, "SET", key, String(input.value));
        return null;
      case "swap": {
        const change = input.value === null ? ["GETDEL", key] : ["SET", key, input.value, "GET"];
        return valueIn(await ask(client, ...change));
      }
      case "delete":
        return String(await ask(client, "DEL", key));
      case "cas": {
        if (input.from !== null) return compareAndSet(client, key, input);
        const reply = await ask(client, "SET", key, String(input.to), "NX");
        return reply === null ? "0" : "1";
      }
    }
  };
  return {
    name: "register",
    model: registerModel,
    choose(random, number) {
      const pick = below(random, 100);
      const value = String(number);
      if (pick < 40) return { kind: "read" };
      if (pick < 60) return { kind: "write", value };
      if (pick < 70) return { kind: "swap", value };
      if (pick < 74) return { kind: "swap", value: null };
      if (pick < 78) return { kind: "delete" };
      if (pick < 84) return { kind: "cas", from: null, to: value };
      return { kind: "cas", from: seen, to: value };
    },
    send,
    reads: [{ kind: "read" }],
  };
}

/** A number as a string of its own, or as a field of a hash. */
export function counterWorkload(key: string, field?: string): Workload<CounterInput, number> {
  const place = field === undefined ? [key] : [key, field];
  const [get, add] = field === undefined ? ["GET", "INCRBY"] : ["HGET", "HINCRBY"];
  return {
    name: field === undefined ? "counter" : "field",
    model: counterModel,
    // Only up, so that no value comes twice.
    choose: (random, number) =>
      below(random, 2) === 0 ? { kind: "read" } : { kind: "add", amount: number },
    async send(client, input) {
      if (input.kind === "read") return Number(await ask(client, get, ...place));
      return Number(await ask(client, add, ...place, input.amount));
    },
    reads: [{ kind: "read" }],
  };
}

export function listWorkload(key: string): Workload<ListInput, ListOutput> {
  return {
    name: "list",
    model: listModel,
    choose(random, number) {
      const pick = below(random, 100);
      // Often read: what happened to unanswered ones shows in no other answer.
      if (pick < 50) return { kind: "read" };
      return pick < 82 ? { kind: "append", value: String(number) } : { kind: "shift" };
    },
    async send(client, input) {
      if (input.kind === "read") return textsIn(await ask(client, "LRANGE", key, 0, -1));
      if (input.kind === "shift") return valueIn(await ask(client, "LPOP", key));
      return Number(await ask(client, "RPUSH", key, input.value));
    },
    reads: [{ kind: "read" }],
  };
}

const setCommands = { add: "SADD", remove: "SREM", has: "SISMEMBER" };

export function setWorkload(key: string): Workload<SetInput, SetOutput> {
  return {
    name: "set",
    model: setModel,
    choose(random) {
      const pick = below(random, 100);
      const member = MEMBERS[below(random, MEMBERS.length)];
      if (pick < 30) return { kind: "read" };
      if (pick < 45) return { kind: "has", member };
      return pick < 75 ? { kind: "add", member } : { kind: "remove", member };
    },
    async send(client, input) {
      if (input.kind === "read") return textsIn(await ask(client, "SMEMBERS", key)).sort();
      return (await ask(client, setCommands[input.kind], key, input.member)) === 1;
    },
    reads: [{ kind: "read" }],
  };
}

/** All reads go as MGET, all writes as MSET; MULTI takes both, and by turns those too. */
export function transactionWorkload(
  prefix: string,
): Workload<TransactionInput & { readonly isMulti: boolean }, TransactionOutput> {
  const keys = Array.from({ length: TRANSACTION_KEYS }, (_, index) => `${prefix}${index}`);
  const readAll = { steps: keys.map((_, key) => ({ key })), isMulti: false };
  return {
    name: "transaction",
    model: transactionModel(TRANSACTION_KEYS),
    choose(random, number) {
      if (below(random, 5) === 0) return readAll;
      const writePercent = [0, 50, 100][below(random, 3)];
      const steps = Array.from({ length: 1 + below(random, TRANSACTION_KEYS) }, (_, index) => {
        const key = below(random, TRANSACTION_KEYS);
        if (below(random, 100) >= writePercent) return { key };
        return { key, value: `${number}.${index}` };
      });
      return { steps, isMulti: below(random, 2) === 0 };
    },
    async send(client, { steps, isMulti }) {
      const reads = steps.filter(({ value }) => value === undefined);
      if (!isMulti && reads.length === steps.length) {
        return valuesIn(await ask(client, "MGET", ...steps.map(({ key }) => keys[key])));
      }
      if (!isMulti && reads.length === 0) {
        await ask(client, "MSET", ...steps.flatMap(({ key, value }) => [keys[key], String(value)]));
        return [];
      }
      const commands = steps.map(({ key, value }) =>
        value === undefined ? ["GET", keys[key]] : ["SET", keys[key], value],
      );
      const all = [["MULTI"], ...commands, ["EXEC"]];
      const replies = await Promise.all(all.map((words) => ask(client, ...words)));
      const answers = valuesIn(replies[replies.length - 1]);
      return answers.filter((_, index) => steps[index].value === undefined);
    },
    reads: [readAll],
  };
}
