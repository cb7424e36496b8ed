// What the parts of an index share. Who may change what:
//
// - the writer (one thread): records, changes;
// - the builder's steps: graph and upper levels, what searches can reach only in a turn of
//   applying;
// - searches: nothing.
#pragma once

#include <atomic>

#include "change-queue.h"
#include "flat-codes.h"
#include "graph.h"
#include "query.h"
#include "records.h"
#include "rotation.h"
#include "tail-codes.h"
#include "turn-lock.h"
#include "upper-graph.h"

namespace lodestone {

/// None: built as changes come. Held: nothing is built before links come, or are given up.
enum class LoadState : uint32_t { None, Held, Loading, Loaded, Refused };

struct IndexState {
  IndexState(const Parameters& given, std::shared_ptr<FloatSlots> slots)
      : parameters(given),
        rotation(given.dimensions),
        records(given, std::move(slots)),
        graph(given),
        upper(graph.codeBytes()),
        tailCodes(graph.codeBytes()),
        flatCodes(given) {}

  const Parameters parameters;
  const Rotation rotation;
  Records records;
  ChangeQueue changes;
  Graph graph;
  UpperGraph upper;
  TailCodes tailCodes;
  /// Of an index without a graph, whose `graph` and `upper` stay empty.
  FlatCodes flatCodes;
  mutable TurnLock turns;
  /// Changes below it are in the graph; the adds from it on are the tail. Set in turns of applying.
  std::atomic<uint64_t> applied{0};
  std::atomic<uint32_t> graphCount{0};
  std::atomic<uint32_t> deadCount{0};
  /// What the sequence was ahead of this one when loaded links were dumped.
  std::atomic<uint64_t> sequenceOffset{0};
  /// As every copy of the graph counts it, loaded or not.
  uint64_t sequenceOf(uint64_t place) const { return place + sequenceOffset.load(); }
  std::atomic<LoadState> loadState{LoadState::None};
  /// Why links were refused.
  std::atomic<const char*> loadProblem{nullptr};
  /// Where a walk starts while there is no upper level: the lowest slot in use, or none.
  std::atomic<uint32_t> firstSlot{none};

  /// Whether there are codes to scan by.
  bool hasCodes() const { return parameters.hasGraph || flatCodes.count() > 0; }
  /// Of a record that was taken in; null if it has no code.
  const int8_t* codeOf(const Record& record) const {
    if (record.slot == none) return nullptr;
    return parameters.hasGraph ? graph.code(record.slot) : flatCodes.code(record.slot);
  }
  /// Rotates and quantizes a record's vector.
  void encode(uint32_t record, int8_t* code, CodeHead& head) const;

  /// The slot where a walk begins; the graph must not be empty.
  uint32_t startOf(const Query& query, uint64_t& distanceCount) const {
    if (upper.isEmpty()) return firstSlot.load(std::memory_order_relaxed);
    return upper.descend(query, distanceCount);
  }
};

}  // namespace lodestone
