/**
 * MULTI: the commands that a session has queued, and whether EXEC may still run them.
 *
 * EXEC runs them back to back, and what they did is one unit of the log: all or nothing. The
 * replies of searches inside are awaited before the array leaves (`awaitReplies`).
 */
import type { Bytes } from "../base/bytes.ts";
import { ErrorReply } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import type { RegisteredCommand } from "../commands/command-table.ts";
import { PendingReply, type Reply } from "../resp/frame.ts";

export interface QueuedCommand {
  readonly command: RegisteredCommand;
  readonly args: readonly Bytes[];
}

export class Transaction {
  readonly queue: QueuedCommand[];
  /** A command was refused while queueing; EXEC answers EXECABORT. */
  isAborted: boolean;
  holdsWrite: boolean;
  holdsDeniedWithoutMemory: boolean;
  sizeBytes: number;

  constructor() {
    this.queue = [];
    this.isAborted = false;
    this.holdsWrite = false;
    this.holdsDeniedWithoutMemory = false;
    this.sizeBytes = 0;
  }

  /** Undefined when it was queued. */
  add(command: RegisteredCommand, args: readonly Bytes[]): ErrorReply | undefined {
    let sizeBytes = 0;
    for (const argument of args) sizeBytes += argument.length;
    if (
      this.queue.length >= limits.transactionCommandsMax ||
      this.sizeBytes + sizeBytes > limits.transactionBytesMax
    ) {
      return transactionTooLarge;
    }
    this.sizeBytes += sizeBytes;
    this.queue.push({ command, args });
    if (command.isWrite) this.holdsWrite = true;
    if (command.isDeniedWithoutMemory) this.holdsDeniedWithoutMemory = true;
    return undefined;
  }
}

const transactionTooLarge = new ErrorReply(
  "ERR transaction exceeds the limit on queued commands or their size",
);

/** The array itself, or a PendingReply for it while a reply inside is still being worked on. */
export function awaitReplies(replies: Reply[]): Reply {
  let openCount = 0;
  let waitSequence = 0;
  let whole: PendingReply | undefined;
  for (let index = 0; index < replies.length; index += 1) {
    const reply = replies[index];
    if (!(reply instanceof PendingReply)) continue;
    openCount += 1;
    whole ??= new PendingReply();
    const outer = whole;
    reply.onSettled((settled, sequence) => {
      replies[index] = settled;
      waitSequence = Math.max(waitSequence, sequence);
      openCount -= 1;
      if (openCount === 0) outer.settle(replies, waitSequence);
    });
  }
  return whole ?? replies;
}
