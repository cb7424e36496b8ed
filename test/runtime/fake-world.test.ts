/**
 * The fake world: timers run at their time, in order, and the same seed gives the same numbers.
 */
import { expect, test } from "vitest";
import { FakeWorld, seededRandom } from "../../src/runtime/fake-world.ts";

test("runs timers in order of their time, periods again and again", () => {
  const world = new FakeWorld();
  const startMs = world.nowMs();
  const seen: string[] = [];
  world.after(30, () => seen.push(`after ${world.monotonicMs()}`));
  const period = world.every(20, () => seen.push(`every ${world.monotonicMs()}`));
  world.after(10, () => world.soon(() => seen.push(`soon ${world.monotonicMs()}`)));
  world.advance(45);
  expect(seen).toEqual(["soon 10", "every 20", "after 30", "every 40"]);
  period.cancel();
  world.advance(100);
  expect(seen.length).toBe(4);
  expect(world.nowMs() - startMs).toBe(145);
});

test("wall-clock time may jump while monotonic time does not", () => {
  const world = new FakeWorld();
  const startMs = world.nowMs();
  world.jump(-3_600_000);
  expect(world.nowMs()).toBe(startMs - 3_600_000);
  expect(world.monotonicMs()).toBe(0);
});

test("the same seed gives the same numbers", () => {
  const numbers = (seed: number): number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 50 }, () => random.fraction());
  };
  expect(numbers(7)).toEqual(numbers(7));
  expect(numbers(7)).not.toEqual(numbers(8));
  expect(numbers(7).every((value) => value >= 0 && value < 1)).toBe(true);
  expect(seededRandom(3).hex(8)).toMatch(/^[0-9a-f]{16}$/);
});
