/**
 * Reads the register histories that Jepsen recorded of etcd, as they are published with checkers
 * of linearizability: one event a line, `<process> :invoke :cas [0 3]`. A call that timed out
 * (`:info`, or a failed read) stays without an answer; a cas that failed was answered.
 */
import type { Operation } from "./history.ts";
import type { RegisterInput, Value } from "./models.ts";

const line = /-\s+(\d+)\s+:(invoke|ok|fail|info)\s+:(read|write|cas)\s+(.*?)\s*$/;

function inputOf(kind: string, text: string): RegisterInput {
  if (kind === "read") return { kind };
  if (kind === "write") return { kind, value: text };
  const [from, to] = text.slice(1, -1).split(/\s+/);
  return { kind: "cas", from, to };
}

function outputOf(type: string, kind: string, text: string): Value | undefined {
  if (type === "info" || text === ":timed-out") return undefined;
  if (kind === "cas") return type === "ok" ? "1" : "0";
  if (type === "fail") throw new Error(`a ${kind} that failed: ${text}`);
  return kind === "write" || text === "nil" ? null : text;
}

export function parseJepsenLog(text: string): Operation<RegisterInput, Value>[] {
  const history: Operation<RegisterInput, Value>[] = [];
  const underWay = new Map<number, Operation<RegisterInput, Value>>();
  text.split("\n").forEach((event, at) => {
    const [, client, type, kind, value] = line.exec(event) ?? [];
    if (type === undefined) return;
    if (type === "invoke") {
      const calledAt = at;
      const returnedAt = Number.POSITIVE_INFINITY;
      const input = inputOf(kind, value);
      const called = { client: Number(client), input, calledAt, returnedAt, output: undefined };
      history.push(called);
      underWay.set(called.client, called);
      return;
    }
    const ended = underWay.get(Number(client));
    if (ended === undefined)
      throw new Error(`line ${at + 1}: process ${client} had called nothing`);
    underWay.delete(Number(client));
    const output = outputOf(type, kind, value);
    if (output === undefined) return;
    ended.output = output;
    ended.returnedAt = at;
  });
  return history;
}
