/**
 * The follower's work, and what it and the serving process say to each other: one job, then
 * progress, then how it ended. The same code runs in a child (`follower-main.ts`) and in a test's
 * own process.
 */
import { type HandedKeys, takeHandedKeys } from "../keys/handed-keys.ts";
import type { ParentChannel } from "../runtime/follower-process.ts";
import type { SecretDoor } from "../runtime/secrets.ts";
import {
  type FoldJob,
  type FoldResult,
  type FoldStep,
  type FoldWorld,
  foldSnapshot,
} from "../snapshot/fold.ts";

export interface FollowerJob extends FoldJob {
  readonly keys: HandedKeys | undefined;
  /** Rules for the child's own failpoints; empty except in tests. */
  readonly failpoints: string;
}

export type FollowerMessage =
  | { readonly kind: "progress"; readonly step: FoldStep; readonly fraction: number }
  | { readonly kind: "base damaged"; readonly reason: string }
  | { readonly kind: "done"; readonly result: FoldResult; readonly residentBytesMax: number }
  | { readonly kind: "failed"; readonly reason: string };

export interface FollowerWorld extends FoldWorld {
  readonly secrets: Pick<SecretDoor, "randomBytes">;
  readonly residentBytes: () => number;
}

export async function runFollower(
  job: FollowerJob,
  parent: ParentChannel,
  world: FollowerWorld,
): Promise<void> {
  let residentBytesMax = 0;
  const send = (message: FollowerMessage): Promise<void> => parent.send(message);
  try {
    const result = await foldSnapshot(world, job, takeHandedKeys(job.keys, world.secrets), {
      progress(step, fraction) {
        residentBytesMax = Math.max(residentBytesMax, world.residentBytes());
        void send({ kind: "progress", step, fraction });
      },
      baseDamaged: (reason) => void send({ kind: "base damaged", reason }),
    });
    residentBytesMax = Math.max(residentBytesMax, world.residentBytes());
    await send({ kind: "done", result, residentBytesMax });
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure);
    await send({ kind: "failed", reason });
  }
}
