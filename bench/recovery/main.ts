/**
 * `npm run bench -- recovery`: how long a start takes with mixed data, from the log alone and from
 * a snapshot.
 */
import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { BulkClient } from "../bulk-client.ts";
import { positive, positiveInteger } from "../option-values.ts";
import { median } from "../statistics.ts";
import { informationOf, start, startMixed } from "./mixed-server.ts";

const usage = `npm run bench -- recovery [options]

Writes mixed data, kills the server, and times starts until everything is served: from the log, then
from a snapshot. The files are in the page cache.

  --megabytes N      data, as a client sends it (1000)
  --repetitions N    starts from the snapshot (3)
`;

export async function runRecovery(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      megabytes: { type: "string", default: "1000" },
      repetitions: { type: "string", default: "3" },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const mixed = await startMixed(positive("megabytes", values.megabytes));
  const megabytes = mixed.dataBytes / 1e6;
  console.log(`${mixed.keyCount} keys, ${Math.round(megabytes)} MB of data`);
  const report = (what: string, seconds: number): void => {
    const rate = Math.round(megabytes / seconds);
    console.log(`${what.padEnd(28)} ${seconds.toFixed(2).padStart(7)} s  ${rate} MB/s of data`);
  };
  await mixed.server.kill();
  const fromLog = await timedStart(mixed);
  report("from the log", fromLog);
  const client = await BulkClient.open(mixed.server.port);
  const begun = performance.now();
  await client.command("SAVE");
  report("SAVE", (performance.now() - begun) / 1000);
  const info = await informationOf(client);
  const name = `snapshot-${String(info.get("snapshot_sequence")).padStart(20, "0")}.snap`;
  const path = join(mixed.folder, name);
  console.log(
    `the snapshot has ${existsSync(path) ? Math.round(statSync(path).size / 1e6) : 0} MB`,
  );
  console.log(
    `the follower took ${megabytesOf(info, "snapshot_follower_resident_bytes")} MB at most`,
  );
  client.close();
  const times: number[] = [];
  for (let left = positiveInteger("repetitions", values.repetitions); left > 0; left -= 1) {
    await mixed.server.kill();
    times.push(await timedStart(mixed));
    report("from the snapshot", times.at(-1) ?? 0);
  }
  report("from the snapshot, median", median(times));
  const last = await BulkClient.open(mixed.server.port);
  const after = await informationOf(last);
  console.log(`the server takes ${megabytesOf(after, "used_memory_rss")} MB`);
  last.close();
  await mixed.server.kill();
  rmSync(mixed.folder, { recursive: true, force: true });
}

async function timedStart(mixed: Awaited<ReturnType<typeof startMixed>>): Promise<number> {
  const begun = performance.now();
  mixed.server = await start(mixed.folder);
  const seconds = (performance.now() - begun) / 1000;
  const client = await BulkClient.open(mixed.server.port);
  const count = await client.command("DBSIZE");
  if (count !== mixed.keyCount) throw new Error(`${count} keys came back, not ${mixed.keyCount}`);
  client.close();
  return seconds;
}

function megabytesOf(info: ReadonlyMap<string, string>, name: string): number {
  return Math.round(Number(info.get(name)) / 1e6);
}
