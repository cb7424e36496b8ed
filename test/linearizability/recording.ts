/**
 * Records one history: many connections, each with one operation under way, on a handful of shared
 * objects, and at its end everything is read twice by one more.
 */
import { seededRandom } from "../../src/runtime/fake-world.ts";
import type { RespClient } from "../crash/resp-client.ts";
import { documentWorkload } from "./document-workload.ts";
import type { MortalServer } from "./mortal-server.ts";
import { EventOrder, RecordedSubject, type Subject } from "./subject.ts";
import {
  below,
  counterWorkload,
  listWorkload,
  registerWorkload,
  setWorkload,
  transactionWorkload,
} from "./workloads.ts";

export interface RecordingPlan {
  readonly seed: number;
  /** Unique on its server, of letters and digits. */
  readonly name: string;
  readonly clientCount: number;
  readonly operationCount: number;
}

function newSubjects(name: string): Subject[] {
  const order = new EventOrder();
  return [
    new RecordedSubject(registerWorkload(`${name}:register`), order),
    new RecordedSubject(counterWorkload(`${name}:counter`), order),
    new RecordedSubject(counterWorkload(`${name}:hash`, "field"), order),
    new RecordedSubject(listWorkload(`${name}:list`), order),
    new RecordedSubject(setWorkload(`${name}:set`), order),
    new RecordedSubject(transactionWorkload(`${name}:transaction:`), order),
    new RecordedSubject(documentWorkload(`${name}a`), order),
    new RecordedSubject(documentWorkload(`${name}b`), order),
  ];
}

export async function recordHistory(server: MortalServer, plan: RecordingPlan): Promise<Subject[]> {
  const subjects = newSubjects(plan.name);
  let left = plan.operationCount;
  const work = async (clientNumber: number): Promise<void> => {
    const random = seededRandom(plan.seed * 1000 + clientNumber);
    let client = await server.client();
    while (left > 0) {
      left -= 1;
      server.countOperation();
      const subject = subjects[below(random, subjects.length)];
      if (await subject.perform(client, clientNumber, random)) continue;
      client = await reopen(server, client);
    }
    client.close();
  };
  await Promise.all(Array.from({ length: plan.clientCount }, (_, number) => work(number)));
  let client = await server.client();
  for (const subject of subjects) {
    while (!(await subject.readAll(client, plan.clientCount))) {
      client = await reopen(server, client);
    }
  }
  client.close();
  return subjects;
}

async function reopen(server: MortalServer, broken: RespClient): Promise<RespClient> {
  broken.close();
  return await server.client();
}
