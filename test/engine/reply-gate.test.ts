/**
 * The reply gate: nothing visible before it is durable, order kept, nobody waits without need.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EngineFailpoints } from "../../src/engine/engine-parts.ts";
import { engineCommands, Searches, settlePromises } from "../support/engine-commands.ts";
import { type InProcessClient, InProcessServer, present } from "../support/in-process-server.ts";
import { ManualSink } from "../support/manual-sink.ts";

function manualServer(searches = new Searches(), failpoints?: EngineFailpoints): InProcessServer {
  return new InProcessServer({ commands: engineCommands(searches), isManual: true, failpoints });
}

const planted: EngineFailpoints = {
  pass() {},
  isOn: (name) => name === "planted.reply-before-durable",
};

function taken(client: InProcessClient): unknown[] {
  return client.replies.splice(0).map((held) => held.reply);
}

describe("the reply gate", () => {
  it("holds a write until its record is durable, and lets a read of another key pass", () => {
    const server = manualServer();
    const writer = server.connect();
    const reader = server.connect();
    writer.post("PUT", "k", "1");
    expect(writer.take()).toBeUndefined();
    reader.post("FETCH", "other");
    expect(reader.take()).toBeNull();
    server.sink.makeDurable();
    expect(writer.take()).toBe("OK");
  });

  it("holds a read of a key whose last effect is not durable", () => {
    const server = manualServer();
    const writer = server.connect();
    const reader = server.connect();
    writer.post("PUT", "k", "1");
    reader.post("FETCH", "k");
    expect(reader.take()).toBeUndefined();
    server.sink.makeDurable();
    expect(reader.take()).toBe("1");
    reader.post("FETCH", "k");
    expect(reader.take()).toBe("1");
  });

  it("holds the same key in another database no longer than its own", () => {
    const server = manualServer();
    const writer = server.connect();
    const reader = server.connect();
    reader.post("SELECT", "1");
    expect(reader.take()).toBe("OK");
    writer.post("PUT", "k", "1");
    reader.post("FETCH", "k");
    expect(reader.take()).toBeNull();
  });

  it("holds every read after FLUSHALL, and a command that reads the whole keyspace", () => {
    const server = manualServer();
    const client = server.connect();
    const reader = server.connect();
    client.post("PUT", "k", "1");
    reader.post("COUNT");
    expect(reader.take()).toBeUndefined();
    server.sink.makeDurable();
    expect(reader.take()).toBe(1);
    client.post("FLUSHALL");
    reader.post("FETCH", "unrelated");
    expect(reader.take()).toBeUndefined();
    server.sink.makeDurable();
    expect(reader.take()).toBeNull();
  });

  it("keeps the place of a search that is under way, and lets later reads run meanwhile", async () => {
    const searches = new Searches();
    const server = manualServer(searches);
    const client = server.connect();
    client.post("LATER", "k");
    client.post("PING");
    expect(client.replies).toHaveLength(0);
    expect(client.receiver.isStalled).toBe(false);
    present(searches.open[0]).finish();
    await settlePromises();
    expect([client.take(), client.take()]).toEqual([null, "PONG"]);
  });

  it("stalls a write behind a search on its connection, and runs it when the search is done", async () => {
    const searches = new Searches();
    const server = manualServer(searches);
    const client = server.connect();
    client.post("LATER", "k");
    client.post("PUT", "k", "1");
    client.post("FETCH", "k");
    expect(client.receiver.isStalled).toBe(true);
    expect(server.keyspace.peek(0, "k")).toBeUndefined();
    present(searches.open[0]).finish();
    await settlePromises();
    expect(client.receiver.isStalled).toBe(false);
    expect(client.resumeCount).toBe(1);
    expect(client.take()).toBeNull();
    expect(client.take()).toBeUndefined();
    server.sink.makeDurable();
    expect([client.take(), client.take()]).toEqual(["OK", "1"]);
  });

  it("holds a search's answer for keys that became hazards while it ran", async () => {
    const searches = new Searches();
    const server = manualServer(searches);
    const client = server.connect();
    const writer = server.connect();
    client.post("LATER", "k");
    writer.post("PUT", "k", "1");
    present(searches.open[0]).finish();
    await settlePromises();
    expect(client.take()).toBeUndefined();
    server.sink.makeDurable();
    expect(client.take()).toBe("1");
  });

  it("answers the failure of a search in its place", async () => {
    const searches = new Searches();
    const server = manualServer(searches);
    const client = server.connect();
    client.post("LATER", "k");
    client.post("ECHO", "after");
    present(searches.open[0]).fail(new Error("broken"));
    await settlePromises();
    expect(client.take()).toMatchObject({ text: "ERR Error: broken" });
    expect(client.take()).toBe("after");
  });

  it("closes only after everything before QUIT has left", () => {
    const server = manualServer();
    const client = server.connect();
    client.post("PUT", "k", "1");
    client.post("QUIT");
    client.post("PING");
    expect(client.isClosed).toBe(false);
    server.sink.makeDurable();
    expect(client.isClosed).toBe(true);
    expect(taken(client)).toHaveLength(2);
    expect(server.engine.sessionCount).toBe(0);
  });

  it("stalls a connection with too many held replies, and resumes it", () => {
    const server = manualServer();
    const client = server.connect();
    let sent = 0;
    while (!client.receiver.isStalled && sent < 100_000) {
      client.post("PUT", "k", "1");
      sent += 1;
    }
    expect(sent).toBe(16_384);
    server.sink.makeDurable();
    expect(client.receiver.isStalled).toBe(false);
    expect(client.resumeCount).toBe(1);
    expect(taken(client)).toHaveLength(sent);
  });

  it("acknowledges nothing after the log has failed", () => {
    const server = manualServer();
    const client = server.connect();
    client.post("PUT", "k", "1");
    server.sink.fail(new Error("disk"));
    expect(client.isClosed).toBe(true);
    server.sink.makeDurable();
    expect(client.replies).toHaveLength(0);
  });

  it("has a planted bug that its flag switches on: a reply before the record is durable", () => {
    const server = manualServer(new Searches(), planted);
    const client = server.connect();
    client.post("PUT", "k", "1");
    expect(client.take()).toBe("OK");
    expect(server.sink.durableSequence).toBe(0);
  });

  it("passes its failpoints in order", () => {
    const passed: string[] = [];
    const server = new InProcessServer({
      commands: engineCommands(),
      failpoints: { pass: (name) => passed.push(name), isOn: () => false },
    });
    server.connect().post("PUT", "k", "1");
    expect(passed).toEqual(["executor.executed", "gate.before-reply"]);
  });
});

type Step =
  | {
      readonly kind: "put" | "fetch" | "drop" | "later";
      readonly client: number;
      readonly key: number;
    }
  | { readonly kind: "count"; readonly client: number }
  | { readonly kind: "durable"; readonly behind: number }
  | { readonly kind: "finish"; readonly which: number };

const client = fc.nat({ max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom("put" as const, "fetch" as const, "drop" as const, "later" as const),
      client,
      key: fc.nat({ max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("count" as const), client }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("durable" as const), behind: fc.nat({ max: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("finish" as const), which: fc.nat({ max: 3 }) }),
  },
);

/** One run of random steps; throws when a reply shows what a crash could take away. */
class Trial {
  readonly searches = new Searches();
  readonly server: InProcessServer;
  readonly clients: InProcessClient[];
  /** By client: what it asked, and the record that must be durable before the answer. */
  readonly asked: { readonly step: Step; readonly needs: number }[][];
  readonly answered: number[];
  #nextValue = 1;

