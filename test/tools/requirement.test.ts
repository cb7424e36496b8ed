/**
 * A missing requirement says how to get it, and fails where everything is required.
 */
import { describe, expect, test } from "vitest";
import { judgeMissing } from "../support/requirement.ts";

describe("a missing requirement", () => {
  const reason = "redis-server is not here: install the Debian package redis-server";

  test("skips with a reason", () => {
    expect(judgeMissing("redis-server", {})).toContain(`skipped: ${reason}`);
    expect(judgeMissing("redis-server", { LODESTONE_REQUIRE_ALL: "0" })).toContain(reason);
  });

  test("fails where everything is required", () => {
    expect(() => judgeMissing("redis-server", { LODESTONE_REQUIRE_ALL: "1" })).toThrow(reason);
  });

  test("skips where it is left out by name", () => {
    const environment = { LODESTONE_REQUIRE_ALL: "1", LODESTONE_WITHOUT: "models,redis-server" };
    expect(judgeMissing("redis-server", environment)).toContain(reason);
    expect(() => judgeMissing("redis-cli", environment)).toThrow("redis-cli is not here");
  });
});
