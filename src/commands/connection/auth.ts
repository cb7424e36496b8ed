/**
 * AUTH: proves who the client is, with a password alone (for `default`) or with a user's name.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { optional, since, string } from "../argument.ts";
import type { Command } from "../command.ts";

const noPasswordConfigured = new ErrorReply(
  "ERR AUTH <password> called without any password configured for the default user. " +
    "Are you sure your configuration is correct?",
);

export const authCommand: Command = {
  name: "auth",
  group: "connection",
  summary: "Authenticates the connection.",
  since: "1.0.0",
  complexity: "O(N) where N is the number of passwords of the user.",
  arity: -2,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  arguments: [since("6.0.0", optional(string("username"))), string("password")],
  history: [["6.0.0", "A user name may be given."]],
  carriesSecret: true,
  run: (context, args) => {
    if (args.length > 3) return errors.syntax;
    if (args.length === 2 && !context.server.isPasswordRequired()) return noPasswordConfigured;
    const userName = args.length === 3 ? toBinaryString(args[1]) : "default";
    if (!context.server.authenticate(userName, args[args.length - 1])) return errors.wrongPassword;
    context.session.isAuthenticated = true;
    context.session.userName = userName;
    return OK;
  },
};
