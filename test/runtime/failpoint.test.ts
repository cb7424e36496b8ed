/**
 * Failpoints: their text, and that the n-th passage is the one.
 */
import { afterEach, expect, test } from "vitest";
import {
  failpoint,
  heldAt,
  installFailpoints,
  isPlanted,
  parseFailpoints,
} from "../../src/runtime/failpoint.ts";

afterEach(() => installFailpoints([]));

test("parses actions, delays and passages", () => {
  expect(parseFailpoints("appender.sent=exit@12, gate.before-reply=delay:50")).toEqual([
    { name: "appender.sent", action: "exit", delayMs: 0, atPassage: 12 },
    { name: "gate.before-reply", action: "delay", delayMs: 50, atPassage: 1 },
  ]);
  expect(parseFailpoints("")).toEqual([]);
});

test.each([
  "x=exit",
  "appender.sent",
  "appender.sent=boom",
  "appender.sent=exit@0",
  "appender.sent=delay:x",
])("refuses %s", (text) => {
  expect(() => parseFailpoints(text)).toThrow(text);
});

test("fails at the n-th passage only", () => {
  installFailpoints(parseFailpoints("segment.created=error@2"));
  failpoint("segment.created");
  expect(() => failpoint("segment.created")).toThrow("segment.created");
  failpoint("segment.created");
  failpoint("segment.directory-synced");
});

test("a planted bug is on from its n-th passage", () => {
  expect(isPlanted("planted.reply-before-durable")).toBe(false);
  installFailpoints(parseFailpoints("planted.reply-before-durable=on@2"));
  const seen = [1, 2, 3].map(() => isPlanted("planted.reply-before-durable"));
  expect(seen).toEqual([false, true, true]);
});

test("holds who can wait for it at the n-th passage, until the signal", async () => {
  installFailpoints(parseFailpoints("recover.held=hold@2"));
  expect(heldAt("recover.held")).toBeUndefined();
  const held = heldAt("recover.held");
  expect(heldAt("recover.held")).toBeUndefined();
  let isReleased = false;
  void held?.then(() => {
    isReleased = true;
  });
  await Promise.resolve();
  expect(isReleased).toBe(false);
  process.emit("SIGUSR2");
  await held;
  expect(isReleased).toBe(true);
});
