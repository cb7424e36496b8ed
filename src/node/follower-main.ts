/**
 * The follower's process: makes one snapshot from the files of the folder, at the lowest priority,
 * and ends. `node/snapshot-keeper.ts` starts it; nobody else does.
 */
import { systemClock, systemTimers } from "../runtime/clock.ts";
import { installFailpoints, parseFailpoints } from "../runtime/failpoint.ts";
import { serveParent } from "../runtime/follower-process.ts";
import { systemProcess } from "../runtime/process.ts";
import { systemSecrets } from "../runtime/secrets.ts";
import { systemDisk } from "../runtime/system-disk.ts";
import { type FollowerJob, runFollower } from "./follower-job.ts";

serveParent(async (job, parent) => {
  const followerJob = job as FollowerJob;
  installFailpoints(parseFailpoints(followerJob.failpoints));
  await runFollower(followerJob, parent, {
    disk: systemDisk,
    clock: systemClock,
    timers: systemTimers,
    secrets: systemSecrets,
    residentBytes: systemProcess.residentBytes,
  });
});
