/**
 * A server with mixed data, and what INFO says of its snapshots.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BulkClient } from "../bulk-client.ts";
import { freePort, type ServerProcess, startServerProcess } from "../server-process.ts";
import { mixedSet, SET_BYTES, SET_KEYS } from "./mixed-data.ts";

export interface MixedServer {
  readonly folder: string;
  readonly keyCount: number;
  readonly dataBytes: number;
  server: ServerProcess;
}

const FLAGS = ["--snapshot-schedule", "", "--snapshot-log-bytes", "0"];

export async function startMixed(megabytes: number): Promise<MixedServer> {
  const folder = mkdtempSync(join(tmpdir(), "lodestone-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const server = await start(folder);
  const setCount = Math.ceil((megabytes * 1e6) / SET_BYTES);
  const client = await BulkClient.open(server.port);
  await client.load(sets(setCount));
  client.close();
  const dataBytes = setCount * SET_BYTES;
  return { folder, keyCount: setCount * SET_KEYS, dataBytes, server };
}

function* sets(count: number) {
  for (let number = 0; number < count; number += 1) yield* mixedSet(number);
}

export async function start(folder: string): Promise<ServerProcess> {
  const server = startServerProcess({ folder, port: await freePort(), flags: FLAGS });
  process.once("exit", () => void server.kill());
  await server.whenReady;
  return server;
}

/** INFO's lines by name. */
export async function informationOf(client: BulkClient): Promise<ReadonlyMap<string, string>> {
  const lines = String(await client.command("INFO", "everything")).split("\r\n");
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
}
