/**
 * `inspect log`: what it shows of a sound segment and of damaged ones, and that no file makes it
 * crash, hang or lie.
 */
import { describe, expect, it } from "vitest";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { sha256 } from "../../src/runtime/hashing.ts";
import { type InspectLogSettings, inspectLog } from "../../src/tools/inspect-log.ts";
import { LOG_FOLDER, seal } from "../support/log-records.ts";
import { smallLog } from "../support/small-log.ts";
import { KeptOutput } from "../support/tool-output.ts";

const FIRST = `${LOG_FOLDER}/segment-00000000000000000001.log`;

async function inspected(disk: FakeDisk, settings: Partial<InspectLogSettings> = {}) {
  const output = new KeptOutput();
  const isSound = await inspectLog(
    disk,
    {
      file: FIRST,
      isJson: true,
      showsEffects: false,
      key: undefined,
      from: 0,
      to: Number.POSITIVE_INFINITY,
      ...settings,
    },
    output,
  );
  return { isSound, output };
}

describe("a sound segment", () => {
  it("is shown record by record, with its time, and its tail", async () => {
    const { isSound, output } = await inspected(smallLog());
    expect(isSound).toBe(true);
    const [segment, claim, units] = output.objects;
    expect(segment).toMatchObject({ type: "segment", firstSequence: 1, sizeBytes: 2048 });
    expect(claim).toMatchObject({ type: "record", sequence: 1, kind: "claim", chain: "ok" });
    expect(units).toMatchObject({
      sequence: 2,
      kind: "units",
      unitCount: 1,
      effectCount: 1,
      time: new Date(1_700_000_000_002).toISOString(),
    });
    expect(output.objects.at(-1)).toMatchObject({ type: "tail", state: "clean" });
  });

  it("is shown with effects, escaped and shortened, of one key and of some records", async () => {
    const { output } = await inspected(smallLog(), { showsEffects: true, isJson: false });
    const text = output.lines.join("\n");
    expect(text).toContain('key="a\\x00\\xff"');
    expect(text).toMatch(/"(long )+long"\.\.\. \(600 bytes\)/);
    // None of these may reach a terminal.
    expect(Buffer.from(text).some((byte) => byte > 0x7e || (byte < 0x20 && byte !== 0x0a))).toBe(
      false,
    );
    const some = await inspected(smallLog(), { key: "string", showsEffects: true });
    const records = some.output.objects.filter(({ type }) => type === "record");
    expect(records.map(({ sequence }) => sequence)).toEqual([4, 6]);
    expect(records[1]["effects"]).toMatchObject([
      { effect: "stringAppend", key: '"string"' },
      { effect: "stringSetRange" },
      { effect: "expirySet" },
    ]);
    const range = await inspected(smallLog(), { from: 3, to: 4 });
    expect(range.output.objects.map(({ sequence }) => sequence)).toEqual([
      undefined,
      3,
      4,
      undefined,
    ]);
  });

  it("of the middle of a log is judged by its own header", async () => {
    const disk = smallLog();
    for (const file of disk.paths()) {
      expect((await inspected(disk, { file })).isSound, file).toBe(true);
    }
  });
});

/** Behind the last record what was never acknowledged looks torn, and is cut by the next start. */
function isClean(output: KeptOutput): boolean {
  return output.objects.at(-1)?.["state"] === "clean";
}

describe("a damaged segment", () => {
  it("is shown on both sides of the damage", async () => {
    const disk = smallLog();
    disk.content(FIRST)[700] ^= 4;
    const { isSound, output } = await inspected(disk);
    expect(isSound).toBe(false);
    const hole = output.objects.findIndex(({ type }) => type === "unreadable");
    expect(output.objects[hole]).toMatchObject({ problem: "the header's checksum is wrong" });
    expect(output.objects[hole + 1]).toMatchObject({ type: "record", chain: "broken" });
    expect(output.objects[hole + 2]).toMatchObject({ type: "record", chain: "ok" });
  });

  it("with any bit flipped is never called clean, and never breaks the tool", async () => {
    const disk = smallLog();
    const bytes = disk.content(FIRST);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      bytes[bit >>> 3] ^= 1 << (bit & 7);
      const { isSound, output } = await inspected(disk, { showsEffects: true });
      expect(isSound && isClean(output), `bit ${bit}`).toBe(false);
      bytes[bit >>> 3] ^= 1 << (bit & 7);
    }
  });

  it("cut at any byte is shown as far as it goes", async () => {
    const whole = Buffer.from(smallLog().content(FIRST));
    for (let size = 0; size < whole.length; size += 1) {
      const disk = new FakeDisk(seededRandom(1));
      disk.place(FIRST, whole.subarray(0, size));
      const { output } = await inspected(disk);
      expect(output.objects[0]["type"]).toBe("segment");
    }
  });

  it("of random bytes, alone or behind a sound header, is not believed", async () => {
    const random = seededRandom(7);
    for (let round = 0; round < 200; round += 1) {
      const bytes = Buffer.from(random.hex(2048), "hex");
      if (round % 2 === 0) smallLog().content(FIRST).copy(bytes, 0, 0, 616);
      const disk = new FakeDisk(seededRandom(1));
      disk.place(FIRST, bytes);
      const { isSound, output } = await inspected(disk, { showsEffects: true });
      expect(isSound && isClean(output)).toBe(false);
    }
  });
});

it("a sound record with effects that nobody can decode is a problem of its own", async () => {
  const disk = smallLog();
  const bytes = disk.content(FIRST);
  const previous = sha256(bytes.subarray(512, 616));
  bytes.fill(0, 616);
  const payload = Buffer.from([1, 0, 0, 0, 99, 1, 2, 3, 4]);
  seal({ sequence: 2, previous, payload }).copy(bytes, 616);
  const { isSound, output } = await inspected(disk);
  expect(isSound).toBe(false);
  expect(output.objects[2]).toMatchObject({
    chain: "ok",
    problem: expect.stringContaining("byte"),
  });
});
