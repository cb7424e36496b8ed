// Whether a graph is what searches take it for, looked at node by node and link by link. For tests
// and for people who suspect it: a crash, a load or a bug may leave a graph that answers badly
// without anything that fails.
//
// Wants the builder idle or paused, as checksums do; the writer and searches may go on.
#pragma once

#include "index-state.h"

namespace lodestone {

struct GraphFaults {
  /// Live nodes that no walk from the root over links can reach: 0 after a sweep.
  uint32_t unreachable = 0;
  /// Links to a slot that is not in use, to the node itself, or a second time to the same.
  uint32_t brokenLinks = 0;
  /// Nodes whose count of links to them is another.
  uint32_t wrongInLinkCounts = 0;
  /// Live nodes whose vector is not that of a document at this place of the sequence.
  uint32_t strayNodes = 0;
  /// Nodes with another level than their document has; of the upper levels: nodes and links that
  /// contradict the graph, an entry below the top.
  uint32_t wrongLevels = 0;
};

uint32_t countUnreachable(const IndexState& state);
GraphFaults findFaults(const IndexState& state);

}  // namespace lodestone
