/**
 * Random commands beside redis-server 7, with the small number (`redis-differential-harness.ts`).
 */
import { expect, test } from "vitest";
import { reportLine } from "../support/harness-report.ts";
import { findRedisServer } from "../support/redis-peer.ts";
import { compareWithRedis } from "./redis-differential-harness.ts";

test.runIf(findRedisServer() !== undefined)(
  "random commands are answered as redis-server answers them",
  async () => {
    const report = await compareWithRedis();
    console.log(reportLine(report));
    expect(report.failures.join("\n\n")).toBe("");
  },
  3_600_000,
);
