/**
 * A whole node on a fake disk whose folder is encrypted: it begins, comes back, is refused without
 * its key, and changes keys while it serves.
 */
import { afterEach, describe, expect, test } from "vitest";
import { KeyRingDamaged } from "../../src/keys/key-ring.ts";
import { KeyRefused } from "../../src/keys/master-key.ts";
import { LogDamaged, LogUnfit } from "../../src/log/log-driver.ts";
import { exitCodeOf } from "../../src/node/fatal.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { connect, type FakeNode, startFakeNode } from "../support/fake-node.ts";
import { FakeSecrets, maskingCommand, masterKeyOf } from "../support/secrets.ts";

const RING = "/log/keys.json";
const WORDS = "nobody should read this";
const started: FakeNode[] = [];

afterEach(async () => {
  for (const { node } of started.splice(0)) {
    await node.whenReady.catch(() => undefined);
    await node.stop().catch(() => undefined);
  }
});

class Place {
  readonly disk = new FakeDisk(seededRandom(1));
  readonly secrets = new FakeSecrets();
  configuration: readonly (readonly [string, string])[] = [];

  constructor() {
    for (const number of [1, 2]) this.secrets.files.set(`/key-${number}`, masterKeyOf(number));
  }

  start(file: string, command = ""): FakeNode {
    const { disk, secrets, configuration } = this;
    const node = startFakeNode(disk, {
      masterKey: { file, command },
      secrets,
      configuration: [["master-key-file", file], ["master-key-command", command], ...configuration],
    });
    started.push(node);
    return node;
  }

  async serve(file: string, command = "") {
    const fake = this.start(file, command);
    await fake.node.whenReady;
    return { ...fake, send: connect(fake.node) };
  }

  async failure(file: string): Promise<unknown> {
    const fake = this.start(file);
    const failure = await fake.node.whenReady.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    await fake.node.stop();
    return failure;
  }

  contents(): (readonly [string, string])[] {
    return this.disk.paths().map((path) => [path, this.disk.content(path).toString("latin1")]);
  }

  shows(words: string): boolean {
    return this.contents().some(([, content]) => content.includes(words));
  }
}

async function information(send: ReturnType<typeof connect>): Promise<string[]> {
  const text = String(await send("INFO", "log"));
  return text.split("\r\n").filter((line) => line.startsWith("encryption"));
}

