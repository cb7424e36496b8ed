/**
 * The types of connections that CLIENT LIST and KILL may name. All of ours are `normal` for now.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";

export function clientType(argument: Bytes): string | ErrorReply {
  const given = toBinaryString(argument);
  const type = given.toLowerCase();
  switch (type) {
    case "normal":
    case "master":
    case "pubsub":
    case "replica":
      return type;
    case "slave":
      return "replica";
    default:
      return new ErrorReply(`ERR Unknown client type '${given.slice(0, 128)}'`);
  }
}
