/**
 * The keys of a folder: encryption begins, is refused, and is rotated; whatever call of the disk is
 * the last one, what is there opens with one of the two master keys, and reads every record.
 */
import { describe, expect, test } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { FolderKeys } from "../../src/keys/folder-keys.ts";
import { takeHandedKeys } from "../../src/keys/handed-keys.ts";
import { KeyRingDamaged } from "../../src/keys/key-ring.ts";
import { KeyRefused } from "../../src/keys/master-key.ts";
import { DiskError } from "../../src/runtime/disk.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { keepingLogger, type LogLine } from "../support/fake-node.ts";
import { FakeSecrets, maskingCommand, masterKeyOf } from "../support/secrets.ts";

const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const FOLDER = "/data";
const RING = `${FOLDER}/keys.json`;
const context = Buffer.from("context");
const fileOf = (number: number) => ({ file: `/key-${number}`, command: "" });
const nothing = { file: "", command: "" };
const DAY_MS = 86_400_000;
const never = { ageMaxMs: 0, sealedBytesMax: 0 };

class Folder {
  readonly disk = new FakeDisk(seededRandom(seed));
  readonly secrets = new FakeSecrets();
  readonly lines: LogLine[] = [];
  nowMs = 1_000_000;

  constructor() {
    for (const number of [1, 2, 3]) this.secrets.files.set(`/key-${number}`, masterKeyOf(number));
  }

  keys(master = fileOf(1)): FolderKeys {
    return new FolderKeys({
      disk: this.disk,
      folder: FOLDER,
      secrets: this.secrets,
      nowMs: () => this.nowMs,
      logger: keepingLogger(this.lines),
      master,
    });
  }

  async opened(master = fileOf(1), tailSequence = 0): Promise<FolderKeys> {
    const keys = this.keys(master);
    await keys.open();
    await keys.begin(tailSequence);
    return keys;
  }
}

interface Sealed {
  readonly keyId: number;
  readonly bytes: Buffer;
}

function seal({ cipher }: FolderKeys): Sealed {
  if (cipher === undefined) throw new Error("nothing to seal with");
  return { keyId: cipher.keyId, bytes: cipher.seal(Buffer.from("plain"), context) };
}

function canOpen({ cipher }: Pick<FolderKeys, "cipher">, { keyId, bytes }: Sealed): boolean {
  return cipher?.open(keyId, bytes, context).toString() === "plain";
}

