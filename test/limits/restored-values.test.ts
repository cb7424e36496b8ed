/**
 * What a payload says of itself is believed only as far as there are bytes for it, and what it
 * would become is bounded.
 */
import { describe, expect, it } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { readPayload } from "../../src/rdb/payload.ts";
import { sealed } from "../rdb/sealed.ts";

const ROOM_BYTES = 1024 * 1024;

function read(content: string, roomBytes = ROOM_BYTES): unknown {
  return readPayload(sealed(content.replaceAll(" ", "")), roomBytes);
}

/** A length of 64 bits. */
function length64(value: number): string {
  return `81${value.toString(16).padStart(16, "0")}`;
}

describe("what a payload declares", () => {
  it("is no reason to allocate anything", () => {
    const declared = length64(limits.restoredElementsMax);
    // A string, a list, a set, a sorted set, a hash, a quicklist, a stream: and nothing behind it.
    for (const type of ["01", "02", "03", "04", "05", "0e", "12", "0f", "13", "15", "18"]) {
      expect(read(type + (type === "18" ? "00".repeat(8) : "") + declared)).toBe("content");
    }
    expect(read(`00${length64(limits.argumentBytesMax)}`)).toBe("content");
    expect(read(`00c3 01 ${length64(limits.argumentBytesMax)} 00`)).toBe("content");
  });

  it("stops at restoredElementsMax and argumentBytesMax", () => {
    const elements = length64(limits.restoredElementsMax + 1);
    for (const type of ["01", "02", "04", "05", "12"]) {
      expect(read(type + elements)).toBe("too large");
    }
    expect(read(`00${length64(limits.argumentBytesMax + 1)}`)).toBe("too large");
    expect(read(`00c3 01 ${length64(limits.argumentBytesMax + 1)} 00`)).toBe("too large");
  });

  it("stops where a compressed string, or many small elements, outgrow the room", () => {
    // One byte, and a hundred references of 264 bytes each.
    const zeros = `00 00 ${"e0 ff 00 ".repeat(100)}`.replaceAll(" ", "");
    const compressed = `c3 ${(0x4000 | (zeros.length / 2)).toString(16)} ${length64(26_401)} ${zeros}`;
    expect(read(`00 ${compressed}`)).toMatchObject({ type: "string" });
    expect(read(`00 ${compressed}`, 26_400)).toBe("too large");
    expect(read(`01 05 ${compressed.repeat(5)}`, 100_000)).toBe("too large");
    expect(read("01 05 c001 c001 c001 c001 c001", 24)).toBe("too large");
    expect(read("01 05 c001 c001 c001 c001 c001", 25)).toMatchObject({ type: "list" });
  });
});