describe("an encrypted folder", () => {
  test("shows nothing of its keys and values, and comes back with all of them", async () => {
    const place = new Place();
    const first = await place.serve("/key-1");
    for (let number = 0; number < 50; number += 1) {
      await first.send("SET", `key:${number}`, WORDS);
    }
    expect(await information(first.send)).toEqual([
      "encryption:on",
      "encryption_key_id:1",
      "encryption_key_count:1",
      "encryption_from_sequence:1",
      "encryption_plain_segments:0",
      "encryption_plain_snapshots:0",
    ]);
    await first.node.stop();
    expect(place.shows(WORDS) || place.shows("key:1")).toBe(false);
    const second = await place.serve("/key-1");
    expect(await second.send("GET", "key:49")).toBe(WORDS);
    expect(await second.send("DEBUG", "RELOAD")).toBe("OK");
    expect(await second.send("DBSIZE")).toBe(50);
  });

  test("is refused without its key or with another; nothing is changed, and it says what to do", async () => {
    const place = new Place();
    const { node, send } = await place.serve("/key-1");
    await send("SET", "k", WORDS);
    await node.stop();
    const before = place.contents();
    const without = await place.failure("");
    expect(without).toBeInstanceOf(KeyRefused);
    expect(String(without)).toContain("say where its master key is, with --master-key-file");
    const wrong = await place.failure("/key-2");
    expect(String(wrong)).toContain("wrong master key: /key-2");
    expect([exitCodeOf(without), exitCodeOf(wrong)]).toEqual([1, 1]);
    expect(place.contents()).toEqual(before);
  });

  test("is refused without its key ring, or with one that is damaged", async () => {
    const place = new Place();
    const { node, send } = await place.serve("/key-1");
    await send("SET", "k", WORDS);
    await node.stop();
    const ring = Buffer.from(place.disk.content(RING));
    await place.disk.remove(RING);
    const before = place.contents();
    for (const file of ["/key-1", ""]) {
      const missing = await place.failure(file);
      expect(missing).toBeInstanceOf(LogUnfit);
      expect(String(missing)).toContain("put the file keys.json back");
      expect(exitCodeOf(missing)).toBe(1);
    }
    expect(place.contents()).toEqual(before);
    const flipped = Buffer.from(ring);
    flipped[ring.indexOf("wrapped") + 20] ^= 1;
    place.disk.place(RING, flipped);
    const damaged = await place.failure("/key-1");
    expect(damaged).toBeInstanceOf(KeyRingDamaged);
    expect(exitCodeOf(damaged)).toBe(72);
    place.disk.place(RING, ring);
    expect(await (await place.serve("/key-1")).send("GET", "k")).toBe(WORDS);
  });

  test("that was plain goes on encrypted, and says what is still plain", async () => {
    const place = new Place();
    const plain = await place.serve("");
    for (let number = 0; number < 100; number += 1) {
      await plain.send("SET", `plain:${number}`, "x".repeat(400));
    }
    expect(await information(plain.send)).toEqual(["encryption:off"]);
    await plain.node.stop();
    const segments = place.disk.paths().filter((path) => path.includes("segment-"));
    expect(segments.length).toBeGreaterThan(2);
    const { node, send, lines } = await place.serve("/key-1");
    await send("SET", "k", WORDS);
    const shown = await information(send);
    expect(shown).toContain(`encryption_plain_segments:${segments.length}`);
    expect(shown).toContain("encryption_from_sequence:102");
    expect(lines.map(({ message }) => message)).toContain(
      "files of before encryption are plain until newer snapshots take their place",
    );
    await node.stop();
    expect(place.shows(WORDS)).toBe(false);
    const again = await place.serve("/key-1");
    expect(await again.send("DBSIZE")).toBe(101);
  });

  test("whose record was changed, checksums and all, is damaged", async () => {
    const place = new Place();
    const { node, send } = await place.serve("/key-1");
    await send("SET", "k", WORDS);
    await node.stop();
    const ring = place.disk.content(RING);
    const [path] = place.disk.paths().filter((name) => name.includes("segment-"));
    // Another history under the same ring: as if its records had been put in the place of ours.
    const other = new Place();
    other.disk.place(RING, Buffer.from(ring));
    const theirs = await other.serve("/key-1");
    await theirs.send("SET", "k", "forged");
    await theirs.node.stop();
    const content = other.disk.content(path);
    const first = place.disk.content(path);
    // The claims differ in their salts, so the second record names another hash.
    content.copy(first, 512 + 96 + 40 + 8, 512 + 96 + 40 + 8);
    const failure = await place.failure("/key-1");
    expect(failure).toBeInstanceOf(LogDamaged);
    expect(exitCodeOf(failure)).toBe(72);
  });

  test("begins when there is room for it, where the disk was full at the start", async () => {
    const place = new Place();
    const plain = await place.serve("");
    await plain.send("SET", "k", "v");
    await plain.node.stop();
    place.disk.capacityBytes = 0;
    const [path] = place.disk.paths().filter((name) => name.includes("segment-"));
    // No room in the segment either.
    const segment = place.disk.content(path);
    place.disk.place(path, segment.subarray(0, 512 + 104 + 160));
    const { send } = await place.serve("/key-1");
    expect(await send("GET", "k")).toBe("v");
    place.disk.capacityBytes = Number.POSITIVE_INFINITY;
    await expect.poll(() => send("SET", "again", WORDS), { timeout: 10_000 }).toBe("OK");
    expect((await information(send))[0]).toBe("encryption:on");
    expect(place.shows(WORDS)).toBe(false);
  });
});

