/**
 * A data folder as a node leaves it: two snapshots, an index with its file beside each, a log that
 * was trimmed below the older one and goes on behind the newer one. Made once, given as a new disk.
 */
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { connect, startFakeNode } from "./fake-node.ts";

export interface SnapshotFolder {
  /** By path, of `/log`. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Keys of the first snapshot, of the second, of all. */
  readonly keyCounts: readonly [number, number, number];
}

type Send = ReturnType<typeof connect>;

async function fill(send: Send, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 1) {
    await send("SET", `key-${index}`, `${"v".repeat(200)}${index}`);
    await send("HSET", `doc:${index}`, "n", String(index), "v", vectorOf(index));
  }
}

function vectorOf(index: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeFloatLE(index, 0);
  bytes.writeFloatLE(index % 7, 4);
  return bytes.toString("latin1");
}

async function make(): Promise<SnapshotFolder> {
  const disk = new FakeDisk(seededRandom(1));
  const { node } = startFakeNode(disk);
  await node.whenReady;
  const send = connect(node);
  const schema = ["PREFIX", "1", "doc:", "SCHEMA", "n", "NUMERIC", "v", "VECTOR", "HNSW", "6"];
  await send(
    "FT.CREATE",
    "docs",
    "ON",
    "HASH",
    ...schema,
    ..."TYPE FLOAT32 DIM 2".split(" "),
    ...["DISTANCE_METRIC", "L2"],
  );
  await send("SET", "gone", "1");
  const keyCounts: number[] = [];
  for (const [from, to] of [
    [0, 40],
    [40, 90],
  ]) {
    await fill(send, from, to);
    await send("SAVE");
    keyCounts.push(Number(await send("DBSIZE")));
  }
  await send("DEL", "gone");
  await fill(send, 90, 120);
  keyCounts.push(Number(await send("DBSIZE")));
  await node.stop();
  const files = new Map(disk.paths().map((path) => [path, Buffer.from(disk.content(path))]));
  return { files, keyCounts: [keyCounts[0], keyCounts[1], keyCounts[2]] };
}

let made: Promise<SnapshotFolder> | undefined;

export function snapshotFolder(): Promise<SnapshotFolder> {
  made ??= make();
  return made;
}

export async function snapshotDisk(): Promise<FakeDisk> {
  const disk = new FakeDisk(seededRandom(1));
  for (const [path, bytes] of (await snapshotFolder()).files) disk.place(path, bytes);
  return disk;
}
