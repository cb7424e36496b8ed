/**
 * Keeps V8's young generation small, and its collection on the thread that needs it.
 *
 * Small: by default its halves grow to 64 MB and more while data is loaded and never shrink, which
 * is more than 100,000 small hashes take. With halves of 8 to 16 MB commands took no more processor
 * time (SET, GET, LPUSH, HSET, pipelined).
 *
 * On its thread: what survives is little, 0.9 ms of work. Shared with helper threads the loop waits
 * for whichever of them has no core, which was up to 10 ms beside a snapshot; loading and mixed
 * commands were not slower without them (0.83 to 1.0 of the processor time).
 */
import { flushCompileCache } from "node:module";
import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** It may double once more before it is noticed. */
const YOUNG_BYTES_MAX = 8 * 1024 * 1024;

/**
 * V8 reads its flag for the largest size only when the process starts, but the one for the rate of
 * growth each time it grows, and the one for helpers each time it collects; so no flag has to be
 * given to node.
 */
export function boundYoungGeneration(): void {
  let isOnItsThread = false;
  const observer = new PerformanceObserver(() => {
    if (!isOnItsThread) setFlag("--no-parallel-scavenge");
    isOnItsThread = true;
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
    if (young === undefined || young.space_size < YOUNG_BYTES_MAX) return;
    setFlag("--semi-space-growth-factor=1");
    observer.disconnect();
  });
  observer.observe({ entryTypes: ["gc"] });
}

function setFlag(flag: string): void {
  // What is compiled counts as compiled with other flags from here on.
  flushCompileCache();
  setFlagsFromString(flag);
}
