// An index as the pool hosts it: with the scratches of its builders and those who wait for its graph.
// What the pool's mutex guards says so; the rest is the index's own, with its own rules.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "index.h"

namespace lodestone {

/// Told once everything before `sequence` is in the graph.
struct GraphWatch {
  uint64_t sequence;
  uint32_t ticket;
};

struct PoolIndex {
  explicit PoolIndex(const Parameters& parameters, std::shared_ptr<FloatSlots> slots = nullptr)
      : index(parameters, std::move(slots)) {}

  size_t vectorBytes() const {
    return index.parameters().dimensions * elementBytes(index.parameters().type);
  }

  /// One for each thread that builds at the same time; they are as large as the graph.
  std::unique_ptr<BuildScratch> takeScratch() {
    std::lock_guard<std::mutex> guard(scratchMutex);
    if (scratches.empty()) return std::make_unique<BuildScratch>(index.makeBuildScratch());
    std::unique_ptr<BuildScratch> scratch = std::move(scratches.back());
    scratches.pop_back();
    return scratch;
  }
  void giveScratch(std::unique_ptr<BuildScratch> scratch) {
    std::lock_guard<std::mutex> guard(scratchMutex);
    scratches.push_back(std::move(scratch));
  }

  Index index;
  std::mutex scratchMutex;
  std::vector<std::unique_ptr<BuildScratch>> scratches;

  /// The pool's: whether a step may find something to do, and a count of the changes that say so.
  bool mayBuild = false;
  uint64_t wakeCount = 0;
  /// The pool's: no step before it.
  std::chrono::steady_clock::time_point restsUntil = std::chrono::steady_clock::time_point::min();
  /// The pool's: memory ran out, in the middle of a step or between them; the tail stays a tail.
  bool isBroken = false;
  /// The pool's: closed; what still waits for it is dropped.
  bool isRetired = false;
  std::vector<GraphWatch> watches;
  /// The pool's: who asked for checksums, which wait for the end of a batch.
  std::vector<uint32_t> checksumTickets;
  /// The pool's: who waits for the next piece of the dump, one at a time.
  std::vector<uint32_t> pieceTickets;
  std::shared_ptr<LinkDump> dump;
  /// The pool's: who waits until links were taken, or refused.
  std::vector<uint32_t> loadTickets;
  /// The caller's: pieces that it has handed over so far.
  std::unique_ptr<LinkLoad> links;
};

/// A place of the sequence, held visible for the searches that came together.
class SnapshotLease {
 public:
  explicit SnapshotLease(std::shared_ptr<PoolIndex> of)
      : hosted(std::move(of)), sequence(hosted->index.openSnapshot()) {}
  ~SnapshotLease() { hosted->index.closeSnapshot(sequence); }
  SnapshotLease(const SnapshotLease&) = delete;

  const std::shared_ptr<PoolIndex> hosted;
  const uint64_t sequence;
};

}  // namespace lodestone
