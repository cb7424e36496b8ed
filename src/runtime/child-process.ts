/**
 * Children that run a module of ours, with a channel on their descriptor 3.
 *
 * Node starts a process by fork, which copies the page tables of ours: with 1 GB in memory nobody
 * is served for 45 ms. On Linux the native code starts it without (`native/child-process.cpp`);
 * elsewhere node does, on macOS without a fork as well.
 */
import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { constants } from "node:os";
import { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { getSystemErrorName } from "node:util";
import { loadRuntimeAddon, type RuntimeAddon } from "./native-addon.ts";

export const CHANNEL_DESCRIPTOR = 3;
/** Between the end of its channel and its own lie microseconds, unless a disk keeps it. */
const LOOK_MS = 2;

export type ChildAddon = Pick<RuntimeAddon, "startChild" | "lookAtChild">;

export interface Child {
  /** Closes when the child ends. */
  readonly channel: Duplex;
  /** Why it ended, undefined if by itself and well. Never rejects. */
  readonly ended: Promise<string | undefined>;
  kill(): void;
}

/** Fails if there can be no process. The child's standard input is empty, the rest is ours. */
export function startChild(
  module: URL,
  nodeFlags: readonly string[],
  addon: ChildAddon | null = loadRuntimeAddon() ?? null,
): Child {
  const words = [...nodeFlags, fileURLToPath(module)];
  return addon === null ? startByNode(words) : new LightChild(addon, words);
}

function howEnded(code: number | null, signal: string | null): string | undefined {
  if (signal !== null) return `it was ended by ${signal}`;
  return code === 0 ? undefined : `it ended with exit code ${code}`;
}

function signalName(number: number): string | null {
  if (number === 0) return null;
  const names = Object.entries(constants.signals);
  return names.find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}

class LightChild implements Child {
  readonly channel: Socket;
  readonly ended: Promise<string | undefined>;
  readonly #addon: ChildAddon;
  readonly #id: number;
  #isForgotten = false;

  constructor(addon: ChildAddon, words: readonly string[]) {
    this.#addon = addon;
    const child = new Int32Array(2);
    const environment = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
    const allWords = [process.execPath, ...words];
    const failure = addon.startChild(process.execPath, allWords, environment, child);
    if (failure !== 0) throw new Error(`no process: ${getSystemErrorName(-failure)}`);
    this.#id = child[0];
    this.channel = new Socket({ fd: child[1], readable: true, writable: true });
    this.ended = new Promise((resolve) => {
      this.channel.once("close", () => this.#look(resolve));
    });
  }

  /** Its number is its own until it was looked at after its end. */
  kill(): void {
    if (!this.#isForgotten) process.kill(this.#id, "SIGKILL");
  }

  #look(resolve: (reason: string | undefined) => void): void {
    const end = new Int32Array(3);
    const failure = this.#addon.lookAtChild(this.#id, end);
    const [isEnded, code, signal] = end;
    if (failure === 0 && isEnded === 0) {
      setTimeout(() => this.#look(resolve), LOOK_MS);
      return;
    }
    this.#isForgotten = true;
    resolve(failure === 0 ? howEnded(code, signalName(signal)) : getSystemErrorName(-failure));
  }
}

function startByNode(words: readonly string[]): Child {
  const child = spawn(process.execPath, words, { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  const channel = child.stdio[CHANNEL_DESCRIPTOR];
  if (!(channel instanceof Duplex)) throw new Error("no process: it has no channel");
  return {
    channel,
    ended: new Promise((resolve) => {
      child.once("error", (failure) => resolve(failure.message));
      child.once("close", (code, signal) => resolve(howEnded(code, signal)));
    }),
    kill: () => child.kill("SIGKILL"),
  };
}

/** The child's side. */
export function parentChannel(): Duplex {
  return new Socket({ fd: CHANNEL_DESCRIPTOR, readable: true, writable: true });
}
