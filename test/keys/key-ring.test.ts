/**
 * The key ring: what is written is read, by its master key alone; any byte of it that was changed,
 * by accident or on purpose, is found and told apart from a wrong key.
 */
import { describe, expect, test } from "vitest";
import { crc32c } from "../../src/base/crc32c.ts";
import { limits } from "../../src/base/limits.ts";
import { KeyRing, KeyRingDamaged } from "../../src/keys/key-ring.ts";
import { decodeKeyRing, encodeKeyRing } from "../../src/keys/key-ring-format.ts";
import { KeyRefused, loadMasterKey, type MasterKey } from "../../src/keys/master-key.ts";
import { FakeSecrets, maskingCommand, masterKeyOf } from "../support/secrets.ts";

const PATH = "/data/keys.json";
const secrets = new FakeSecrets();
for (const number of [1, 2]) secrets.files.set(`/key-${number}`, masterKeyOf(number));

async function masterOf(setting: { file?: string; command?: string }): Promise<MasterKey> {
  const { file = "", command = "" } = setting;
  const master = await loadMasterKey({ file, command }, secrets, () => undefined);
  if (master === undefined) throw new Error("no master key");
  return master;
}

const first = await masterOf({ file: "/key-1" });
const second = await masterOf({ file: "/key-2" });
const open = (bytes: Buffer, master: MasterKey) => KeyRing.open(bytes, PATH, master, secrets);

async function ringOf(keyCount: number): Promise<KeyRing> {
  let ring = await KeyRing.make(first, 8, 1000, secrets);
  for (let count = 1; count < keyCount; count += 1) ring = ring.withNewKey(1000 + count);
  return ring;
}

describe("a key ring", () => {
  test("is read as it was written, and shows no key", async () => {
    const ring = (await ringOf(3)).withNotes(70, 12_345);
    const text = ring.encode();
    const read = await open(text, first);
    expect(read.keys).toEqual(ring.keys);
    expect(read.sealedFrom).toBe(8);
    expect(read.keys.map(({ lastSequence }) => lastSequence)).toEqual([70, 70, null]);
    expect(read.present).toMatchObject({ id: 3, sealedBytes: 12_345, createdAtMs: 1002 });
    for (const { secret } of [...ring.keys, { secret: masterKeyOf(1) }]) {
      for (const form of ["hex", "base64", "latin1"] as const) {
        expect(text.includes(secret.toString(form))).toBe(false);
      }
    }
  });

  test("is opened by the new master key alone, with a ring key of its own", async () => {
    const ring = await ringOf(2);
    const text = (await ring.withMaster(second)).encode();
    expect((await open(text, second)).keys).toEqual(ring.keys);
    await expect(open(text, first)).rejects.toThrow(
      `wrong master key: /key-1 has the fingerprint ${first.fingerprint}, and the key ring ` +
        `${PATH} is wrapped by one with ${second.fingerprint}`,
    );
    await expect(open(text, first)).rejects.toBeInstanceOf(KeyRefused);
  });

  test("loses the keys that it is told, and never its present one", async () => {
    const ring = (await ringOf(3)).without(new Set([1, 2]));
    expect((await open(ring.encode(), first)).keys.map(({ id }) => id)).toEqual([3]);
    expect(ring.withNewKey(0).present.id).toBe(4);
    expect(() => ring.without(new Set([3]))).toThrow("the present key");
  });

  test("takes limits.dataKeysMax keys and no more", async () => {
    const { document, sizeBytes } = await decodedWithKeys(limits.dataKeysMax);
    expect(document?.keys.length).toBe(limits.dataKeysMax);
    expect(sizeBytes).toBeLessThan(limits.keyRingBytesMax / 1.3);
    expect((await decodedWithKeys(limits.dataKeysMax + 1)).problem).toContain("a part of it");
  });
});

async function decodedWithKeys(count: number) {
  const ringKey = Buffer.alloc(32);
  const keys = Array.from({ length: count }, (_, index) => {
    const counts = { createdAtMs: 1.7e12, lastSequence: 2 ** 50, sealedBytes: 2 ** 50 };
    return { id: index + 1, ...counts, wrapped: Buffer.alloc(72).toString("base64") };
  });
  const master = { kind: "file", fingerprint: "" } as const;
  const text = encodeKeyRing({ master, wrappedRingKey: "", sealedFrom: 1, keys }, ringKey);
  const decoded = decodeKeyRing(text);
  if (typeof decoded === "string") return { problem: decoded };
  return { document: decoded.document, sizeBytes: text.length };
}

