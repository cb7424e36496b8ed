/**
 * FT._DEBUG GRAPH: checksums of an index's graphs, to compare nodes, or one node before and after
 * a restart, and what is wrong inside each: all zeros in a sound one, but for nodes that a sweep
 * has yet to make reachable. Equal logs give equal checksums at equal sequences; after
 * FT._DEBUG FLUSH, or while writers rest, the sequence stands still.
 */
import { ErrorReply } from "../../base/errors.ts";
import { type Reply, SimpleString } from "../../resp/frame.ts";
import type { NamedChecksum } from "../../search/search-index.ts";
import { string } from "../argument.ts";
import type { Command } from "../command.ts";
import { debugFailed, debuggedIndex } from "./debug-target.ts";
import { nameReply, pairs, wantsFlatPairs } from "./reply-layout.ts";

export const ftDebugGraphCommand: Command = {
  name: "ft._debug|graph",
  group: "search",
  summary: "Returns checksums and faults of an index's graphs.",
  since: "1.0.0",
  complexity: "O(N), where N is the number of vectors; on another thread",
  arity: 3,
  flags: ["readonly", "admin"],
  arguments: [string("index")],
  run: (context, args) => {
    const index = debuggedIndex(context, args[2]);
    if (index instanceof ErrorReply) return index;
    return context.defer(
      index.graphChecksums(),
      (later, checksums) => {
        later.waitFor(index.ingestedSequence);
        return checksumsReply(checksums, wantsFlatPairs(later.session));
      },
      debugFailed,
    );
  },
};

function checksumsReply(checksums: readonly NamedChecksum[], isFlat: boolean): Reply {
  const entries: Reply[] = [];
  for (const [alias, checksum] of checksums) {
    entries.push(
      nameReply(alias),
      pairs(isFlat, [
        new SimpleString("checksum"),
        hexadecimal(checksum.whole),
        new SimpleString("sequence"),
        checksum.sequence,
        new SimpleString("nodes"),
        checksum.nodeCount,
        new SimpleString("tombstones"),
        checksum.tombstoneCount,
        new SimpleString("slots_per_range"),
        checksum.slotsPerRange,
        new SimpleString("ranges"),
        checksum.ranges.map(hexadecimal),
        new SimpleString("faults"),
        faultsReply(checksum.faults, isFlat),
      ]),
    );
  }
  return pairs(isFlat, entries);
}

function faultsReply(faults: NamedChecksum[1]["faults"], isFlat: boolean): Reply {
  return pairs(isFlat, [
    new SimpleString("unreachable"),
    faults.unreachable,
    new SimpleString("broken_links"),
    faults.brokenLinks,
    new SimpleString("wrong_in_link_counts"),
    faults.wrongInLinkCounts,
    new SimpleString("stray_nodes"),
    faults.strayNodes,
    new SimpleString("wrong_levels"),
    faults.wrongLevels,
  ]);
}

function hexadecimal(sum: bigint): string {
  return sum.toString(16).padStart(16, "0");
}
