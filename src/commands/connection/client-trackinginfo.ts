/**
 * CLIENT TRACKINGINFO: the state of tracking, which is off.
 */
import { MapReply, SetReply } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

export const clientTrackinginfoCommand: Command = {
  name: "client|trackinginfo",
  group: "connection",
  summary: "Describes client-side caching of the connection.",
  since: "6.2.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  run: () => new MapReply(["flags", new SetReply(["off"]), "redirect", -1, "prefixes", []]),
};
