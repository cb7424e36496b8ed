/**
 * Followers of a simulated process: each has a view of the disk of its own, says what it has to say
 * in turns of the simulation, and stops in the middle of anything when it or its parent dies.
 */
import { type FollowerJob, runFollower } from "../../src/node/follower-job.ts";
import type { Clock, Timers } from "../../src/runtime/clock.ts";
import type { Disk } from "../../src/runtime/disk.ts";
import type {
  Follower,
  FollowerDoor,
  FollowerEvents,
  ParentChannel,
} from "../../src/runtime/follower-process.ts";
import type { SecretDoor } from "../../src/runtime/secrets.ts";
import type { Scheduler } from "./scheduler.ts";

const MESSAGE_MAX_MS = 2;
const DEATH_SHARE = 0.15;
const DEATH_MAX_MS = 200;

export interface FollowerSurroundings {
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly secrets: Pick<SecretDoor, "randomBytes">;
  isParentDead(): boolean;
  /** The disk as one sees it who is dead as soon as that says so. */
  diskOf(isDead: () => boolean): Disk;
}

export class SimulatedFollowers implements FollowerDoor {
  readonly #around: FollowerSurroundings;

  constructor(around: FollowerSurroundings) {
    this.#around = around;
  }

  start(job: object, events: FollowerEvents): Follower {
    const { scheduler, clock, timers, secrets, isParentDead, diskOf } = this.#around;
    let isDead = false;
    const later = (run: () => void): void => {
      scheduler.after(scheduler.random.fraction() * MESSAGE_MAX_MS, () => {
        if (!isParentDead()) run();
      });
    };
    const end = (reason: string | undefined): void => {
      if (isDead) return;
      isDead = true;
      later(() => events.ended(reason));
    };
    const parent: ParentChannel = {
      send: (message) =>
        new Promise((resolve) => {
          later(() => {
            if (isDead) return;
            events.message(structuredClone(message));
            resolve();
          });
        }),
    };
    const work = runFollower(structuredClone(job) as FollowerJob, parent, {
      disk: diskOf(() => isDead || isParentDead()),
      clock,
      timers: {
        ...timers,
        soon: (run) =>
          timers.soon(() => {
            if (!isDead) run();
          }),
      },
      secrets,
      residentBytes: () => 0,
    });
    work.then(
      () => end(undefined),
      (failure: unknown) => end(failure instanceof Error ? failure.message : String(failure)),
    );
    if (scheduler.happens(DEATH_SHARE)) {
      scheduler.after(scheduler.below(DEATH_MAX_MS), () => end("it was ended by SIGKILL"));
    }
    return { kill: () => end("it was killed") };
  }
}
