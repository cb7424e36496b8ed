/**
 * One follower at work, as the serving process sees it.
 */
import type { Follower, FollowerDoor } from "../runtime/follower-process.ts";
import type { FoldResult, FoldStep } from "../snapshot/fold.ts";
import type { FollowerJob, FollowerMessage } from "./follower-job.ts";

export interface FollowerEnd {
  readonly result: FoldResult;
  readonly residentBytesMax: number;
}

export class FollowerRun {
  step: FoldStep = "folding";
  /** 0 to 1, of that step. */
  progress = 0;
  /** Rejects with why there is no result. */
  readonly ended: Promise<FollowerEnd>;
  readonly #follower: Follower;

  constructor(door: FollowerDoor, job: FollowerJob, baseDamaged: (reason: string) => void) {
    let end: FollowerEnd | undefined;
    let failure: string | undefined;
    let settle: () => void = () => undefined;
    this.ended = new Promise((resolve, reject) => {
      settle = () => {
        if (end !== undefined) resolve(end);
        else reject(new Error(failure ?? "the follower ended without a word"));
      };
    });
    this.#follower = door.start(job, {
      message: (raw) => {
        const message = raw as FollowerMessage;
        if (message.kind === "progress") this.#note(message.step, message.fraction);
        else if (message.kind === "base damaged") baseDamaged(message.reason);
        else if (message.kind === "failed") failure = message.reason;
        else end = { result: message.result, residentBytesMax: message.residentBytesMax };
      },
      ended: (reason) => {
        failure ??= reason === undefined ? undefined : `the follower: ${reason}`;
        settle();
      },
    });
  }

  kill(): void {
    this.#follower.kill();
  }

  #note(step: FoldStep, fraction: number): void {
    this.step = step;
    this.progress = fraction;
  }
}
