/**
 * Which layout a client expects of FT replies on RESP3: RediSearch's maps, or MemoryDB's flat
 * arrays, which the GLIDE clients need on RESP3 too. They introduce themselves before any FT call.
 */
import { MapReply, type Reply, SimpleString } from "../../resp/frame.ts";
import type { SessionState } from "../session-state.ts";

/** Whether pairs are flat arrays for this client. */
export function wantsFlatPairs(session: SessionState): boolean {
  return session.protocol === 2 || session.libraryName.startsWith("Glide");
}

/** `entries` is flat: name, value, name, value. */
export function pairs(isFlat: boolean, entries: readonly Reply[]): Reply {
  return isFlat ? entries : new MapReply(entries);
}

/** A simple string where the text allows it: RediSearch sends names so, and clients see bulks. */
export function nameReply(text: string): Reply {
  return /^[\x20-\x7e]*$/.test(text) ? new SimpleString(text) : text;
}
