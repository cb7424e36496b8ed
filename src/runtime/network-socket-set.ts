/**
 * The native set of sockets (`native/socket-set.h`) as TypeScript sees it. Where it is missing, or
 * the environment says LODESTONE_SOCKETS=node, node's own sockets are used: the same behaviour,
 * with more work for each command.
 */
import { loadRuntimeAddon, type RuntimeAddon } from "./native-addon.ts";

/** Words in a row of either table: slot, generation, offset, bytes (`native/socket-set.h`). */
export const ROW_WORDS = 4;
export const CHUNK_ALIGNMENT = 64;

export type SocketAddon = Pick<RuntimeAddon, "createSet">;

export function loadSocketAddon(): SocketAddon | undefined {
  return process.env["LODESTONE_SOCKETS"] === "node" ? undefined : loadRuntimeAddon();
}
