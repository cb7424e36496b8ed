/**
 * `startNode`: wires log, keyspace, search and engine into one node, and recovers it.
 *
 * The engine is there at once, so that the server can listen and answer LOADING; `whenReady`
 * resolves once everything acknowledged is back and the epoch is claimed. `main.ts` passes in what
 * belongs to the server (configuration, its counters), because a node must not know its server.
 */
import { commandTable } from "../commands/registry.ts";
import type { ConfigurationAccess } from "../commands/server-control.ts";
import { Engine } from "../engine/engine.ts";
import type { EngineLifeCycle, EngineParts, ProcessFacts } from "../engine/engine-parts.ts";
import type { FolderKeys } from "../keys/folder-keys.ts";
import type { MasterKeySetting } from "../keys/master-key.ts";
import { Keyspace } from "../keyspace/keyspace.ts";
import { Appender } from "../log/appender.ts";
import { FileDriver } from "../log/driver-file.ts";
import { MemoryDriver } from "../log/driver-memory.ts";
import type { LogKeys, LogTail, TornTail } from "../log/log-driver.ts";
import { recordBytes } from "../log/record-format.ts";
import { SEAL_OVERHEAD_BYTES } from "../runtime/cipher.ts";
import { failpoints, installFailpoints, parseFailpoints } from "../runtime/failpoint.ts";
import { systemHashing } from "../runtime/hashing.ts";
import { Catalog } from "../search/indexer.ts";
import { GraphPartMaker } from "../snapshot/graph-part-maker.ts";
import { GraphPartTaker } from "../snapshot/graph-part-taker.ts";
import type { SnapshotPartMaker } from "../snapshot/snapshot-parts.ts";
import { createVectorEngine } from "../vector/vector-engine.ts";
import type { VectorEngine } from "../vector/vector-index.ts";
import { NodeEncryption } from "./encryption.ts";
import { endProcess } from "./fatal.ts";
import { logLines } from "./log-lines.ts";
import { forgetfulListener, forgetfulSink } from "./planted-bugs.ts";
import { type Recovered, type RecoveryProgress, readBack, recover } from "./recover.ts";
import type { SnapshotSource } from "./restore-snapshot.ts";
import { SnapshotKeeper } from "./snapshot-keeper.ts";
import type { World } from "./world.ts";

const WRITER_ID_BYTES = 8;
const CLAIM_BYTES = recordBytes(SEAL_OVERHEAD_BYTES);

export interface NodeSettings {
  readonly log: "file" | "memory";
  /** The folder of the log. */
  readonly folder: string;
  /** Where we listen, for whoever finds the folder held. */
  readonly address: string;
  /** Rules of failpoints; empty except in tests. */
  readonly failpoints: string;
  readonly databaseCount: number;
  /** Absent: nothing is encrypted. */
  readonly masterKey?: MasterKeySetting;
  readonly segmentBytes?: number;
  /** 0 or absent: one for each core. */
  readonly searchThreadCount?: number;
}

/** What only the server knows of the process. */
export type ServerFacts = Pick<ProcessFacts, "port" | "configFile" | "traffic">;

export interface NodeServerSide {
  readonly configuration: ConfigurationAccess;
  readonly facts: ServerFacts;
  readonly lifeCycle: EngineLifeCycle;
}

export interface RunningNode {
  readonly engine: Engine;
  readonly keyspace: Keyspace;
  readonly catalog: Catalog;
  /** Rejects with what made the start impossible; `endProcess` knows its exit code. */
  readonly whenReady: Promise<Recovered>;
  /** Tells whoever finds the folder held where we really listen. */
  setAddress(address: string): Promise<void>;
  /**
   * After the last connection was taken: drains the log, lets connections close once their replies
   * have left (`whenClosed` says when), and releases the folder.
   */
  stop(whenClosed?: () => Promise<void>): Promise<void>;
}

/** What a simulation puts in the place of parts that have threads, or around those it watches. */
export interface NodeDoubles {
  readonly vectorEngine?: VectorEngine & { giveBackFreedPages(): void };
  readonly engineParts?: (parts: EngineParts) => EngineParts;
}

