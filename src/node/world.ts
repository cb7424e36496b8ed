/**
 * `World`: every door of `runtime` that a node goes through, in one hand, so that a test can pass
 * another one.
 */
import {
  type Clock,
  type Random,
  systemClock,
  systemRandom,
  systemTimers,
  type Timers,
} from "../runtime/clock.ts";
import type { Disk } from "../runtime/disk.ts";
import { type FollowerDoor, systemFollowers } from "../runtime/follower-process.ts";
import type { Logger } from "../runtime/logger.ts";
import { type ProcessDoor, systemProcess } from "../runtime/process.ts";
import { type SecretDoor, systemSecrets } from "../runtime/secrets.ts";
import { systemDisk } from "../runtime/system-disk.ts";

export interface World {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly disk: Disk;
  readonly process: ProcessDoor;
  /** Makes snapshots beside the server (`snapshot-keeper.ts`). */
  readonly followers: FollowerDoor;
  readonly logger: Logger;
  readonly secrets: SecretDoor;
}

/** Next to this module, as source or compiled. */
const followerEntry = new URL(
  `./follower-main${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`,
  import.meta.url,
);

export function systemWorld(logger: Logger): World {
  return {
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    disk: systemDisk,
    process: systemProcess,
    followers: systemFollowers(followerEntry),
    logger,
    secrets: systemSecrets,
  };
}
