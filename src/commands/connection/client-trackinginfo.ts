/**
 * CLIENT TRACKINGINFO: the state of tracking, which is off.
 */
import { MapReply, SetReply, SimpleString } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

const OFF = new SimpleString("off");

export const clientTrackinginfoCommand: Command = {
  name: "client|trackinginfo",
  group: "connection",
  summary: "Describes client-side caching of the connection.",
  since: "6.2.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  run: () =>
    new MapReply(["flags", new SetReply([OFF]), "redirect", -1, "prefixes", new SetReply([])]),
};
