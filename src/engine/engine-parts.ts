/**
 * What an engine is made of: everything that it needs of the world, so that a test can fake all.
 *
 * `main.ts` builds this from the real rooms, `test/support/in-process-server.ts` from fakes.
 */

import type { PasswordHashing } from "../auth/users.ts";
import type { ErrorReply } from "../base/errors.ts";
import type { CommandTable } from "../commands/command-table.ts";
import type { ConfigurationAccess, SnapshotControl } from "../commands/server-control.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { EffectSink } from "../log/effect-sink.ts";
import type { Clock, Random, Timers } from "../runtime/clock.ts";
import type { FailpointName } from "../runtime/failpoints.ts";
import type { Logger } from "../runtime/logger.ts";
import type { SearchCatalog } from "../search/catalog.ts";
import type { SessionHost } from "./session.ts";

export interface EngineFailpoints {
  /** A passage of that place; may end the process. */
  pass(name: FailpointName): void;
  /** Whether a planted bug is switched on. */
  isOn(name: FailpointName): boolean;
}

/** What the process around the engine does for SHUTDOWN. */
export interface EngineLifeCycle {
  shutdown(options: {
    readonly isForced: boolean;
    readonly isNow: boolean;
  }): ErrorReply | undefined;
  abortShutdown(): ErrorReply | undefined;
}

/** What the process knows and INFO shows; read when asked. */
export interface ProcessFacts {
  readonly processId: number;
  readonly port: number;
  readonly nodeVersion: string;
  readonly operatingSystem: string;
  readonly executable: string;
  readonly configFile: string;
  residentBytes(): number;
  heapBytes(): number;
  /** Seconds of processor time: in the system, in the program. */
  processorSeconds(): { readonly system: number; readonly user: number };
  /** To the system, what was freed; beside the event loop. */
  giveBackMemory(): void;
  /** Lines of INFO that only the log's driver can give (`log_driver`, segments); may be empty. */
  logLines(): readonly string[];
  readonly traffic: TrafficFacts;
}

/** What the server counted of its connections. */
export interface TrafficFacts {
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly rejectedConnectionCount: number;
  readonly outputLimitDisconnectionCount: number;
  readonly queryLimitDisconnectionCount: number;
}

/** Where a master key is: one of both is empty. */
export interface MasterKeyPlace {
  readonly file: string;
  readonly command: string;
}

/** While a log is being read back; INFO shows it, and commands get LOADING. */
export interface LoadingProgress {
  readonly startedAtMs: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly secondsLeft: number;
}

export interface EngineParts {
  readonly commands: CommandTable;
  readonly keyspace: Keyspace;
  readonly catalog: SearchCatalog;
  readonly sink: EffectSink;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly hashing: PasswordHashing;
  readonly configuration: ConfigurationAccess;
  readonly logger: Logger;
  readonly lifeCycle: EngineLifeCycle;
  readonly process: ProcessFacts;
  /**
   * Applies the newest snapshot and every record of the log behind it to an empty keyspace; the
   * newest sequence.
   * To be asked while nothing is appended. Undefined where the log keeps no records.
   */
  readonly readBack: ((keyspace: Keyspace) => Promise<number>) | undefined;
  /**
   * Wraps the key ring by another master key, and seals with a new data key from then on; rejects,
   * and then nothing has changed. Undefined where nothing can be encrypted.
   */
  readonly rotateKeys?: (master: MasterKeyPlace) => Promise<void>;
  /** Undefined where the log keeps no records: then there is nothing to make a snapshot of. */
  readonly snapshots: SnapshotControl | undefined;
  /** Undefined unless failpoints were installed at start. */
  readonly failpoints: EngineFailpoints | undefined;
  /** What a simulation puts between sessions and the executor, to see each command in its turn. */
  readonly observe?: (host: SessionHost) => SessionHost;
}
