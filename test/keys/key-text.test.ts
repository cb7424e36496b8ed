/**
 * A master key's file in its three forms, and what is none of them.
 */
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { parseKeyFile } from "../../src/keys/key-text.ts";

const key = Buffer.from([...randomBytes(30), 0xfb, 0xff]);

test.each([
  ["raw", key],
  ["hexadecimal", Buffer.from(key.toString("hex"))],
  ["in capitals, between white space", Buffer.from(`\n ${key.toString("hex").toUpperCase()} \r\n`)],
  ["base64", Buffer.from(`${key.toString("base64")}\n`)],
  ["base64 without padding", Buffer.from(key.toString("base64").slice(0, 43))],
  ["base64 for names of files", Buffer.from(key.toString("base64url"))],
])("a key %s", (_form, bytes) => {
  expect(parseKeyFile(bytes)?.equals(key)).toBe(true);
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["31 bytes", Buffer.alloc(31, 1)],
  ["33 bytes", Buffer.alloc(33, 1)],
  ["63 digits", Buffer.from("a".repeat(63))],
  ["64 letters", Buffer.from("g".repeat(64))],
  ["a password", Buffer.from("correct horse battery staple")],
  ["base64 with bits that are left", Buffer.from(`${"A".repeat(42)}B=`)],
  ["base64 with a space", Buffer.from(`${"A".repeat(20)} ${"A".repeat(22)}=`)],
  ["base64 of 33 bytes", Buffer.from(randomBytes(33).toString("base64"))],
])("%s is no key", (_what, bytes) => {
  expect(parseKeyFile(bytes)).toBeUndefined();
});