describe("encryption of a folder", () => {
  test("begins behind what was plain, and goes on at the next start", async () => {
    const folder = new Folder();
    const keys = folder.keys();
    await keys.open();
    expect(folder.disk.paths()).toEqual([]);
    expect(keys.sealedFrom).toBe(Number.POSITIVE_INFINITY);
    await keys.begin(41);
    const sealed = seal(keys);
    const next = await folder.opened(fileOf(1), 90);
    expect([keys.sealedFrom, next.sealedFrom]).toEqual([42, 42]);
    expect(canOpen(next, sealed)).toBe(true);
    expect(next.cipher?.keyId).toBe(1);
  });

  test("is none without a master key, and then nothing is written", async () => {
    const folder = new Folder();
    const keys = await folder.opened(nothing);
    expect([keys.cipher, keys.keyCount, keys.hand()]).toEqual([undefined, 0, undefined]);
    await keys.close();
    expect(folder.disk.paths()).toEqual([]);
    const rotated = keys.rotate(fileOf(1), () => 0);
    await expect(rotated).rejects.toThrow("encryption begins at a start with --master-key-file");
  });

  test("is refused without a key, with another, with a ring that is damaged; nothing is changed", async () => {
    const folder = new Folder();
    await folder.opened();
    const content = Buffer.from(folder.disk.content(RING));
    await expect(folder.opened(nothing)).rejects.toThrow(`${FOLDER} is encrypted`);
    await expect(folder.opened(nothing)).rejects.toBeInstanceOf(KeyRefused);
    await expect(folder.opened(fileOf(2))).rejects.toThrow("wrong master key: /key-2");
    await expect(folder.opened({ file: "/absent", command: "" })).rejects.toThrow("ENOENT");
    expect(folder.disk.content(RING)).toEqual(content);
    folder.disk.content(RING)[100] ^= 1;
    await expect(folder.opened()).rejects.toBeInstanceOf(KeyRingDamaged);
    expect(folder.disk.paths()).toEqual([RING]);
  });

  test("is refused by a ring longer than limits.keyRingBytesMax, which is not read", async () => {
    const folder = new Folder();
    folder.disk.place(RING, Buffer.alloc(limits.keyRingBytesMax + 1, " "));
    await expect(folder.opened()).rejects.toThrow("more than any key ring");
    folder.disk.place(RING, Buffer.alloc(limits.keyRingBytesMax, " "));
    await expect(folder.opened()).rejects.toThrow("it is no JSON document");
  });

  test("lets nobody change keys before all was read back: where they end is not known", async () => {
    const folder = new Folder();
    await folder.opened();
    const keys = folder.keys();
    await expect(keys.rotate(fileOf(2), () => 1)).rejects.toThrow("before writes are taken");
    await keys.open();
    await expect(keys.rotate(fileOf(2), () => 1)).rejects.toThrow("before writes are taken");
    await keys.begin(500);
    await keys.rotate(fileOf(2), () => 1);
    await keys.dropUnneeded(async () => ({ oldestSequence: 500, keyIds: new Set() }));
    expect(keys.keyCount).toBe(2);
    await keys.dropUnneeded(async () => ({ oldestSequence: 501, keyIds: new Set() }));
    expect(keys.keyCount).toBe(1);
  });

  test("never prints what is secret", async () => {
    const folder = new Folder();
    const keys = await folder.opened();
    await keys.rotate(fileOf(2), () => 3);
    await expect(folder.opened(fileOf(1))).rejects.toThrow("wrong master key");
    const told = JSON.stringify(folder.lines);
    for (const { secret } of keys.hand()?.keys ?? []) {
      const bytes = Buffer.from(secret);
      expect(told.includes(bytes.toString("hex")) || told.includes(bytes.toString("base64"))).toBe(
        false,
      );
    }
    expect(told).not.toContain("master 1");
  });
});

