// The walk over the lowest level: expands the nearest node that is not expanded yet until the beam
// holds no other, and collects every node it expanded.
//
// - The beam holds estimates, as 64-bit keys (distance, slot, whether expanded). A node may come in
//   from several parents, with several estimates, which helps to find it. `ef` counts distinct
//   nodes, as users mean it, so the beam is wider than ef by the share of duplicates that real data
//   has.
// - Under a filter the walk goes through everything, and measures every neighbor that passes as soon
//   as it is seen, by its code: most would be expanded much later. Nodes that are kept out make room
//   for others until enough were found.
// - What a hop accepts is sorted and merged into the beam from the back, once.
#pragma once

#include <vector>

#include "graph.h"
#include "id-filter.h"
#include "query.h"

namespace lodestone {

struct WalkRequest {
  const Query* query;
  uint32_t start;
  uint32_t ef;
  /// While fewer were found, a key that yields none makes room for one more.
  uint32_t least;
  const IdFilter* filter = nullptr;
  /// The beam's, where the caller knows better than to derive them from ef; else 0.
  size_t keys = 0;
  /// Gives up when more nodes were expanded, or when so few of them pass that what passes must lie
  /// elsewhere: less than a quarter of `share`, the part of all that passes.
  uint64_t hopsMax = ~0ull;
  float share = 0;
};

/// What one thread needs to walk; kept between walks.
class Walker {
 public:
  /// False if it gave up.
  bool walk(const Graph& graph, const WalkRequest& request);

  /// Nodes that passed the filter, with distances between codes; in the order of measuring.
  std::vector<Candidate> found;
  uint64_t hopCount = 0;
  uint64_t distanceCount = 0;

 private:
  bool isHopeless(const WalkRequest& request) const;
  struct Beam;
  void begin(const Graph& graph, size_t keyCount);
  size_t expand(const Graph& graph, const WalkRequest& request, uint32_t slot, Beam& beam);
  bool isSeen(uint32_t slot) const { return seen_[slot] == epoch_; }
  uint32_t acceptFiltered(const Graph& graph, const WalkRequest& request, uint32_t slot,
                          uint32_t group, float distance, float bound);
  void collect(const WalkRequest& request, float distance, uint32_t slot);
  void measurePending(const Graph& graph, const WalkRequest& request);
  uint32_t acceptEstimates(const Graph& graph, const WalkRequest& request, uint32_t slot,
                           uint32_t group, float distance, float bound);
  uint32_t acceptCodes(const Graph& graph, const WalkRequest& request, uint32_t slot,
                       uint32_t group, float bound);

  std::vector<uint64_t> keys_;
  /// Epochs instead of a set that would have to be emptied; 16 bits keep it in the cache.
  std::vector<uint16_t> seen_;
  uint16_t epoch_ = 0;
  /// Under a filter (who a neighbor is stands beside the blocks): nodes that pass and are in
  /// `found`, or on their way from memory to it.
  std::vector<uint16_t> collected_;
  uint64_t passedCount_ = 0;
  std::vector<uint32_t> pending_;
  /// The `least` smallest distances found, the largest in front.
  std::vector<float> nearest_;
  float collectBound_ = 0;
  /// Room to write one more than is kept, and for whole vectors of keys.
  alignas(64) uint64_t accepted_[laneCount + 8];
};

}  // namespace lodestone
