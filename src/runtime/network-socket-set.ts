/**
 * The native set of sockets (`sockets/`) as TypeScript sees it, and whether this machine has it.
 *
 * `npm install` builds it on Linux. Where it is missing, or the environment says
 * LODESTONE_SOCKETS=node, node's own sockets are used: the same behaviour, with more work for each
 * command.
 */
import { loadAddon } from "./native.ts";

/** Words in a row of either table: slot, generation, offset, bytes (`sockets/socket-set.h`). */
export const ROW_WORDS = 4;
export const CHUNK_ALIGNMENT = 64;

export interface SocketAddon {
  /** The arrays are read and written in place; `onInput` says how many chunks there are. */
  createSet(
    input: Uint8Array,
    chunks: Uint32Array,
    output: Uint8Array,
    sends: Uint32Array,
    onInput: (chunkCount: number) => void,
  ): SocketSet;
  /** Not in an addon that was built before this was. */
  exitAtOnce?(code: number): never;
}

/** Failures are libuv's error numbers; zero is none. */
export interface SocketSet {
  /** Leaves slot and generation in `name`. The socket is not read yet. */
  add(descriptor: number, name: Uint32Array): number;
  /** Refused while node watches the descriptor. */
  startReading(slot: number, generation: number): number;
  stopReading(slot: number, generation: number): void;
  remove(slot: number, generation: number): void;
  /** Leaves in each row how many bytes were taken; how many rows were not taken whole. */
  send(count: number): number;
}

export function loadSocketAddon(): SocketAddon | undefined {
  if (process.platform !== "linux" || process.env["LODESTONE_SOCKETS"] === "node") return undefined;
  try {
    return loadAddon(
      new URL("../../src/runtime/sockets/build/Release/sockets.node", import.meta.url),
    ) as SocketAddon;
  } catch {
    return undefined;
  }
}
