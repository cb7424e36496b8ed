/**
 * redis-py and redisvl at work: each script is a program of its own that asserts what it sees.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRequirement } from "../support/requirement.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";
import { runPython } from "./python.ts";

const python = findRequirement("python-clients");

describe.skipIf(python === undefined)("from Python", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server?.stop());

  it.each([
    ["redis_py.py", 2],
    ["redis_py.py", 3],
    ["redisvl_flow.py", "flat"],
    ["redisvl_flow.py", "hnsw"],
  ])("%s holds with %s", async (script, argument) => {
    const { exitCode, output } = await runPython(python ?? "", script, [server.port, argument]);
    expect(exitCode, output).toBe(0);
  });
});
