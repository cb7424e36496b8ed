/**
 * One shared object of one history: sends operations to it over any connection, and keeps what was
 * asked and answered. A connection that breaks leaves the operation open; an answer that is an
 * error is a fault of the test or a finding, and is thrown.
 */
import type { Random } from "../../src/runtime/clock.ts";
import type { RespClient, RespReply } from "../crash/resp-client.ts";
import { check, type Verdict } from "./checker.ts";
import { isOpen, type Model, type Operation } from "./history.ts";
import { describeViolation } from "./report.ts";

/** The one order in which a history's events were seen. */
export class EventOrder {
  #last = 0;

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}

export class Refused extends Error {}

/** Sends a command that cannot be refused. */
export async function ask(
  client: RespClient,
  ...words: readonly (string | Buffer | number)[]
): Promise<RespReply> {
  const reply = await client.send(...words);
  if (reply instanceof Error) throw new Refused(`${words.join(" ")}: ${reply.message}`);
  return reply;
}

/** How one kind of object is worked on: its keys, and the commands that carry its operations. */
export interface Workload<Input, Output> {
  readonly name: string;
  readonly model: Model<Input, Output>;
  /** `number` is unique within the object, from 1. */
  choose(random: Random, number: number): Input;
  send(client: RespClient, input: Input): Promise<Output>;
  /** All that can be read of it, for the end of a history. */
  readonly reads: readonly Input[];
}

export interface SubjectVerdict {
  readonly result: Verdict<unknown, unknown>["result"];
  readonly operationCount: number;
  readonly unknownCount: number;
  readonly stepCount: number;
  /** Of a violation. */
  readonly report: string;
}

export interface Subject {
  readonly name: string;
  /** False if no answer came. */
  perform(client: RespClient, clientNumber: number, random: Random): Promise<boolean>;
  /** Reads all there is, twice; false if some answer did not come. */
  readAll(client: RespClient, clientNumber: number): Promise<boolean>;
  judge(historyName: string): SubjectVerdict;
  /** Makes its last read repeat an older answer; false if there is no other answer to repeat. */
  plantStaleRead(): boolean;
}

export class RecordedSubject<Input, Output> implements Subject {
  readonly #workload: Workload<Input, Output>;
  readonly #order: EventOrder;
  readonly #history: Operation<Input, Output>[] = [];
  #number = 0;

  constructor(workload: Workload<Input, Output>, order: EventOrder) {
    this.#workload = workload;
    this.#order = order;
  }

  get name(): string {
    return this.#workload.name;
  }

  perform(client: RespClient, clientNumber: number, random: Random): Promise<boolean> {
    this.#number += 1;
    return this.#send(client, clientNumber, this.#workload.choose(random, this.#number));
  }

  async readAll(client: RespClient, clientNumber: number): Promise<boolean> {
    for (const input of [...this.#workload.reads, ...this.#workload.reads]) {
      if (!(await this.#send(client, clientNumber, input))) return false;
    }
    return true;
  }

  judge(historyName: string): SubjectVerdict {
    const { model, name } = this.#workload;
    const { result, stepCount } = check(model, this.#history);
    const title = `${historyName}, ${name}`;
    const report =
      result === "violation"
        ? describeViolation(title, model, this.#history)
        : `${title}: ${result}`;
    const unknownCount = this.#history.filter(isOpen).length;
    return { result, operationCount: this.#history.length, unknownCount, stepCount, report };
  }

  plantStaleRead(): boolean {
    const last = this.#history.at(-1);
    if (last === undefined) return false;
    const isSame = (left: unknown, right: unknown): boolean =>
      JSON.stringify(left) === JSON.stringify(right);
    const older = this.#history.findLast(
      (one) => !isOpen(one) && isSame(one.input, last.input) && !isSame(one.output, last.output),
    );
    if (older === undefined) return false;
    last.output = older.output;
    return true;
  }

  async #send(client: RespClient, clientNumber: number, input: Input): Promise<boolean> {
    const operation: Operation<Input, Output> = {
      client: clientNumber,
      input,
      calledAt: this.#order.next(),
      returnedAt: Number.POSITIVE_INFINITY,
      output: undefined,
    };
    this.#history.push(operation);
    try {
      operation.output = await this.#workload.send(client, input);
    } catch (failure) {
      if (failure instanceof Refused || !client.isBroken) throw failure;
      return false;
    }
    operation.returnedAt = this.#order.next();
    return true;
  }
}
