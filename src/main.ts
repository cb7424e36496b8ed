/**
 * The server's process: flags → configuration → wiring; nothing else.
 *
 * It listens first and recovers then, so that clients get LOADING instead of a refusal; the one
 * line on standard output comes when everything acknowledged is back. SIGTERM and SIGINT end it
 * cleanly.
 */
import { ErrorReply } from "./base/errors.ts";
import { LODESTONE_VERSION } from "./base/version.ts";
import { endProcess } from "./node/fatal.ts";
import { type RestoreAtStart, restoreAtStart, restoreProblem } from "./node/restore-at-start.ts";
import { type RunningNode, startNode } from "./node/start.ts";
import { systemWorld, type World } from "./node/world.ts";
import { createLogger, type LogLevel } from "./runtime/logger.ts";
import { systemNetwork } from "./runtime/network.ts";
import { ExitCode } from "./runtime/process.ts";
import { startup } from "./runtime/startup.ts";
import { boundYoungGeneration } from "./runtime/young-generation.ts";
import { Configuration } from "./server/configuration.ts";
import { helpText, readConfiguration } from "./server/configuration-sources.ts";
import { ConnectionLimits } from "./server/connection-limits.ts";
import { Server } from "./server/server.ts";
import { TrafficCounters } from "./server/traffic-counters.ts";

const BAD_USAGE = 2;
const CLOSE_GRACE_MS = 2000;

function configure(): Configuration | number {
  const read = readConfiguration({
    flags: startup.flags(),
    environment: startup.environment(),
    readFile: startup.readFile,
  });
  if (read.kind === "values") {
    const configuration = new Configuration(read.values, read.file, startup.writeFile);
    const problem = restoreProblem(restoreParameters(configuration));
    return problem === undefined ? configuration : refuse(problem);
  }
  if (read.kind === "problem") return refuse(read.problem);
  startup.print(read.kind === "help" ? helpText() : `lodestone ${LODESTONE_VERSION}\n`);
  return ExitCode.stopped;
}

function refuse(problem: string): number {
  startup.printError(`lodestone: ${problem}\n`);
  return BAD_USAGE;
}

function restoreParameters(configuration: Configuration): RestoreAtStart {
  return {
    to: configuration.text("restore-to"),
    from: configuration.text("restore-from"),
    into: configuration.text("dir"),
    log: configuration.text("log"),
    databaseCount: configuration.number("databases"),
    masterKey: masterKeyOf(configuration),
  };
}

function masterKeyOf(configuration: Configuration): RestoreAtStart["masterKey"] {
  const file = configuration.text("master-key-file");
  return { file, command: configuration.text("master-key-command") };
}

/** Ends once, however often it is asked to. */
class LifeCycle {
  #isEnding = false;
  stop: (() => Promise<void>) | undefined;

  shutdown(): undefined {
    if (this.#isEnding) return;
    this.#isEnding = true;
    void this.stop?.();
  }

  abortShutdown(): ErrorReply {
    // A shutdown waits for nothing that could be called off.
    return new ErrorReply("ERR No shutdown in progress.");
  }
}

function bindAddresses(configuration: Configuration): string[] {
  return configuration
    .text("bind")
    .split(/[\s,]+/)
    .filter((address) => address !== "");
}

async function run(configuration: Configuration): Promise<void> {
  boundYoungGeneration();
  const logger = createLogger(
    configuration.text("loglevel") as LogLevel,
    configuration.text("logfile"),
  );
  const world = systemWorld(logger);
  const counters = new TrafficCounters();
  const limits = new ConnectionLimits(configuration);
  const lifeCycle = new LifeCycle();
  try {
    await restoreAtStart(world, restoreParameters(configuration));
  } catch (failure) {
    endProcess(failure, world.process, logger, 0);
  }
  let port = configuration.number("port");
  const addresses = bindAddresses(configuration);
  const node = startNode(
    {
      log: configuration.text("log") === "memory" ? "memory" : "file",
      folder: configuration.text("dir"),
      address: `${addresses[0]}:${port}`,
      databaseCount: configuration.number("databases"),
      masterKey: masterKeyOf(configuration),
      searchThreadCount: configuration.number("search-threads"),
      segmentBytes: configuration.number("log-segment-bytes"),
      failpoints: configuration.text("failpoints"),
    },
    world,
    {
      configuration,
      facts: {
        get port() {
          return port;
        },
        configFile: configuration.file,
        traffic: counters,
      },
      lifeCycle,
    },
  );
  const server = new Server({
    network: systemNetwork,
    clock: world.clock,
    timers: world.timers,
    logger,
    limits,
    counters,
    createSession: (sink) => node.engine.createSession(sink),
  });
  configuration.onChange(() => {
    limits.refresh(configuration);
    logger.setLevel(configuration.text("loglevel") as LogLevel);
  });
  lifeCycle.stop = () => stop(world, server, node);
  world.process.onTermination(() => lifeCycle.shutdown());
  world.process.onFault((failure) => endProcess(failure, world.process, logger, 0));
  try {
    port = await server.listen(addresses, port);
    await node.setAddress(`${addresses[0]}:${port}`);
    await node.whenReady;
  } catch (failure) {
    endProcess(failure, world.process, logger, 0);
  }
  const where = `redis://${addresses[0]}:${port}`;
  const data = `data in ${configuration.text("dir")}, log ${configuration.text("log")}`;
  startup.print(`Lodestone ${LODESTONE_VERSION} ready: ${where} (${data})\n`);
  startup.keepCompiled();
}

async function stop(world: World, server: Server, node: RunningNode): Promise<void> {
  try {
    server.stopListening();
    const whenClosed = () => server.whenEmpty(CLOSE_GRACE_MS);
    // Searches that are under way still need their index when their replies are made.
    await node.stop(whenClosed);
    await whenClosed();
    world.logger.info({}, "stopped: everything acknowledged is in the log");
    world.process.exit(ExitCode.stopped);
  } catch (failure) {
    endProcess(failure, world.process, world.logger, 0);
  }
}

const configured = configure();
if (typeof configured === "number") startup.exitLater(configured);
else await run(configured);
