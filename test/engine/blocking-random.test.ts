/**
 * Clients that push, pop, move and wait at random, while records become durable at random: every
 * value is delivered once or still there, and at no moment has anybody been shown what a crash at
 * that moment would take away, or bring back.
 */
import { describe, expect, it } from "vitest";
import { toBinaryString } from "../../src/base/bytes.ts";
import type { EngineFailpoints } from "../../src/engine/engine-parts.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import {
  type DecodedReply,
  type InProcessClient,
  InProcessServer,
} from "../support/in-process-server.ts";

const KEYS = ["a", "b", "c"];
const CLIENT_COUNT = 6;
const STEPS = 400;

type Words = readonly (string | number)[];

class Chaos {
  readonly server: InProcessServer;
  readonly #random: () => number;
  readonly #mayLeave: boolean;
  readonly #clients: InProcessClient[] = [];
  /** What each client has sent and not been answered, oldest first. */
  readonly #sent = new Map<InProcessClient, Words[]>();
  /** What would be left after a crash: the durable units, folded. */
  readonly #survivor = new Keyspace();
  #survivedCount = 0;
  #pushedCount = 0;
  readonly #acknowledged = new Set<string>();
  readonly #delivered = new Set<string>();
  /** Sent to clients that left before they were answered. */
  readonly #unheard = new Set<string>();

  constructor(seed: number, mayLeave: boolean, failpoints?: EngineFailpoints) {
    const random = seededRandom(seed);
    this.server = new InProcessServer({ isManual: true, failpoints });
    this.#mayLeave = mayLeave;
    this.#random = () => random.fraction();
    for (let index = 0; index < CLIENT_COUNT; index += 1) this.#join();
  }

  step(): void {
    const chance = this.#random();
    const at = Math.floor(this.#random() * this.#clients.length);
    const client = this.#clients[at];
    if (chance < 0.2) this.#makeDurable();
    else if (chance < 0.25) this.server.world.advance(Math.floor(this.#random() * 100));
    else if (chance < 0.27 && this.#mayLeave) this.#leave(at);
    else this.#send(client, this.#command());
    this.server.world.runSoon();
    this.#hear();
    this.#check();
  }

  /** Nobody pushes any more, all that waits times out, all is durable. */
  finish(): void {
    this.server.world.advance(1000);
    this.server.sink.makeDurable();
    this.#makeDurable();
    for (let round = 0; round < 100; round += 1) {
      this.server.world.advance(1000);
      this.server.sink.makeDurable();
    }
    this.#makeDurable();
    this.#hear();
    this.#check();
    for (const client of this.#clients) expect(this.#sent.get(client)).toEqual([]);
    const left = new Set(this.#values());
    for (let index = 0; index < this.#pushedCount; index += 1) {
      const value = `v${index}`;
      if (this.#unheard.has(value)) continue;
      const isHeard = this.#delivered.has(value);
      if (this.#acknowledged.has(value)) {
        expect(isHeard || left.has(value) || this.#mayLeave, value).toBe(true);
      }
      expect(isHeard && left.has(value), value).toBe(false);
    }
  }

  #join(): void {
    const client = this.server.connect();
    this.#clients.push(client);
    this.#sent.set(client, []);
  }

  #leave(at: number): void {
    const [client] = this.#clients.splice(at, 1);
    for (const words of this.#sent.get(client) ?? []) {
      // Its value may be pushed or not; and it may have popped any.
      this.#unheard.add(String(words[2]));
    }
    client.receiver.connectionClosed();
    this.#join();
  }

  #pick(): string {
    return KEYS[Math.floor(this.#random() * KEYS.length)];
  }

  #command(): Words {
    const chance = this.#random();
    const side = this.#random() < 0.5 ? "LEFT" : "RIGHT";
    if (chance < 0.4) {
      this.#pushedCount += 1;
      return [side === "LEFT" ? "LPUSH" : "RPUSH", this.#pick(), `v${this.#pushedCount - 1}`];
    }
    if (chance < 0.6) return ["BLPOP", this.#pick(), this.#pick(), "0.05"];
    if (chance < 0.7) return ["BLMPOP", "0.2", "2", this.#pick(), this.#pick(), side];
    if (chance < 0.85) return ["BLMOVE", this.#pick(), this.#pick(), side, side, "0.1"];
    if (chance < 0.95) return ["LPOP", this.#pick()];
    return ["PING"];
  }

  #send(client: InProcessClient, words: Words): void {
    this.#sent.get(client)?.push(words);
    client.post(...words);
  }

  #makeDurable(): void {
    const { sink } = this.server;
    const open = sink.appliedSequence - sink.durableSequence;
    sink.makeDurable(sink.durableSequence + Math.ceil(this.#random() * open));
    while (this.#survivedCount < sink.durableSequence) {
      const unit = sink.units[this.#survivedCount];
      for (const effect of unit.effects) this.#survivor.apply(effect, 0);
      this.#survivedCount += 1;
    }
  }

  #hear(): void {
    for (const client of this.#clients) {
      for (let reply = client.take(); reply !== undefined; reply = client.take()) {
        this.#heard(this.#sent.get(client)?.shift() ?? [], reply);
      }
    }
  }

  #heard(words: Words, reply: DecodedReply): void {
    if (words[0] === "LPUSH" || words[0] === "RPUSH") {
      expect(reply).toBeTypeOf("number");
      this.#acknowledged.add(String(words[2]));
    } else if (words[0] === "BLMOVE") {
      // What was moved is still there for others.
      if (reply !== null) expect(reply).toMatch(/^v\d+$/);
    } else if (words[0] !== "PING" && reply !== null) {
      const value = String(Array.isArray(reply) ? reply.flat(2).at(-1) : reply);
      expect(value).toMatch(/^v\d+$/);
      expect(this.#delivered.has(value), `${value} delivered twice`).toBe(false);
      this.#delivered.add(value);
    }
  }

  #values(): string[] {
    return KEYS.flatMap((key) => {
      const value = this.#survivor.peek(0, key)?.value;
      return value?.type === "list" ? [...value].map(toBinaryString) : [];
    });
  }

  #check(): void {
    const left = this.#values();
    expect(new Set(left).size).toBe(left.length);
    for (const value of left) expect(this.#delivered.has(value), `${value} is back`).toBe(false);
    if (this.#unheard.size > 0) return;
    const there = new Set(left);
    for (const value of this.#acknowledged) {
      if (!this.#delivered.has(value)) expect(there.has(value), `${value} is lost`).toBe(true);
    }
  }
}

describe("clients that wait at random", () => {
  it("are caught when they are shown what is not durable", () => {
    const planted: EngineFailpoints = {
      pass() {},
      isOn: (name) => name === "planted.reply-before-durable",
    };
    const chaos = new Chaos(1, false, planted);
    expect(() => {
      for (let step = 0; step < STEPS; step += 1) chaos.step();
    }).toThrow(/is back|is lost/);
  });

  const given = process.env["LODESTONE_SEED"];
  const first = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  for (let index = 0; index < 20; index += 1) {
    const seed = first + index;
    const mayLeave = index % 2 === 1;
    const who = mayLeave ? "and leave " : "";
    it(`${who}lose, repeat and bring back nothing (LODESTONE_SEED=${seed})`, () => {
      const chaos = new Chaos(seed, mayLeave);
      for (let step = 0; step < STEPS; step += 1) chaos.step();
      chaos.finish();
    });
  }
});
