/**
 * Keeps V8's young generation small: by default its halves grow to 64 MB and more while data is
 * loaded and never shrink, which is more than 100,000 small hashes take. With halves of 8
 * to 16 MB commands took no more processor time (SET, GET, LPUSH, HSET, pipelined).
 *
 * V8 reads its flag for the largest size only when the process starts, but the one for the rate of
 * growth each time it grows; so growth ends here, and no flag has to be given to node.
 */
import { flushCompileCache } from "node:module";
import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** It may double once more before it is noticed. */
const YOUNG_BYTES_MAX = 8 * 1024 * 1024;

export function boundYoungGeneration(): void {
  const observer = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
    if (young === undefined || young.space_size < YOUNG_BYTES_MAX) return;
    // What is compiled counts as compiled with other flags from here on.
    flushCompileCache();
    setFlagsFromString("--semi-space-growth-factor=1");
    observer.disconnect();
  });
  observer.observe({ entryTypes: ["gc"] });
}