describe("rotation", () => {
  test("takes a new master key and a new data key; what was sealed before is read", async () => {
    const folder = new Folder();
    const keys = await folder.opened();
    const old = seal(keys);
    await keys.rotate(fileOf(2), () => 7);
    const young = seal(keys);
    expect([old.keyId, young.keyId]).toEqual([1, 2]);
    const next = await folder.opened(fileOf(2), 9);
    expect([canOpen(next, old), canOpen(next, young)]).toEqual([true, true]);
    await expect(folder.opened(fileOf(1))).rejects.toBeInstanceOf(KeyRefused);
  });

  test("to the same master key is a new data key, and from a file to a command works", async () => {
    const folder = new Folder();
    folder.secrets.command = maskingCommand(0x5a);
    const keys = await folder.opened();
    await keys.rotate(fileOf(1), () => 7);
    expect(keys.cipher?.keyId).toBe(2);
    const command = { file: "", command: "key-service" };
    await keys.rotate(command, () => 8);
    const next = await folder.opened(command, 9);
    expect(next.cipher?.keyId).toBe(3);
    await expect(folder.opened(fileOf(1))).rejects.toThrow("start with --master-key-command");
  });

  test("that its master key refuses changes nothing", async () => {
    const folder = new Folder();
    const keys = await folder.opened();
    const content = Buffer.from(folder.disk.content(RING));
    await expect(keys.rotate({ file: "/absent", command: "" }, () => 0)).rejects.toThrow("ENOENT");
    await expect(keys.rotate(nothing, () => 0)).rejects.toThrow("cannot be turned off");
    await expect(keys.rotate({ file: "", command: "key-service" }, () => 0)).rejects.toThrow(
      'the master key\'s command "key-service" failed to wrap: no command',
    );
    expect(folder.disk.content(RING)).toEqual(content);
    expect(keys.cipher?.keyId).toBe(1);
    await keys.rotate(fileOf(2), () => 0);
    expect(keys.cipher?.keyId).toBe(2);
  });

  test(`interrupted at any call of the disk leaves what one master key opens (seed ${seed})`, async () => {
    const opened = { old: 0, new: 0 };
    for (let last = 1; ; last += 1) {
      const folder = new Folder();
      const keys = await folder.opened();
      const sealed = [seal(keys)];
      folder.disk.callCount = 0;
      folder.disk.disturb = (call) => (call >= last ? "EIO" : undefined);
      const isDone = await keys
        .rotate(fileOf(2), () => 5)
        .then(
          () => true,
          (failure: unknown) => {
            expect(String(failure)).toContain("keep both");
            return false;
          },
        );
      const callCount = folder.disk.callCount;
      sealed.push(seal(keys));
      folder.disk.disturb = () => undefined;
      folder.disk.losePower();
      const outcomes = await Promise.allSettled([
        folder.opened(fileOf(1), 9),
        folder.opened(fileOf(2), 9),
      ]);
      const fulfilled = outcomes.filter((outcome) => outcome.status === "fulfilled");
      expect(fulfilled.length, `call ${last}`).toBe(1);
      for (const block of sealed) expect(canOpen(fulfilled[0].value, block)).toBe(true);
      if (outcomes[0].status === "fulfilled") opened.old += 1;
      else opened.new += 1;
      // What was told to be done is done.
      if (isDone) expect(outcomes[1].status, `call ${last}`).toBe("fulfilled");
      if (callCount < last) break;
    }
    expect(opened.old).toBeGreaterThan(3);
    expect(opened.new).toBeGreaterThan(3);
  });

  test(`that failed goes on with the old keys, whatever was left (seed ${seed})`, async () => {
    for (let only = 1; only < 8; only += 1) {
      const folder = new Folder();
      const keys = await folder.opened();
      folder.disk.callCount = 0;
      folder.disk.disturb = (call) => (call === only ? "ENOSPC" : undefined);
      await keys.rotate(fileOf(2), () => 5).catch(() => undefined);
      folder.disk.disturb = () => undefined;
      const sealed = seal(keys);
      await keys.rotate(fileOf(3), () => 6);
      folder.disk.losePower();
      expect(canOpen(await folder.opened(fileOf(3)), sealed)).toBe(true);
    }
  });

  test("one after another, however many are asked for at once", async () => {
    const folder = new Folder();
    const keys = await folder.opened();
    await Promise.all([1, 2, 3, 1, 2].map((number) => keys.rotate(fileOf(number), () => 5)));
    expect(keys.cipher?.keyId).toBe(6);
    expect((await folder.opened(fileOf(2))).keyCount).toBe(6);
  });
});