describe("a key ring that was changed", () => {
  test("by a flipped bit at any byte is damaged, and not a wrong key", async () => {
    const text = (await ringOf(2)).encode();
    for (let at = 0; at < text.length; at += 1) {
      const flipped = Buffer.from(text);
      flipped[at] ^= 1 << (at % 8);
      await expect(open(flipped, first), `byte ${at}`).rejects.toBeInstanceOf(KeyRingDamaged);
    }
  });

  test("by being cut anywhere is damaged", async () => {
    const text = (await ringOf(1)).encode();
    for (let end = 0; end < text.length; end += 1) {
      await expect(open(text.subarray(0, end), first)).rejects.toBeInstanceOf(KeyRingDamaged);
    }
  });

  test.each([
    ["sealedFrom", (text: string) => text.replace('"sealedFrom": 8', '"sealedFrom": 9')],
    [
      "the time of a key",
      (text: string) => text.replace('"createdAtMs": 1000', '"createdAtMs": 9'),
    ],
    ["the order of keys", (text: string) => text.replace('"id": 1', '"id": 4')],
    [
      "a key's last record",
      (text: string) => text.replace(/"lastSequence": \d+/, '"lastSequence": 1'),
    ],
    ["the fingerprint", (text: string) => text.replace(first.fingerprint, "0".repeat(16))],
  ])("by somebody who mends its checksum is damaged: %s", async (_what, change) => {
    const text = (await ringOf(2)).withNotes(5, 0).encode().toString();
    const changed = change(text);
    expect(changed).not.toBe(text);
    const parsed = JSON.parse(changed) as Record<string, unknown>;
    const { checksum: _checksum, mac, ...body } = parsed;
    const mended = { ...body, checksum: crc32c(Buffer.from(JSON.stringify(body))), mac };
    const bytes = Buffer.from(`${JSON.stringify(mended, undefined, 2)}\n`);
    await expect(open(bytes, first)).rejects.toBeInstanceOf(KeyRingDamaged);
  });

  test.each([
    ["another document", '{"format":"something else"}\n'],
    ["a newer version", '{"format":"lodestone key ring","version":2}\n'],
    ["null", "null\n"],
    ["a list", "[]\n"],
  ])("into %s is damaged", async (_what, text) => {
    await expect(open(Buffer.from(text), first)).rejects.toBeInstanceOf(KeyRingDamaged);
  });
});

describe("a master key by command", () => {
  test("is asked once at a start, however many keys there are", async () => {
    secrets.command = maskingCommand(0x55);
    const command = await masterOf({ command: 'key-service --name "my key"' });
    let ring = await KeyRing.make(command, 1, 0, secrets);
    for (let count = 0; count < 20; count += 1) ring = ring.withNewKey(0);
    secrets.commandCount = 0;
    expect((await open(ring.encode(), command)).keys).toEqual(ring.keys);
    expect(secrets.commandCount).toBe(1);
  });

  test("gets its words and the mode, without a shell", async () => {
    const seen: (readonly string[])[] = [];
    secrets.command = (words, input) => {
      seen.push(words);
      return maskingCommand(1)(words, input);
    };
    const command = await masterOf({ command: `a 'b  c' "$HOME;" d` });
    await KeyRing.make(command, 1, 0, secrets);
    expect(seen).toEqual([
      ["a", "b  c", "$HOME;", "d", "wrap"],
      ["a", "b  c", "$HOME;", "d", "unwrap"],
    ]);
  });

  test("that unwraps with another key is refused, and is told apart from a key in a file", async () => {
    secrets.command = maskingCommand(0x55);
    const command = await masterOf({ command: "key-service --token secret" });
    const text = (await KeyRing.make(command, 1, 0, secrets)).encode();
    secrets.command = maskingCommand(0x33);
    await expect(open(text, command)).rejects.toThrow('"key-service" unwraps does not open');
    await expect(open(text, command)).rejects.toBeInstanceOf(KeyRefused);
    await expect(open(text, first)).rejects.toThrow("start with --master-key-command");
  });

  test("that does not give back what it was given is refused before anything is written", async () => {
    secrets.command = (_words, input) => Buffer.concat([input, Buffer.from([1])]);
    const command = await masterOf({ command: "key-service" });
    await expect(KeyRing.make(command, 1, 0, secrets)).rejects.toThrow("does not unwrap");
    secrets.command = () => Buffer.alloc(0);
    await expect(KeyRing.make(command, 1, 0, secrets)).rejects.toThrow("printed nothing for wrap");
  });
});

describe("a master key's file", () => {
  test("that is absent, no key, or beside a command is refused with what to do", async () => {
    secrets.files.set("/short", Buffer.from("short"));
    await expect(masterOf({ file: "/absent" })).rejects.toThrow("cannot be read: ENOENT");
    await expect(masterOf({ file: "/short" })).rejects.toThrow("/short holds no key: 32 bytes");
    await expect(masterOf({ file: "/key-1", command: "x" })).rejects.toThrow("not both");
    await expect(masterOf({ command: '"unbalanced' })).rejects.toThrow("quotes are unbalanced");
  });

  test("that others may read is told", async () => {
    secrets.open.add("/key-1");
    const warnings: string[] = [];
    await loadMasterKey({ file: "/key-1", command: "" }, secrets, (text) => warnings.push(text));
    expect(warnings).toEqual(["others may read the master key's file /key-1: chmod 600 it"]);
  });
});
