/**
 * The runtime's native code (`native/`) as TypeScript sees it, and whether this machine has it.
 *
 * `npm install` builds it on Linux. Where it is missing, node's own sockets and processes do the
 * same with more work.
 */
import { loadAddon } from "./native.ts";

export interface RuntimeAddon {
  /** The arrays are read and written in place; `onInput` says how many chunks there are. */
  createSet(
    input: Uint8Array,
    chunks: Uint32Array,
    output: Uint8Array,
    sends: Uint32Array,
    onInput: (chunkCount: number) => void,
  ): SocketSet;
  /**
   * Zero, or an errno. Leaves in `child` the process and the descriptor of our end of the channel,
   * which is the child's descriptor 3.
   */
  startChild(
    file: string,
    words: readonly string[],
    environment: readonly string[],
    child: Int32Array,
  ): number;
  /** Zero, or an errno. Leaves in `end` whether it has ended (1), its exit code and its signal. */
  lookAtChild(id: number, end: Int32Array): number;
  /** Zero, or an errno: these threads keep off one processor, if there is another. */
  leaveOneProcessor(threads: Int32Array): number;
  exitAtOnce(code: number): never;
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

export function loadRuntimeAddon(): RuntimeAddon | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return loadAddon(
      new URL("../../src/runtime/native/build/Release/runtime.node", import.meta.url),
    ) as RuntimeAddon;
  } catch {
    return undefined;
  }
}
