/**
 * What commands may see and set of a client's session. The engine's Session implements it.
 */
import type { Bytes } from "../base/bytes.ts";
import type { Protocol, Reply } from "../resp/frame.ts";

export interface SessionState {
  readonly id: number;
  readonly address: string;
  readonly localAddress: string;
  readonly connectedAtMs: number;
  database: number;
  protocol: Protocol;
  /** CLIENT SETNAME and SETINFO; empty when unset. */
  name: string;
  libraryName: string;
  libraryVersion: string;
  userName: string;
  isAuthenticated: boolean;
  isNoEvict: boolean;
  isNoTouch: boolean;
  replyMode: "on" | "off" | "skip" | "skip-next";
  /** Sends nothing more after the reply to the present command, then closes. */
  closeAfterReply(): void;

  /** MULTI: commands are queued from now on. */
  readonly isInTransaction: boolean;
  beginTransaction(): void;
  /** Forgets queued commands and watched keys. */
  discardTransaction(): void;
  /**
   * EXEC: runs what was queued as one unit and gives the array of replies; NULL_ARRAY when a
   * watched key changed; EXECABORT when a queued command was refused.
   */
  executeTransaction(): Reply;
  watch(keys: readonly string[]): void;
  unwatch(): void;

  /** RESET: everything a new connection would have. */
  reset(): void;
  lastCommandName: string;
  readonly argumentsOfLastCommand?: readonly Bytes[];
}
