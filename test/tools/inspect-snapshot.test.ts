/**
 * `inspect snapshot` and `inspect index`: what they show of sound files, and that no file makes
 * them crash, hang or call sound what is not.
 */
import { describe, expect, it } from "vitest";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { BlockFileKind } from "../../src/snapshot/block-file-format.ts";
import { inspectIndex } from "../../src/tools/inspect-index.ts";
import { inspectSnapshot } from "../../src/tools/inspect-snapshot.ts";
import { worldOn } from "../support/small-log.ts";
import { KeptOutput } from "../support/tool-output.ts";
import { snapshotDisk, snapshotFolder } from "../support/trimmed-folder.ts";

async function inspected(disk: FakeDisk, file: string, isJson = true, key?: string) {
  const output = new KeptOutput();
  const isIndex = file.includes(".graph-");
  const kind = isIndex ? BlockFileKind.graph : BlockFileKind.keyspace;
  const settings = { file, kind, isJson, keys: undefined, showsEffects: false, key };
  const isSound = isIndex
    ? await inspectIndex(worldOn(disk), settings, output)
    : await inspectSnapshot(disk, settings, output);
  return { isSound, output };
}

async function pathsOf(part: string): Promise<string[]> {
  return [...(await snapshotFolder()).files.keys()].filter((path) => path.includes(part));
}

describe("a sound file", () => {
  it("of a snapshot is shown with keys, slots, indexes and digest", async () => {
    const { keyCounts } = await snapshotFolder();
    const [first] = await pathsOf(".snap");
    const { isSound, output } = await inspected(await snapshotDisk(), first);
    expect(isSound).toBe(true);
    const [header, footer, contents, checked] = output.objects;
    expect(header).toMatchObject({ type: "snapshot", file: first });
    expect(footer).toMatchObject({ type: "footer", keyCounts: { 0: keyCounts[0] } });
    expect(contents).toMatchObject({
      keysByType: { string: 41, hash: 40 },
      indexes: ['"docs"'],
    });
    expect(checked["state"]).toContain("the digest is right");
    const one = await inspected(await snapshotDisk(), first, false, "doc:7");
    const entries = one.output.lines.filter((line) => line.includes('key="doc:7"'));
    expect(entries).toHaveLength(1);
    expect(entries[0]).toContain('"n", "7"');
  });

  it("of an index is shown with documents, parameters and levels", async () => {
    for (const [at, path] of (await pathsOf(".graph-")).entries()) {
      const { isSound, output } = await inspected(await snapshotDisk(), path);
      expect(isSound, output.lines.join("\n")).toBe(true);
      const [, documents, graph] = output.objects;
      expect(documents).toMatchObject({ name: '"docs"', documentCount: [40, 90][at] });
      expect(graph).toMatchObject({ alias: '"v"', dimensions: 2, m: 16, metric: "L2" });
    }
  });

  it("is not taken for one of another kind", async () => {
    const [snapshot] = await pathsOf(".snap");
    const disk = await snapshotDisk();
    disk.place("/x.graph-1", disk.content(snapshot));
    const { isSound, output } = await inspected(disk, "/x.graph-1");
    expect(isSound).toBe(false);
    expect(output.lines.join()).toContain("of kind keyspace");
  });
});

describe("a damaged file", () => {
  it("is told with its place, wherever a byte is wrong", async () => {
    for (const path of [...(await pathsOf(".snap")), ...(await pathsOf(".graph-"))].slice(-2)) {
      const disk = await snapshotDisk();
      const bytes = disk.content(path);
      const step = Math.max(1, Math.floor(bytes.length / 400));
      for (let at = 0; at < bytes.length; at += step) {
        bytes[at] ^= 1 << (at % 8);
        const { isSound } = await inspected(disk, path);
        expect(isSound, `byte ${at}`).toBe(false);
        bytes[at] ^= 1 << (at % 8);
      }
    }
  });

  it("may be cut anywhere, or hold anything", async () => {
    const random = seededRandom(3);
    for (const path of ["/a.snap", "/a.graph-1"]) {
      const [sound] = await pathsOf(path.includes("graph") ? ".graph-" : ".snap");
      const whole = sound === undefined ? Buffer.alloc(0) : (await snapshotDisk()).content(sound);
      for (let round = 0; round < 100; round += 1) {
        const disk = new FakeDisk(random);
        const cut = whole.subarray(0, Math.floor(random.fraction() * whole.length));
        const noise = Buffer.from(random.hex(Math.floor(random.fraction() * 4000)), "hex");
        disk.place(path, round % 2 === 0 ? cut : Buffer.concat([whole.subarray(0, 64), noise]));
        expect((await inspected(disk, path)).isSound).toBe(false);
      }
    }
  });
});