  constructor(failpoints?: EngineFailpoints) {
    this.server = manualServer(this.searches, failpoints);
    this.clients = Array.from({ length: 4 }, () => this.server.connect());
    this.asked = this.clients.map(() => []);
    this.answered = this.clients.map(() => 0);
  }

  async take(next: Step): Promise<void> {
    const { sink } = this.server;
    if (next.kind === "durable") {
      sink.makeDurable(Math.max(sink.durableSequence, sink.appliedSequence - next.behind));
    } else if (next.kind === "finish") {
      this.searches.open.splice(next.which, 1)[0]?.finish();
      await settlePromises();
    } else this.#ask(next);
    this.check();
  }

  /** Everything is made durable and every search finished, until all is answered. */
  async finish(): Promise<void> {
    for (let round = 0; round < 200 && !this.isAnswered(); round += 1) {
      for (const search of this.searches.open.splice(0)) search.finish();
      await settlePromises();
      this.server.sink.makeDurable();
      this.check();
    }
    expect(this.answered).toEqual(this.asked.map((questions) => questions.length));
  }

  isAnswered(): boolean {
    return this.answered.every((count, index) => count === this.asked[index].length);
  }

  check(): void {
    for (const [index, connection] of this.clients.entries()) {
      for (const { reply } of connection.replies.splice(0)) {
        const { step, needs } = present(this.asked[index][this.answered[index]]);
        this.answered[index] += 1;
        expectFits(step, reply);
        expect(needs).toBeLessThanOrEqual(this.server.sink.durableSequence);
        if (typeof reply === "string") {
          expect(this.#sequenceOf(reply)).toBeLessThanOrEqual(this.server.sink.durableSequence);
        }
      }
    }
  }

  #ask(next: Exclude<Step, { kind: "durable" | "finish" }>): void {
    const connection = present(this.clients[next.client]);
    if (next.kind === "count") connection.post("COUNT");
    else if (next.kind === "put") {
      connection.post("PUT", `k${next.key}`, `v${this.#nextValue}`);
      this.#nextValue += 1;
    } else connection.post(next.kind, `k${next.key}`);
    // What is stalled runs later; then its answer alone can tell what it must wait for.
    const needs = connection.receiver.isStalled ? 0 : this.#needsOf(next);
    this.asked[next.client].push({ step: next, needs });
  }

