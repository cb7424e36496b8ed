/**
 * The real server as its own process on a free port, with a temporary folder, for tests over a
 * real socket.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startServerProcess } from "../../bench/server-process.ts";

export interface TestServer {
  readonly port: number;
  readonly folder: string;
  readonly pid: number;
  /** SIGKILL, and a new server on the same port and folder. */
  crash(): Promise<void>;
  /** SIGTERM, waits for the end, removes the folder. */
  stop(): Promise<void>;
}

export async function startTestServer(flags: readonly string[] = []): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "lodestone-test-"));
  const port = await freePort();
  let server = startServerProcess({ folder, port, flags });
  await server.whenReady;
  return {
    port,
    folder,
    get pid() {
      return server.pid;
    },
    async crash() {
      await server.kill();
      server = startServerProcess({ folder, port, flags });
      await server.whenReady;
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
