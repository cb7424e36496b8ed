/**
 * Users: what is a right password, also for users who do not exist; and categories of commands.
 */
import { describe, expect, it } from "vitest";
import { commandCategories } from "../../src/auth/categories.ts";
import { UserTable } from "../../src/auth/users.ts";
import { systemHashing } from "../../src/runtime/hashing.ts";

describe("users", () => {
  it("takes anything for a default user without a password", () => {
    const users = new UserTable(systemHashing);
    expect(users.isPasswordRequired()).toBe(false);
    expect(users.authenticate("default", "whatever")).toBe(true);
    expect(users.authenticate("nobody", "whatever")).toBe(false);
  });

  it("takes the password alone, whether it is long or short", () => {
    const users = new UserTable(systemHashing);
    for (const password of ["s", "\x00\xff", "p".repeat(2000)]) {
      users.setDefaultPassword(password);
      expect(users.isPasswordRequired()).toBe(true);
      expect(users.authenticate("default", Buffer.from(password, "latin1"))).toBe(true);
      expect(users.authenticate("default", password)).toBe(true);
      expect(users.authenticate("default", `${password}x`)).toBe(false);
      expect(users.authenticate("default", "")).toBe(false);
    }
    users.setDefaultPassword("");
    expect(users.isPasswordRequired()).toBe(false);
  });

  it("keeps no password, and compares for users who do not exist too", () => {
    let comparisons = 0;
    const users = new UserTable({
      ...systemHashing,
      equalInConstantTime(left, right) {
        comparisons += 1;
        return systemHashing.equalInConstantTime(left, right);
      },
    });
    users.setDefaultPassword("secret");
    expect(users.default.passwordHashes[0].toString("latin1")).not.toContain("secret");
    users.authenticate("default", "x");
    users.authenticate("nobody", "x");
    expect(comparisons).toBe(2);
  });

  it("refuses a disabled user", () => {
    const users = new UserTable(systemHashing);
    users.setDefaultPassword("secret");
    users.default.isEnabled = false;
    expect(users.authenticate("default", "secret")).toBe(false);
    expect(users.isPasswordRequired()).toBe(true);
  });
});

describe("categories", () => {
  it("follow from group and flags", () => {
    expect(commandCategories("string", ["write", "denyoom", "fast"], [])).toEqual([
      "write",
      "string",
      "fast",
    ]);
    expect(commandCategories("generic", ["readonly"], ["dangerous"])).toEqual([
      "keyspace",
      "read",
      "slow",
      "dangerous",
    ]);
    expect(commandCategories("server", ["admin", "blocking"], [])).toEqual([
      "admin",
      "slow",
      "blocking",
      "dangerous",
    ]);
  });
});
