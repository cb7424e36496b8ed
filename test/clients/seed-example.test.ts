/**
 * The Python example of a session and of retrieval, as it stands, before and after `kill -9`.
 */
import { afterEach, describe, expect, it } from "vitest";
import { findRequirement } from "../support/requirement.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";
import { runPython } from "./python.ts";

const python = findRequirement("python-clients");

describe.skipIf(python === undefined)("the Python example", () => {
  let server: TestServer | undefined;
  afterEach(() => server?.stop());

  it.each(["default", "resp2"])("holds with %s, and after kill -9", async (wire) => {
    server = await startTestServer();
    const run = (step: string, port: number) =>
      runPython(python ?? "", "seed_example.py", [port, wire, step]);
    const written = await run("write", server.port);
    expect(written.exitCode, written.output).toBe(0);
    await server.crash();
    const again = await run("again", server.port);
    expect(again.exitCode, again.output).toBe(0);
    // The same moment to the millisecond: what remained is what remains.
    const expires = /expires: (\d+)/;
    expect(expires.exec(again.output)?.[1]).toBe(expires.exec(written.output)?.[1]);
  });
});
