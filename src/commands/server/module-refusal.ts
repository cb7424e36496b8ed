/**
 * What MODULE LOAD and UNLOAD answer.
 */
import { ErrorReply } from "../../base/errors.ts";

export const noModules = new ErrorReply(
  "ERR this server has its modules built in and loads no others",
);
