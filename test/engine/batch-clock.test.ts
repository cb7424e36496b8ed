/**
 * The batch clock: one reading serves the commands of a batch, and none outlives it.
 */
import { expect, test } from "vitest";
import { BatchClock } from "../../src/engine/batch-clock.ts";

function make() {
  const world = { now: 1000, monotonic: 5, readings: 0 };
  const clock = new BatchClock({
    nowMs() {
      world.readings += 1;
      return world.now;
    },
    monotonicMs() {
      world.readings += 1;
      return world.monotonic;
    },
  });
  return { world, clock };
}

test("in a batch the end of a command is the start of the next one", () => {
  const { world, clock } = make();
  clock.begin();
  expect(clock.startMs()).toBe(5);
  world.monotonic = 5.25;
  expect(clock.endMs()).toBe(5.25);
  world.monotonic = 5.5;
  expect(clock.startMs()).toBe(5.25);
  clock.end();
  expect(clock.startMs()).toBe(5.5);
});

test("Unix time is read once a batch, and again after a millisecond", () => {
  const { world, clock } = make();
  clock.begin();
  expect(clock.nowMs(5)).toBe(1000);
  world.now = 2000;
  expect(clock.nowMs(5.5)).toBe(1000);
  expect(world.readings).toBe(1);
  expect(clock.nowMs(6)).toBe(2000);
  world.now = 3000;
  clock.begin();
  expect(clock.nowMs(6.1)).toBe(3000);
});

test("outside a batch every reading is fresh", () => {
  const { world, clock } = make();
  clock.begin();
  clock.nowMs(clock.startMs());
  clock.endMs();
  clock.end();
  world.now = 2000;
  world.monotonic = 5.125;
  expect(clock.startMs()).toBe(5.125);
  expect(clock.nowMs(5.125)).toBe(2000);
});
