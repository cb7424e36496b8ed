/**
 * Followers that run in the test's own process, on its disk, its clock and its timers.
 */
import { type FollowerJob, runFollower } from "../../src/node/follower-job.ts";
import type { Clock, Timers } from "../../src/runtime/clock.ts";
import type { Disk } from "../../src/runtime/disk.ts";
import { InProcessFollowers } from "../../src/runtime/follower-process.ts";
import { systemSecrets } from "../../src/runtime/secrets.ts";

export function followersOn(
  disk: Disk,
  clock: Clock,
  timers: Pick<Timers, "soon">,
): InProcessFollowers {
  return new InProcessFollowers((job, parent) =>
    runFollower(job as FollowerJob, parent, {
      disk,
      clock,
      timers,
      secrets: systemSecrets,
      residentBytes: () => 0,
    }),
  );
}
