/**
 * H7, encrypted folders: the key ring, sealed records and sealed blocks of the golden folder are
 * changed, with every checksum made right again. Whoever does not have the keys can make a start
 * fail, and a snapshot or a graph useless; never can they make it serve another state.
 *
 * LODESTONE_CORRUPT_SEALED says how many, LODESTONE_TEST_SEED begins them again.
 */
import { must } from "../../src/base/assert.ts";
import { crc32c } from "../../src/base/crc32c.ts";
import { KEY_RING_NAME } from "../../src/keys/key-ring-format.ts";
import { SEGMENT_HEADER_BYTES, segmentName } from "../../src/log/segment-format.ts";
import { joinPath } from "../../src/runtime/disk.ts";
import type { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { folderOf, readFixture } from "../golden/folder-text.ts";
import { pick, type Random, seededRandom } from "../support/command-grammar.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { LOG_FOLDER } from "../support/log-records.ts";
import { FakeSecrets, masterKeyOf } from "../support/secrets.ts";
import { corruptedFile, putTogether, takenApart } from "./block-files.ts";
import { corrupted } from "./byte-mutations.ts";
import { judgeStart } from "./node-judge.ts";
import { payloadOf, recordsOf, segmentOf, withPayload } from "./record-surgery.ts";

const FOLDERS = Number(process.env["LODESTONE_CORRUPT_SEALED"] ?? 150);
const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const SEGMENT_BYTES = 16 * 1024;
const FAILURES_MAX = 5;
const RING = joinPath(LOG_FOLDER, KEY_RING_NAME);
const FIRST_SEGMENT = joinPath(LOG_FOLDER, segmentName(1));
const golden = readFixture("folder-sealed-v1.hex");

type Field = string | number | null | boolean | Field[] | { [name: string]: Field };

/** One value of the document is another one, somewhere in it. */
function changedField(value: Field, random: Random): Field {
  if (Array.isArray(value)) {
    const at = Math.floor(random() * value.length);
    return value.map((item, index) => (index === at ? changedField(item, random) : item));
  }
  if (typeof value === "object" && value !== null) {
    const name = pick(Object.keys(value), random);
    return { ...value, [name]: changedField(value[name], random) };
  }
  const others: Field[] = [0, 1, -1, 2 ** 53, 1.5, "", "AAAA", "command", null, [], {}, true];
  if (typeof value === "string" && random() < 0.6) {
    return corrupted(Buffer.from(value, "latin1"), random).toString("latin1");
  }
  if (typeof value === "number" && random() < 0.5) return value + pick([1, -1], random);
  return pick(others, random);
}

function changedRing(bytes: Buffer, random: Random): Buffer {
  if (random() < 0.3) return corrupted(bytes, random);
  const { checksum: _, mac, ...body } = JSON.parse(bytes.toString());
  const changed = changedField(random() < 0.8 ? body : { ...body, mac }, random) as object;
  const checksum = crc32c(Buffer.from(JSON.stringify(changed)));
  return Buffer.from(`${JSON.stringify({ ...changed, checksum, mac }, undefined, 2)}\n`);
}

function changedSegment(content: Buffer, random: Random): Buffer {
  const records = recordsOf(content);
  const at = Math.floor(random() * records.length);
  const payload = payloadOf(records[at]);
  const how = random();
  if (how < 0.6 || payload.length === 0) {
    records[at] = withPayload(records[at], corrupted(payload, random));
  } else if (how < 0.8) {
    // Another record's seal.
    records[at] = withPayload(records[at], payloadOf(pick(records, random)));
  } else records.splice(at, 1);
  return segmentOf(content.subarray(0, SEGMENT_HEADER_BYTES), records, content.length);
}

function changedFolder(random: Random): { readonly disk: FakeDisk; readonly what: string } {
  const disk = folderOf(golden);
  const change = (path: string, by: (content: Buffer, random: Random) => Buffer): string => {
    disk.place(path, by(Buffer.from(disk.content(path)), random));
    return path;
  };
  const dice = random();
  if (dice < 0.4) return { what: change(RING, changedRing), disk };
  if (dice < 0.7) return { what: change(FIRST_SEGMENT, changedSegment), disk };
  const end = dice < 0.9 ? ".snap" : "graph-0";
  const path = must(
    disk.paths().find((name) => name.endsWith(end)),
    `there is a ${end}`,
  );
  const changedFile = (content: Buffer): Buffer =>
    putTogether(corruptedFile(takenApart(content), random));
  return { what: change(path, changedFile), disk };
}

async function judge(disk: FakeDisk, expected: string | undefined) {
  const secrets = new FakeSecrets();
  secrets.files.set("/master-key", masterKeyOf(1));
  const masterKey = { file: "/master-key", command: "" };
  const options = { segmentBytes: SEGMENT_BYTES, secrets, masterKey };
  let digest = "";
  const verdict = await judgeStart(disk, options, async (send) => {
    digest = String(await send("DEBUG", "DIGEST"));
    await send("SET", "written", "after it");
    await send("FT.SEARCH", "golden", "@t:{a}");
  });
  const isOther = verdict.isServed && expected !== undefined && digest !== expected;
  const failure = verdict.failure ?? (isOther ? "another state is served" : undefined);
  return { isServed: verdict.isServed, digest, failure };
}

export async function fuzzSealedFolders(): Promise<HarnessReport> {
  const random = seededRandom(seed);
  const sound = await judge(folderOf(golden), undefined);
  const failures: string[] = sound.failure === undefined ? [] : [sound.failure];
  const counts = { folders: 0, refused: 0, served: 0 };
  while (counts.folders < FOLDERS && failures.length < FAILURES_MAX) {
    counts.folders += 1;
    const { disk, what } = changedFolder(random);
    const changed = disk.content(what).toString("latin1").slice(0, 700);
    const { isServed, failure } = await judge(disk, sound.digest);
    if (isServed) counts.served += 1;
    else counts.refused += 1;
    if (failure !== undefined) failures.push(`${what}: ${failure}: ${JSON.stringify(changed)}`);
  }
  return {
    harness: "H7 sealed",
    title: "encrypted folders that were changed, checksums and all, never serve another state",
    seed,
    figures: counts,
    failures,
  };
}
