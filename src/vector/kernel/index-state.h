// What the parts of an index share. Who may change what:
//
// - the writer (one thread): records, changes;
// - the builder's steps: graph and upper levels, what searches can reach only in a turn of
//   applying;
// - searches: nothing.
#pragma once

#include <atomic>

#include "change-queue.h"
#include "graph.h"
#include "query.h"
#include "records.h"
#include "rotation.h"
#include "tail-codes.h"
#include "turn-lock.h"
#include "upper-graph.h"

namespace lodestone {

struct IndexState {
  IndexState(const Parameters& given, std::shared_ptr<FloatSlots> slots)
      : parameters(given),
        rotation(given.dimensions),
        records(given, std::move(slots)),
        graph(given),
        upper(graph.codeBytes()),
        tailCodes(graph.codeBytes()) {}

  const Parameters parameters;
  const Rotation rotation;
  Records records;
  ChangeQueue changes;
  Graph graph;
  UpperGraph upper;
  TailCodes tailCodes;
  mutable TurnLock turns;
  /// Changes below it are in the graph; the adds from it on are the tail. Set in turns of applying.
  std::atomic<uint64_t> applied{0};
  std::atomic<uint32_t> graphCount{0};
  std::atomic<uint32_t> deadCount{0};
  /// Where a walk starts while there is no upper level: the lowest slot in use, or none.
  std::atomic<uint32_t> firstSlot{none};

  /// The slot where a walk begins; the graph must not be empty.
  uint32_t startOf(const Query& query, uint64_t& distanceCount) const {
    if (upper.isEmpty()) return firstSlot.load(std::memory_order_relaxed);
    return upper.descend(query, distanceCount);
  }
};

}  // namespace lodestone
