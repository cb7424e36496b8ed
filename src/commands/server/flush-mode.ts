/**
 * The optional word behind FLUSHALL and FLUSHDB.
 */
import type { Bytes } from "../../base/bytes.ts";
import { optionName } from "../context.ts";

export function isFlushMode(args: readonly Bytes[]): boolean {
  if (args.length === 1) return true;
  if (args.length > 2) return false;
  const mode = optionName(args[1]);
  return mode === "ASYNC" || mode === "SYNC";
}
