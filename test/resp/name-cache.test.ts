/**
 * The cache of command names gives each name back as it was sent.
 */
import { expect, test } from "vitest";
import { COMMAND_NAME_BYTES_MAX, NameCache } from "../../src/resp/name-cache.ts";

test("every name is given back byte for byte, also when names collide and come again", () => {
  const cache = new NameCache();
  const names: string[] = [];
  for (let number = 0; number < 2000; number += 1) {
    const name = `n${number.toString(36)}${String.fromCharCode(number & 255)}`;
    names.push(name.slice(0, COMMAND_NAME_BYTES_MAX));
  }
  names.push("", "GET", "get", "SET", "\0", "\xff");
  for (let round = 0; round < 2; round += 1) {
    for (const name of names) {
      const chunk = Buffer.from(`$$${name}\r\n`, "latin1");
      expect(cache.textOf(chunk, 2, 2 + name.length)).toBe(name);
    }
  }
});
