/**
 * Rests: memory goes back once after work, once more when the rest lasts, and never during work.
 */
import { describe, expect, it } from "vitest";
import { REST_PERIOD_MS, RestCycle } from "../../src/engine/rest-cycle.ts";
import { FakeWorld } from "../../src/runtime/fake-world.ts";
import { InProcessServer } from "../support/in-process-server.ts";

function start() {
  const world = new FakeWorld();
  const seen = { givenBack: 0, seconds: 0 };
  const cycle = new RestCycle(world, {
    processorSeconds: () => ({ system: seen.seconds / 2, user: seen.seconds / 2 }),
    giveBackMemory: () => {
      seen.givenBack += 1;
    },
  });
  cycle.start();
  /** Seconds in which so much of a processor is used. */
  const pass = (seconds: number, share: number): number => {
    const before = seen.givenBack;
    for (let second = 0; second < seconds; second += 1) {
      seen.seconds += share;
      world.advance(REST_PERIOD_MS);
    }
    return seen.givenBack - before;
  };
  return { cycle, pass };
}

describe("a rest", () => {
  it("gives back what the start left, and again when it has lasted", () => {
    const { pass } = start();
    expect(pass(1, 0)).toBe(1);
    expect(pass(14, 0)).toBe(0);
    expect(pass(1, 0)).toBe(1);
    expect(pass(1000, 0)).toBe(0);
  });

  it("gives nothing back during work, and what it left afterwards", () => {
    const { pass } = start();
    pass(100, 0);
    expect(pass(60, 1.9)).toBe(0);
    expect(pass(1, 0.1)).toBe(1);
    expect(pass(100, 0.001)).toBe(1);
  });

  it("is not worth while after little work, until that adds up", () => {
    const { pass } = start();
    pass(100, 0);
    expect(pass(1, 0.5)).toBe(0);
    expect(pass(3, 0.125)).toBe(0);
    expect(pass(100, 0.125)).toBe(13);
  });

  it("need not be waited for: MEMORY PURGE gives back at once", () => {
    const server = new InProcessServer();
    const before = server.givenBackCount;
    server.connect().command("MEMORY", "PURGE");
    expect(server.givenBackCount).toBe(before + 1);
  });

  it("ends with the engine", () => {
    const { cycle, pass } = start();
    cycle.stop();
    expect(pass(100, 0)).toBe(0);
  });
});
