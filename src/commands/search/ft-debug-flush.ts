/**
 * FT._DEBUG FLUSH: answers once everything that is in the index is in its graphs.
 *
 * It seals by an effect, as the server does where writers rest, so it is a write. While existing
 * keys are being indexed there is nothing to seal yet: then the server's own seal is waited for.
 */
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { OK } from "../../resp/frame.ts";
import { string } from "../argument.ts";
import type { Command } from "../command.ts";
import { debugFailed, debuggedIndex } from "./debug-target.ts";

export const ftDebugFlushCommand: Command = {
  name: "ft._debug|flush",
  group: "search",
  summary: "Waits until all vectors of an index are in its graphs.",
  since: "1.0.0",
  complexity: "O(N log N), where N is the number of vectors that are not in a graph yet",
  arity: 3,
  flags: ["write", "admin", "no_multi"],
  arguments: [string("index")],
  run: (context, args) => {
    const index = debuggedIndex(context, args[2]);
    if (index instanceof ErrorReply) return index;
    if (!index.isBackfilling && index.unsealedCount > 0) {
      context.apply({ id: EffectId.indexSeal, name: index.name });
    }
    return context.defer(index.whenInGraphs(), () => OK, debugFailed);
  },
};
