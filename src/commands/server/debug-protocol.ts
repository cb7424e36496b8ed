/**
 * DEBUG PROTOCOL: one value of each protocol type, for tests of clients.
 */
import { ErrorReply } from "../../base/errors.ts";
import {
  BigNumberReply,
  DoubleReply,
  MapReply,
  PushReply,
  type Reply,
  SetReply,
  VerbatimReply,
} from "../../resp/frame.ts";

export function debugProtocol(type: string): Reply {
  switch (type) {
    case "STRING":
      return "Hello World";
    case "INTEGER":
      return 12345;
    case "DOUBLE":
      return new DoubleReply(3141 / 1000);
    case "NULL":
      return null;
    case "ARRAY":
      return [0, 1, 2];
    case "SET":
      return new SetReply([0, 1, 2]);
    case "MAP":
      return new MapReply([0, false, 1, true, 2, false]);
    case "PUSH":
      return new PushReply(["server-cpu-usage", 42]);
    case "VERBATIM":
      return new VerbatimReply("txt", "This is a verbatim\nstring");
    case "TRUE":
      return true;
    case "FALSE":
      return false;
    case "BIGNUM":
      return new BigNumberReply(1234567999999999999999999999999999999n);
    default:
      return new ErrorReply(
        "ERR Wrong protocol type name. Please use one of the following: string|integer|double|" +
          "bignum|null|array|set|map|push|verbatim|true|false",
      );
  }
}
