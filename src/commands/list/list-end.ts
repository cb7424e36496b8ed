/**
 * The two ends of a list, as arguments name them.
 */
import type { Bytes } from "../../base/bytes.ts";
import { optionName } from "../context.ts";

export type ListEnd = "LEFT" | "RIGHT";

export function parseListEnd(argument: Bytes): ListEnd | undefined {
  const name = optionName(argument);
  return name === "LEFT" || name === "RIGHT" ? name : undefined;
}