export function startNode(
  settings: NodeSettings,
  world: World,
  serverSide: NodeServerSide,
  doubles: NodeDoubles = {},
): RunningNode {
  installFailpoints(parseFailpoints(settings.failpoints));
  const { clock, timers, random, logger } = world;
  const end = (failure: Error): never =>
    endProcess(failure, world.process, logger, appender.durableSequence);
  const keyspace = makeKeyspace(settings, world);
  const vectorEngine = doubles.vectorEngine ?? makeVectorEngine(settings, world);
  keyspace.fieldStore = vectorEngine.store ?? null;
  const catalog = makeCatalog(keyspace, vectorEngine, world);
  keyspace.addListener(forgetfulListener(catalog));
  const newestSequence = () => appender.gatheringSequence;
  const { configuration } = serverSide;
  const encryption = new NodeEncryption(settings, world, configuration, newestSequence);
  const driver = makeDriver(settings, world, encryption.keys);
  const appender = makeAppender(driver, world);
  appender.onFailure(end);
  const { keys } = encryption;
  const { source, makers } = makeSnapshotParts(settings, world, catalog, keys);
  const keeper = makeKeeper(
    settings,
    { world, driver, keyspace, configuration, keys, makers },
    {
      endRecord: (effects) => engine.endRecord(effects),
      whenDurable: (sequence) =>
        appender.durableSequence >= sequence ? Promise.resolve() : appender.drain(),
      counts: () => ({
        changeCount: engine.statistics.changeCount,
        appendedBytes: appender.appendedBytes,
      }),
    },
  );
  const engineParts: EngineParts = {
    commands: commandTable,
    keyspace,
    catalog,
    sink: forgetfulSink(appender),
    clock,
    timers,
    random,
    hashing: systemHashing,
    configuration,
    logger,
    lifeCycle: serverSide.lifeCycle,
    process: processFacts(world, serverSide.facts, vectorEngine, () => [
      ...logLines(driver, appender),
      ...encryption.lines(),
    ]),
    rotateKeys: encryption.rotate,
    readBack: keeper && ((twin) => readBack(keeper.driver, twin, world, source)),
    snapshots: keeper,
    failpoints: settings.failpoints === "" ? undefined : failpoints,
  };
  const engine = new Engine(doubles.engineParts?.(engineParts) ?? engineParts);
  let isStarting = true;
  const nodeParts = { world, engine, keyspace, catalog, driver, appender, encryption, end };
  const whenReady = bringUp({ ...nodeParts, source, keeper }).finally(() => {
    isStarting = false;
  });
  const isStartingNow = () => isStarting;
  return {
    ...runningNode({ ...nodeParts, source, keeper }, vectorEngine, isStartingNow),
    whenReady,
  };
}

function runningNode(
  { world, engine, keyspace, catalog, driver, appender, encryption, keeper }: NodeParts,
  vectorEngine: { close(): Promise<void> },
  isStarting: () => boolean,
): Omit<RunningNode, "whenReady"> {
  return {
    engine,
    keyspace,
    catalog,
    async setAddress(address) {
      if (driver instanceof FileDriver) await driver.describeHolder(holderLine(world, address));
    },
    async stop(whenClosed) {
      // While the log is read back nothing was taken: the end of the process releases the folder.
      if (isStarting()) return;
      if (driver instanceof FileDriver) driver.stopWaiting();
      try {
        await keeper?.stop();
        await engine.stop();
        await whenClosed?.();
        catalog.stopBackfills();
        await appender.drain();
      } finally {
        catalog.close();
        await vectorEngine.close();
        await encryption.stop();
        await driver.close();
      }
    },
  };
}

interface NodeParts {
  readonly world: World;
  readonly engine: Engine;
  readonly keyspace: Keyspace;
  readonly catalog: Catalog;
  readonly driver: FileDriver | MemoryDriver;
  readonly appender: Appender;
  readonly encryption: NodeEncryption;
  readonly end: (failure: Error) => never;
  readonly source: SnapshotSource;
  readonly keeper: SnapshotKeeper | undefined;
}

async function bringUp(parts: NodeParts): Promise<Recovered> {
  const { world, engine, keyspace, catalog, driver, source } = parts;
  const startedAtMs = world.clock.nowMs();
  engine.loading = { startedAtMs, bytesDone: 0, bytesTotal: 0, secondsLeft: 0 };
  const onProgress = (progress: RecoveryProgress): void => {
    engine.loading = progress;
  };
  const recovered = await recover(driver, keyspace, world, onProgress, source);
  catalog.endRecovery();
  await claim(parts, recovered.tail);
  catalog.markIngested(recovered.tail.sequence);
  reportRecovery(world, recovered, keyspace);
  engine.loading = undefined;
  engine.start();
  parts.keeper?.start(recovered);
  return recovered;
}

/**
 * The claim needs a place in the log. Where the disk has none, what is there is served meanwhile
 * and writes are refused: nobody else writes, since the folder is ours.
 */
async function claim(parts: NodeParts, tail: LogTail): Promise<void> {
  const { driver, appender, world, encryption } = parts;
  if (driver instanceof FileDriver) {
    const hasRoom = driver.whenRoom(CLAIM_BYTES);
    await Promise.race([hasRoom, driver.whenShort()]);
    if (driver.shortage !== undefined) {
      appender.continueFrom(tail);
      // A failure of the claim is told to the appender's listeners, who end the process.
      hasRoom.then((isThere) => (isThere ? claimLater(parts, tail) : undefined)).catch(() => {});
      world.logger.warn({}, "there is no room for writes: only reads are served until there is");
      return;
    }
  }
  await appender.claim(tail, await encryption.begin(tail));
  await encryption.start();
}

async function claimLater({ appender, encryption, end }: NodeParts, tail: LogTail): Promise<void> {
  try {
    await encryption.begin(tail);
  } catch (failure) {
    return end(failure instanceof Error ? failure : new Error(String(failure)));
  }
  await appender.claim(tail, encryption.keys.cipher);
  await encryption.start();
}

