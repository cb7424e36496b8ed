/**
 * A server under test: ours, started as its own process in a folder of its own, or any that
 * listens already.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startServerProcess } from "../server-process.ts";

export interface Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

export function listeningTarget(name: string, address: string): Target {
  const colon = address.lastIndexOf(":");
  const port = Number(address.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port)) throw new Error(`'${address}' is not HOST:PORT`);
  return { name, host: address.slice(0, colon), port, stop: async () => {} };
}

export async function startOwnServer(): Promise<Target> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "lodestone-recall-"));
  const server = startServerProcess({ folder, port });
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await server.whenReady;
  } catch (failure) {
    await stop();
    throw failure;
  }
  return { name: "lodestone", host: "127.0.0.1", port, stop };
}
