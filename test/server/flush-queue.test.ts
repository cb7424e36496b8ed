/**
 * The queue of connections with replies: few at once, each once, nobody forgotten.
 */
import { expect, it } from "vitest";
import { FlushQueue } from "../../src/server/flush-queue.ts";

const microtasks = () => new Promise<void>((resolve) => queueMicrotask(resolve));

it("lets a reply pass those of a large group that became durable together", async () => {
  const slices: (() => void)[] = [];
  const queue = new FlushQueue((run) => slices.push(run));
  const written: number[] = [];
  const add = (number: number) => queue.add({ flush: () => written.push(number) });
  for (let number = 0; number < 40; number += 1) add(number);
  expect(written).toEqual([]);
  await microtasks();
  expect(written).toEqual(Array.from({ length: 16 }, (_, number) => number));
  add(100);
  await microtasks();
  expect(written).toHaveLength(17);
  expect(written.at(-1)).toBe(100);
  expect(slices).toHaveLength(1);
  for (let slice = slices.shift(); slice !== undefined; slice = slices.shift()) slice();
  expect(written).toHaveLength(41);
  expect(new Set(written).size).toBe(41);
  add(200);
  await microtasks();
  expect(written.at(-1)).toBe(200);
});