function reportRecovery(world: World, recovered: Recovered, keyspace: Keyspace): void {
  const { tail, torn, effectCount, durationMs } = recovered;
  if (torn !== undefined) reportTorn(world, torn);
  let keyCount = 0;
  for (let database = 0; database < keyspace.databases.length; database += 1) {
    keyCount += keyspace.keyCount(database);
  }
  world.logger.info(
    { records: tail.sequence, effects: effectCount, keys: keyCount, ms: Math.round(durationMs) },
    "everything acknowledged is back",
  );
}

function reportTorn(world: World, torn: TornTail): void {
  world.logger.warn(
    { file: torn.file, offset: torn.offset, bytesCut: torn.bytesCut, keptAs: torn.keptAs },
    "the last append never finished and was never acknowledged: cut, and a copy kept",
  );
}

function makeKeyspace({ databaseCount }: NodeSettings, { random }: World): Keyspace {
  return new Keyspace(databaseCount, {
    low: Math.floor(random.fraction() * 2 ** 32) | 0,
    high: Math.floor(random.fraction() * 2 ** 32) | 0,
  });
}

function makeVectorEngine(settings: NodeSettings, { clock, timers, process }: World) {
  const threadCount = settings.searchThreadCount || process.coreCount;
  return createVectorEngine({ clock, timers, threadCount });
}

function makeCatalog(
  keyspace: Keyspace,
  vectorEngine: VectorEngine,
  { clock, timers, logger }: World,
): Catalog {
  return new Catalog(keyspace, vectorEngine, {
    monotonicMs: () => clock.monotonicMs(),
    soon: (run) => timers.soon(run),
    after: (delayMs, run) => timers.after(delayMs, run),
    logger,
  });
}

function makeDriver(
  settings: NodeSettings,
  world: World,
  keys: LogKeys,
): FileDriver | MemoryDriver {
  if (settings.log === "memory") {
    world.logger.warn({}, "THE LOG IS IN MEMORY: everything is lost when this process ends");
    return new MemoryDriver();
  }
  return new FileDriver({
    disk: world.disk,
    folder: settings.folder,
    timers: world.timers,
    logger: world.logger,
    holder: holderLine(world, settings.address),
    segmentBytes: settings.segmentBytes,
    keys,
  });
}

type KeeperParts = ConstructorParameters<typeof SnapshotKeeper>[0];

/** Undefined where the log keeps no records. */
/** What stands in a snapshot beside the keyspace, and where all of it lies. */
function makeSnapshotParts(
  { folder }: NodeSettings,
  world: World,
  catalog: Catalog,
  keys: FolderKeys,
): { readonly source: SnapshotSource; readonly makers: readonly SnapshotPartMaker[] } {
  const { disk, clock, timers, logger } = world;
  const parts = { catalog, folder, disk, clock, timers, logger, keys };
  const source = { disk, folder, keys, takers: [new GraphPartTaker(parts)] };
  return { source, makers: [new GraphPartMaker(parts)] };
}

function makeKeeper(
  { folder, failpoints: rules }: NodeSettings,
  parts: Pick<KeeperParts, "world" | "keyspace" | "configuration" | "makers"> & {
    readonly driver: FileDriver | MemoryDriver;
    readonly keys: FolderKeys;
  },
  running: Pick<KeeperParts, "endRecord" | "whenDurable" | "counts">,
): SnapshotKeeper | undefined {
  const { driver, keys } = parts;
  if (!(driver instanceof FileDriver)) return undefined;
  const handKeys = () => keys.hand();
  return new SnapshotKeeper({ ...parts, ...running, driver, folder, failpoints: rules, handKeys });
}

function makeAppender(driver: FileDriver | MemoryDriver, world: World): Appender {
  const { clock, timers, random } = world;
  return new Appender({
    driver,
    shard: 0,
    writerId: Buffer.from(random.hex(WRITER_ID_BYTES), "hex"),
    soon: (run) => timers.soon(run),
    monotonicMs: () => clock.monotonicMs(),
    nowMs: () => clock.nowMs(),
    after: (delayMs, run) => timers.after(delayMs, run),
  });
}

function holderLine(world: World, address: string): string {
  const startedAt = new Date(world.process.startedAtMs).toISOString();
  return `pid ${world.process.id}, started ${startedAt}, at ${address}`;
}

function processFacts(
  world: World,
  facts: ServerFacts,
  vectorEngine: { giveBackFreedPages(): void },
  logLines: () => string[],
): ProcessFacts {
  const { process } = world;
  return {
    processId: process.id,
    get port() {
      return facts.port;
    },
    get configFile() {
      return facts.configFile;
    },
    traffic: facts.traffic,
    nodeVersion: process.nodeVersion,
    operatingSystem: process.operatingSystem,
    executable: process.executable,
    residentBytes: process.residentBytes,
    heapBytes: process.heapBytes,
    processorSeconds: process.processorSeconds,
    giveBackMemory: () => vectorEngine.giveBackFreedPages(),
    logLines,
  };
}