  #needsOf(next: Step): number {
    if (next.kind === "count" || next.kind === "put") return this.server.sink.appliedSequence;
    if (next.kind !== "fetch" && next.kind !== "drop") return 0;
    const units = this.server.sink.units;
    const last = units.findLast(({ effects }) =>
      effects.some((effect) => "key" in effect && effect.key === `k${next.key}`),
    );
    return last?.sequence ?? 0;
  }

  /** The record that wrote this value; each value is written once. */
  #sequenceOf(value: string): number {
    const unit = this.server.sink.units.find(({ effects }) =>
      effects.some((effect) => "value" in effect && effect.value === value),
    );
    return present(unit).sequence;
  }
}

function trial(failpoints?: EngineFailpoints) {
  return fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
    const run = new Trial(failpoints);
    for (const next of steps) await run.take(next);
    await run.finish();
  });
}

describe("under random durability", () => {
  it("shows nothing that is not durable, and answers each connection in order", async () => {
    await fc.assert(trial(), { numRuns: 200 });
  });

  it("would notice replies that leave before their record is durable", async () => {
    const details = await fc.check(trial(planted), { numRuns: 200, seed: 1 });
    expect(details.failed).toBe(true);
  });
});

/** Each kind of question has its own kind of answer, so that a wrong order shows. */
function expectFits(question: Step, reply: unknown): void {
  if (question.kind === "put") expect(reply).toMatchObject({ text: "OK" });
  else if (question.kind === "drop" || question.kind === "count") {
    expect(reply).toBeTypeOf("number");
  } else if (reply !== null) expect(reply).toMatch(/^v\d+$/);
}

describe("after a recovery", () => {
  it("takes what was read back as durable", () => {
    const sink = new ManualSink();
    sink.appliedSequence = 7;
    const server = new InProcessServer({ commands: engineCommands(), isManual: true, sink });
    sink.durableSequence = 7;
    server.engine.start();
    expect(server.connect().command("COUNT")).toBe(0);
  });
});
