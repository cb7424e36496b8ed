/**
 * Load that redis-benchmark cannot make, since a command depends on what another client was told:
 * a value handed to one who waits (RPUSH and BLPOP), an entry read and acknowledged (XREADGROUP and
 * XACK). Each of fifty turns goes on as soon as it is answered.
 */
import { performance } from "node:perf_hooks";
import { BulkClient, type CommandWords } from "../bulk-client.ts";
import { Connection } from "../recall/connection.ts";
import { quantile } from "../statistics.ts";
import type { Figures } from "./load.ts";

const TURNS = 50;

export interface Conversation {
  readonly name: string;
  readonly fill: (exchanges: number) => Iterable<CommandWords>;
  /** The connections of one turn, and what it does again and again. */
  readonly connectionCount: number;
  readonly exchange: (connections: readonly Connection[], turn: number) => Promise<void>;
}

export const conversations: readonly Conversation[] = [
  {
    name: "BLPOP_handoff",
    fill: () => [],
    connectionCount: 2,
    async exchange([worker, producer], turn) {
      const waits = worker.command("BLPOP", `queue:${turn}`, "0");
      const [, length] = await Promise.all([
        waits,
        producer.command("RPUSH", `queue:${turn}`, "task"),
      ]);
      if (length !== 1) throw new Error(`RPUSH answered ${String(length)}`);
    },
  },
  {
    name: "XREADGROUP+XACK",
    *fill(exchanges) {
      for (let number = 1; number <= exchanges; number += 1) {
        yield ["XADD", "stream", `${number}-0`, "field", "value"];
      }
      yield ["XGROUP", "CREATE", "stream", "group", "0"];
    },
    connectionCount: 1,
    async exchange([connection], turn) {
      const words = `XREADGROUP GROUP group c${turn} COUNT 1 STREAMS stream >`.split(" ");
      const reply = JSON.stringify(await connection.command(...words));
      const id = /"(\d+-0)"/.exec(reply)?.[1];
      if (id === undefined) throw new Error(`XREADGROUP answered ${reply}`);
      const count = await connection.command("XACK", "stream", "group", id);
      if (count !== 1) throw new Error(`XACK answered ${String(count)}`);
    },
  },
];

export async function fillFor(
  conversation: Conversation,
  port: number,
  exchanges: number,
): Promise<void> {
  const client = await BulkClient.open(port);
  await client.command("FLUSHALL");
  await client.load(conversation.fill(exchanges));
  client.close();
}

export async function converse(
  conversation: Conversation,
  port: number,
  exchanges: number,
): Promise<Figures> {
  const opened: Connection[] = [];
  const timesMs: number[] = [];
  let left = exchanges;
  const beginMs = performance.now();
  const turn = async (number: number): Promise<void> => {
    const mine: Connection[] = [];
    for (let index = 0; index < conversation.connectionCount; index += 1) {
      mine.push(await Connection.open("127.0.0.1", port));
    }
    opened.push(...mine);
    while (left > 0) {
      left -= 1;
      const sentMs = performance.now();
      await conversation.exchange(mine, number);
      timesMs.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: TURNS }, (_, number) => turn(number)));
  const seconds = (performance.now() - beginMs) / 1000;
  for (const connection of opened) connection.close();
  return { requestsPerSecond: timesMs.length / seconds, p99Ms: quantile(timesMs, 0.99) };
}