describe("rotation while it serves", () => {
  test("to another file, of the same, to a command; the next start needs the last one", async () => {
    const place = new Place();
    place.secrets.command = maskingCommand(0x77);
    const { node, send } = await place.serve("/key-1");
    await send("SET", "a", WORDS);
    expect(await send("CONFIG", "SET", "master-key-file", "/key-2", "maxmemory", "0")).toBe("OK");
    await send("SET", "b", WORDS);
    expect(await send("CONFIG", "SET", "master-key-file", "/key-2")).toBe("OK");
    await send("SET", "c", WORDS);
    expect(await send("CONFIG", "GET", "master-key-file")).toEqual(["master-key-file", "/key-2"]);
    expect(await send("CONFIG", "SET", "master-key-command", "key-service")).toBe("OK");
    expect(await send("CONFIG", "GET", "master-key-file")).toEqual(["master-key-file", ""]);
    await send("SET", "d", WORDS);
    const shown = await information(send);
    expect(shown.slice(1, 3)).toEqual(["encryption_key_id:4", "encryption_key_count:4"]);
    await node.stop();
    expect(String(await place.failure("/key-2"))).toContain("start with --master-key-command");
    const next = await place.serve("", "key-service");
    expect(await next.send("MGET", "a", "b", "c", "d")).toEqual([WORDS, WORDS, WORDS, WORDS]);
    expect(place.shows(WORDS)).toBe(false);
  });

  test("writes that come meanwhile wait for nothing, and nothing is lost", async () => {
    const place = new Place();
    const { node, send } = await place.serve("/key-1");
    const rotations = Array.from({ length: 10 }, (_, index) =>
      connect(node)("CONFIG", "SET", "master-key-file", `/key-${1 + (index % 2)}`),
    );
    for (let number = 0; number < 300; number += 1) await send("SET", `key:${number}`, WORDS);
    expect(await Promise.all(rotations)).toEqual(rotations.map(() => "OK"));
    await node.stop();
    const next = await place.serve("/key-2");
    expect(await next.send("DBSIZE")).toBe(300);
    expect((await information(next.send))[2]).toBe("encryption_key_count:11");
  });

  test("that is refused says why, and changes neither keys nor parameters", async () => {
    const place = new Place();
    const { send } = await place.serve("/key-1");
    const before = Buffer.from(place.disk.content(RING));
    const setting = (...words: string[]) => send("CONFIG", "SET", ...words);
    const refused = (words: string) =>
      expect.objectContaining({ text: expect.stringContaining(words) });
    expect(await setting("master-key-file", "/absent", "maxclients", "7")).toEqual(
      refused("CONFIG SET failed (possibly related to argument 'master-key-file') - the master"),
    );
    expect(await setting("master-key-file", "")).toEqual(refused("cannot be turned off"));
    expect(await setting("master-key-file", "/key-2", "no-such", "1")).toEqual(refused("Unknown"));
    expect(await send("CONFIG", "GET", "maxclients")).toEqual(["maxclients", "10000"]);
    expect(await send("CONFIG", "GET", "master-key-file")).toEqual(["master-key-file", "/key-1"]);
    expect(place.disk.content(RING)).toEqual(before);
  });

  test("is refused where nothing is encrypted, and an empty place is no rotation", async () => {
    const { send } = await new Place().serve("");
    expect(await send("CONFIG", "SET", "master-key-file", "/key-1")).toMatchObject({
      text: expect.stringContaining("nothing is encrypted here: encryption begins at a start"),
    });
    expect(await send("CONFIG", "SET", "master-key-file", "")).toBe("OK");
  });

  test("comes by itself once enough was encrypted, and old keys go that nothing needs", async () => {
    const place = new Place();
    place.configuration = [["data-key-max-bytes", "4000"]];
    const { node, send } = await place.serve("/key-1");
    await send("SET", "k", "x".repeat(5000));
    const keyId = async () => (await information(send))[1];
    await expect.poll(keyId, { timeout: 10_000 }).toBe("encryption_key_id:2");
    await send("SET", "k2", WORDS);
    await node.stop();
    expect(await (await place.serve("/key-1")).send("GET", "k2")).toBe(WORDS);
  });
});

