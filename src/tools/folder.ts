/**
 * A folder that no server holds, opened by a tool: locked, recovered and verified as a server does
 * it. There are no commands and no indexes: these are made from the log by the next server.
 */
import type { FolderKeys } from "../keys/folder-keys.ts";
import type { MasterKeySetting } from "../keys/master-key.ts";
import { Keyspace } from "../keyspace/keyspace.ts";
import { FileDriver } from "../log/driver-file.ts";
import type { LogTail } from "../log/log-driver.ts";
import { recover } from "../node/recover.ts";
import type { World } from "../node/world.ts";
import { keysOf } from "./tool-keys.ts";

export interface OpenFolder {
  readonly keyspace: Keyspace;
  readonly driver: FileDriver;
  readonly tail: LogTail;
  /** Opened; `begin` is for whoever appends. */
  readonly keys: FolderKeys;
}

export interface FolderSettings {
  readonly folder: string;
  readonly databaseCount: number;
  readonly segmentBytes?: number;
  readonly masterKey?: MasterKeySetting;
  /** Gets sentences for whoever waits. */
  readonly say: (line: string) => void;
  /** Gets how far the work is, about every second. */
  readonly progress?: (line: string) => void;
}

/** Whatever fails, the folder is let go. */
export async function withFolder<Result>(
  world: World,
  { folder, databaseCount, segmentBytes, masterKey, say }: FolderSettings,
  work: (open: OpenFolder) => Promise<Result>,
): Promise<Result> {
  const keys = keysOf(world, folder, masterKey);
  const driver = new FileDriver({
    disk: world.disk,
    folder,
    timers: world.timers,
    logger: world.logger,
    holder: `pid ${world.process.id}, a tool that imports or exports`,
    segmentBytes,
    waitsForRoom: false,
    keys,
  });
  try {
    const keyspace = new Keyspace(databaseCount);
    const source = { disk: world.disk, folder, keys, takers: [] };
    const { tail, torn, snapshot } = await recover(
      driver,
      keyspace,
      world,
      () => undefined,
      source,
    );
    if (snapshot !== undefined) say(`its snapshot of record ${snapshot.sequence} was read`);
    if (torn !== undefined) {
      say(`cut ${torn.bytesCut} bytes of an append that never finished, kept as ${torn.keptAs}`);
    }
    say(`${folder} is recovered: ${keyCountOf(keyspace)} keys, ${tail.sequence} records`);
    return await work({ keyspace, driver, tail, keys });
  } finally {
    await keys.close();
    await driver.close();
  }
}

export function keyCountOf(keyspace: Keyspace): number {
  let count = 0;
  for (let index = 0; index < keyspace.databases.length; index += 1) {
    count += keyspace.keyCount(index);
  }
  return count;
}