describe("a new data key by itself", () => {
  test("comes with age, needs no master key, and not before its time", async () => {
    const folder = new Folder();
    const keys = await folder.opened();
    folder.secrets.files.clear();
    const bounds = { ageMaxMs: 90 * DAY_MS, sealedBytesMax: 0 };
    folder.nowMs += 90 * DAY_MS - 1;
    await keys.care(bounds, () => 4);
    expect(keys.cipher?.keyId).toBe(1);
    folder.nowMs += 1;
    await keys.care(bounds, () => 4);
    await keys.care(bounds, () => 4);
    expect(keys.cipher?.keyId).toBe(2);
    folder.nowMs += 1000 * DAY_MS;
    await keys.care(never, () => 4);
    expect(keys.cipher?.keyId).toBe(2);
  });

  test("comes with what was sealed, counted over starts", async () => {
    const folder = new Folder();
    const bounds = { ageMaxMs: 0, sealedBytesMax: 100_000 };
    const sealSome = (keys: FolderKeys) => keys.cipher?.seal(Buffer.alloc(30_000), context);
    for (let start = 0; start < 3; start += 1) {
      const keys = await folder.opened();
      sealSome(keys);
      await keys.care(bounds, () => 4);
      if (start === 1) await keys.close();
      expect(keys.cipher?.keyId).toBe(1);
    }
    const keys = await folder.opened();
    sealSome(keys);
    await keys.care(bounds, () => 4);
    expect(keys.cipher?.keyId).toBe(2);
    sealSome(keys);
    await keys.care(bounds, () => 4);
    expect(keys.cipher?.keyId).toBe(2);
  });

  test("that the disk has no room for is tried again", async () => {
    const folder = new Folder();
    const keys = await folder.opened();
    folder.nowMs += DAY_MS;
    folder.disk.disturb = () => "ENOSPC";
    const caring = keys.care({ ageMaxMs: 1, sealedBytesMax: 0 }, () => 4);
    await expect(caring).rejects.toBeInstanceOf(DiskError);
    folder.disk.disturb = () => undefined;
    expect(keys.cipher?.keyId).toBe(1);
    await keys.care({ ageMaxMs: 1, sealedBytesMax: 0 }, () => 4);
    expect(keys.cipher?.keyId).toBe(2);
  });
});

describe("an old data key", () => {
  const needed = (oldestSequence: number, ...ids: number[]) => {
    return async () => ({ oldestSequence, keyIds: new Set(ids) });
  };

  test("goes once neither a record nor a snapshot needs it", async () => {
    const folder = new Folder();
    const keys = await folder.opened();
    const sealed = seal(keys);
    await keys.rotate(fileOf(1), () => 20);
    await keys.rotate(fileOf(1), () => 30);
    await keys.dropUnneeded(needed(20));
    expect(keys.keyCount).toBe(3);
    await keys.dropUnneeded(async () => undefined);
    await keys.dropUnneeded(needed(21, 1));
    expect(keys.keyCount).toBe(3);
    await keys.dropUnneeded(needed(21));
    expect(keys.keyCount).toBe(2);
    expect(() => canOpen(keys, sealed)).toThrow("data key 1 is not in the key ring");
    await keys.dropUnneeded(needed(1000));
    expect(keys.keyCount).toBe(1);
    expect((await folder.opened()).cipher?.keyId).toBe(3);
  });

  test("whose end was not noted is kept until the next start knows it", async () => {
    const folder = new Folder();
    const keys = await folder.opened();
    let saveCount = 0;
    folder.disk.disturb = (_call, what, path) => {
      if (what === "open" && path.endsWith(".new")) saveCount += 1;
      return saveCount > 1 ? "ENOSPC" : undefined;
    };
    await keys.rotate(fileOf(1), () => 20);
    folder.disk.disturb = () => undefined;
    await keys.dropUnneeded(needed(1000));
    expect(keys.keyCount).toBe(2);
    expect(folder.lines.map(({ level }) => level)).toContain("warn");
    const next = await folder.opened(fileOf(1), 25);
    await next.dropUnneeded(needed(25));
    expect(next.keyCount).toBe(2);
    await next.dropUnneeded(needed(26));
    expect(next.keyCount).toBe(1);
  });
});

test("keys that are handed to another process open what was sealed, and seal with another salt", async () => {
  const folder = new Folder();
  const keys = await folder.opened(fileOf(1), 10);
  const sealed = seal(keys);
  const { cipher, sealedFrom } = takeHandedKeys(structuredClone(keys.hand()), folder.secrets);
  expect(sealedFrom).toBe(11);
  expect(cipher?.open(sealed.keyId, sealed.bytes, context).toString()).toBe("plain");
  const theirs = cipher?.seal(Buffer.from("plain"), context) ?? Buffer.alloc(0);
  expect(theirs.subarray(0, 16)).not.toEqual(sealed.bytes.subarray(0, 16));
  expect(canOpen(keys, { keyId: 1, bytes: theirs })).toBe(true);
});