describe("snapshots of an encrypted folder", () => {
  async function filled(place: Place, file = "/key-1") {
    const serving = await place.serve(file);
    for (let number = 0; number < 60; number += 1) {
      await serving.send("SET", `key:${number}`, `${WORDS} ${"x".repeat(400)}`);
    }
    return serving;
  }

  test("are sealed, by the follower as well; a start reads them and the log behind", async () => {
    const place = new Place();
    const { node, send } = await filled(place);
    expect(await send("SAVE")).toBe("OK");
    await send("SET", "behind", WORDS);
    await node.stop();
    expect(place.disk.paths().some((path) => path.endsWith(".snap"))).toBe(true);
    expect(place.shows(WORDS) || place.shows("key:1")).toBe(false);
    const next = await place.serve("/key-1");
    expect(await next.send("DBSIZE")).toBe(61);
    expect(String(await next.send("INFO", "persistence"))).toContain(
      "rdb_last_load_keys_loaded:60",
    );
    await next.node.stop();
    const ring = place.disk.content(RING);
    await place.disk.remove(RING);
    for (const file of ["/key-1", ""]) {
      const missing = await place.failure(file);
      expect(missing).toBeInstanceOf(LogUnfit);
      expect(String(missing)).toContain("put the file keys.json back");
    }
    place.disk.place(RING, ring);
    expect(await (await place.serve("/key-1")).send("GET", "behind")).toBe(WORDS);
  });

  test("trim what was plain, and let go of keys that nothing needs", async () => {
    const place = new Place();
    const plain = await filled(place, "");
    await plain.send("SAVE");
    await plain.node.stop();
    expect(place.shows(WORDS)).toBe(true);
    const { node, send } = await filled(place);
    expect((await information(send))[5]).toBe("encryption_plain_snapshots:1");
    await send("CONFIG", "SET", "master-key-file", "/key-1");
    expect((await information(send)).slice(1, 3)).toEqual([
      "encryption_key_id:2",
      "encryption_key_count:2",
    ]);
    for (let round = 0; round < 3; round += 1) {
      for (let number = 0; number < 60; number += 1) {
        await send("SET", `key:${number}`, `${WORDS} ${"y".repeat(400)}`);
      }
      expect(await send("SAVE")).toBe("OK");
    }
    await node.stop();
    expect(place.shows(WORDS)).toBe(false);
    const next = await place.serve("/key-1");
    const shown = async () => (await information(next.send)).slice(1);
    await expect
      .poll(async () => (await shown())[1], { timeout: 10_000 })
      .toBe("encryption_key_count:1");
    expect((await shown())[0]).toBe("encryption_key_id:2");
    expect((await shown())[3]).toBe("encryption_plain_segments:0");
    expect((await shown())[4]).toBe("encryption_plain_snapshots:0");
    expect(await next.send("DBSIZE")).toBe(60);
    await next.node.stop();
    expect(await (await place.serve("/key-1")).send("DBSIZE")).toBe(60);
  });

  test("are made while keys are rotated, again and again", async () => {
    const place = new Place();
    const { node, send } = await filled(place);
    const other = connect(node);
    for (let round = 0; round < 5; round += 1) {
      const saved = send("SAVE");
      const file = `/key-${1 + (round % 2)}`;
      expect(await other("CONFIG", "SET", "master-key-file", file)).toBe("OK");
      await other("SET", `round:${round}`, WORDS);
      expect(await saved).toBe("OK");
    }
    await node.stop();
    const next = await place.serve("/key-1");
    expect(await next.send("DBSIZE")).toBe(65);
    expect(next.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("that somebody exchanged for a plain one is not taken", async () => {
    const place = new Place();
    const forger = new Place();
    for (const each of [place, forger]) {
      const { node, send } = await filled(each, each === place ? "/key-1" : "");
      await send("SAVE");
      await node.stop();
    }
    const [path] = place.disk.paths().filter((name) => name.endsWith(".snap"));
    place.disk.place(path, forger.disk.content(path));
    const next = await place.serve("/key-1");
    expect(next.lines.map(({ message }) => message)).toContain(
      "THIS SNAPSHOT IS DAMAGED: the one before is tried, with its longer log",
    );
    expect(await next.send("DBSIZE")).toBe(60);
  });
});
