// The kernel's face: a nearest-neighbor index that takes adds and removes in log order and answers
// exactly about which documents match, at every moment, while threads build its graph.
//
// Who may call what:
// - one writer thread: add, remove, seal, openSnapshot;
// - any thread: nearest, withinRange, closeSnapshot, progress, buildStep (each with its own
//   scratch);
// - nobody else, at a time of their choice: checksums want the builder idle or paused.
//
// The graph is a pure function of (parameters, ordered adds, removes and seals): not of threads, of
// their timing, or of the processor. Nothing here throws; memory that is not there is an answer.
#pragma once

#include <string>
#include <vector>

#include "builder.h"
#include "flat-builder.h"
#include "index-state.h"
#include "search.h"

namespace lodestone {

enum class AddResult : uint8_t { Added, OutOfMemory, NotHeld };

struct Progress {
  /// Live vectors; nodes in the graph, tombstones included; changes not in the graph yet.
  uint64_t count;
  uint64_t graphCount;
  uint64_t tombstoneCount;
  uint64_t tailCount;
  /// What the kernel has mapped for values, blocks and upper levels, and its tables.
  uint64_t valueBytes;
  uint64_t graphBytes;
  uint64_t tableBytes;
};

/// Of a graph between two batches: of everything, and of ranges of slots, so that two nodes whose
/// graphs differ can tell where.
struct GraphChecksums {
  uint64_t whole = 0;
  /// Changes that are in the graph.
  uint64_t sequence = 0;
  uint32_t nodeCount = 0;
  uint32_t tombstoneCount = 0;
  uint32_t slotsPerRange = 0;
  std::vector<uint64_t> ranges;
};

class Index {
 public:
  /// Parameters must be free of problems (`problemWith`), slots of its vectors' length; without
  /// any it has its own.
  explicit Index(const Parameters& parameters, std::shared_ptr<FloatSlots> slots = nullptr);

  const Parameters& parameters() const { return state_.parameters; }

  /// The vector, in the index's element type, is copied. If the id is live, its version before goes
  /// with the same change: no search misses the document, or finds it twice.
  AddResult add(uint32_t id, const void* vector);
  /// The same for one that lies in the float store and is held there: its slot is shared.
  AddResult addStored(uint32_t id, uint32_t slot);
  /// Whether the id was live.
  bool remove(uint32_t id);
  /// Cuts the sequence here, so that everything before can come into the graph.
  void seal();
  /// Of the graph, right after a seal: written by the steps that come to this place.
  std::shared_ptr<LinkDump> dump();
  /// Of a fresh index with a graph: waits for pieces of links, which are handed to `builder().load`
  /// once every document that they are about was added. Null if it is not fresh.
  std::unique_ptr<LinkLoad> holdForLinks();
  /// A place of the sequence that stays visible until closed.
  uint64_t openSnapshot();
  void closeSnapshot(uint64_t sequence);

  void nearest(const SearchRequest& request, SearchScratch& scratch, SearchResult& result) const;
  void withinRange(const SearchRequest& request, float radius, SearchScratch& scratch,
                   SearchResult& result) const;

  /// Runs a piece of building of at most about a millisecond; the ends of phases may take longer.
  BuildStep buildStep(BuildScratch& scratch) {
    return state_.parameters.hasGraph ? builder_.step(scratch) : flatBuilder_.step();
  }
  BuildScratch makeBuildScratch() const { return BuildScratch(state_); }
  Progress progress() const;

  /// Of one block, for comparing replicas; of everything.
  uint64_t blockChecksum(uint32_t slot) const { return state_.graph.checksum(slot); }
  uint32_t slotLimit() const { return state_.graph.slotLimit(); }
  uint64_t checksum() const { return checksums().whole; }
  /// At most `rangesMax` ranges.
  GraphChecksums checksums() const;
  static constexpr uint32_t rangesMax = 64;

  /// Live nodes that no walk from the root can reach; 0 after a sweep.
  uint32_t countUnreachable() const;

  IndexState& state() { return state_; }
  Builder& builder() { return builder_; }

 private:
  AddResult addPinned(uint32_t id, uint32_t slot);

  IndexState state_;
  Builder builder_;
  FlatBuilder flatBuilder_;
  Searcher searcher_;
};

}  // namespace lodestone
