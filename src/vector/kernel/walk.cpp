// The beam and the loop over hops; see walk.h.
#include "walk.h"

#include <algorithm>
#include <cfloat>
#include <cstring>

namespace lodestone {

namespace {

/// Order of keys = order of distances, negative ones too, then of slots.
inline uint64_t keyOf(float distance, uint32_t slot) {
  uint32_t bits;
  std::memcpy(&bits, &distance, sizeof bits);
  bits ^= bits & 0x80000000u ? 0xffffffffu : 0x80000000u;
  return static_cast<uint64_t>(bits) << 32 | static_cast<uint64_t>(slot) << 1;
}

inline float distanceOf(uint64_t key) {
  uint32_t bits = static_cast<uint32_t>(key >> 32);
  bits ^= bits & 0x80000000u ? 0x80000000u : 0xffffffffu;
  float distance;
  std::memcpy(&distance, &bits, sizeof distance);
  return distance;
}

inline uint32_t slotOf(uint64_t key) { return static_cast<uint32_t>(key) >> 1; }
inline bool isExpanded(uint64_t key) { return (key & 1) != 0; }

/// Of a block to come. All of it: less was a sixth slower, although the processor fetches rows on
/// its own once it has seen the first.
constexpr size_t prefetchBytes = 4096;

/// Blocks on their way from memory while one is expanded. The next nodes are chosen before the
/// links of this one are known, so now and then they are not the nearest then, but no hop waits.
constexpr size_t aheadMax = 2;

/// Keys of a beam for each distinct node that is asked for. On real data three to four in eight
/// keys turn out to be duplicates; the rest makes up for the noise of estimates, which is larger the
/// fewer bits they have, so that no ef finds less than a walk on exact distances would. Twice ef
/// found less than hnswlib in 16 to 48 dimensions, and three times ef is more than hundreds need.
/// Counting duplicates exactly, query by query, was tried: it finds less in the same time, since
/// many of them say that a query has settled, and few that it has not.
size_t keysFor(size_t ef, size_t signBits) {
  return 2 * ef + 64 * ef / std::max<size_t>(64, signBits) + 12;
}

/// A beam may grow to this many times its keys, until `least` nodes are found.
constexpr size_t growthMax = 4;

/// Before so many should have passed, chance has too much of a say.
constexpr float expectedLeast = 6;

/// Nodes that were chosen and whose blocks are on their way, in order.
struct Flight {
  uint32_t slots[4];
  size_t first = 0;
  size_t count = 0;
  void push(uint32_t slot) { slots[(first + count++) % 4] = slot; }
  uint32_t pop() {
    count -= 1;
    return slots[first++ % 4];
  }
};
static_assert(aheadMax < 4, "the flight holds that many and the one expanded");

void prefetch(const Graph& graph, uint32_t slot) {
  const uint8_t* block = graph.block(slot);
  const size_t bytes = std::min(prefetchBytes, graph.blockBytes());
  for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(block + at);
}

}  // namespace

struct Walker::Beam {
  uint64_t* keys;
  size_t size;
  size_t limit;
  size_t limitMax;

  size_t firstNew(size_t from) const {
    while (from < size && isExpanded(keys[from])) from += 1;
    return from;
  }
  float bound() const { return size < limit ? FLT_MAX : distanceOf(keys[size - 1]); }
  void makeRoom() { limit = std::min(limit + 1, limitMax); }

  /// Merges `count` sorted keys; returns the first place that changed.
  size_t merge(const uint64_t* added, size_t count) {
    const size_t total = std::min(size + count, limit);
    ptrdiff_t old = static_cast<ptrdiff_t>(size) - 1;
    ptrdiff_t next = static_cast<ptrdiff_t>(count) - 1;
    for (size_t drop = size + count - total; drop > 0; drop -= 1) {
      if (old < 0 || (next >= 0 && added[next] > keys[old])) {
        next -= 1;
      } else {
        old -= 1;
      }
    }
    ptrdiff_t write = static_cast<ptrdiff_t>(total) - 1;
    while (next >= 0) {
      const bool isOld = old >= 0 && keys[old] > added[next];
      keys[write] = isOld ? keys[old] : added[next];
      old -= isOld;
      next -= !isOld;
      write -= 1;
    }
    size = total;
    return static_cast<size_t>(write + 1);
  }
};

void Walker::begin(const Graph& graph, size_t keyCount) {
  if (keys_.size() < keyCount) keys_.resize(keyCount);
  if (seen_.size() < graph.slotLimit()) seen_.resize(graph.slotLimit() + graph.slotLimit() / 8, 0);
  epoch_ += 1;
  if (epoch_ == 0) {
    std::fill(seen_.begin(), seen_.end(), 0);
    std::fill(collected_.begin(), collected_.end(), 0);
    epoch_ = 1;
  }
  passedCount_ = 0;
  pending_.clear();
  nearest_.clear();
  collectBound_ = FLT_MAX;
  found.clear();
  hopCount = 0;
  distanceCount = 0;
}

uint32_t Walker::acceptEstimates(const Graph& graph, const WalkRequest& request, uint32_t slot,
                                 uint32_t group, float distance, float bound) {
  alignas(64) float estimates[laneCount];
  const Query& query = *request.query;
  uint32_t below =
      operations().estimate({&query.table, graph.rows(slot, group), graph.add(slot, group),
                             graph.multiply(slot, group), query.normWeight, distance, bound},
                            estimates);
  const uint32_t* links = graph.links(slot, group);
  uint32_t count = 0;
  for (; below != 0; below &= below - 1) {
    const int lane = __builtin_ctz(below);
    // Written in any case and kept if new: a branch here would be guessed wrong half the time.
    accepted_[count] = keyOf(estimates[lane], links[lane]);
    count += !isSeen(links[lane]);
  }
  operations().sortKeys(accepted_, count);
  return count;
}

uint32_t Walker::acceptFiltered(const Graph& graph, const WalkRequest& request, uint32_t slot,
                                uint32_t group, float distance, float bound) {
  alignas(64) float estimates[laneCount];
  const Query& query = *request.query;
  uint32_t below = operations().estimate(
      {&query.table, graph.rows(slot, group), graph.add(slot, group), graph.multiply(slot, group),
       query.normWeight, distance, std::max(bound, collectBound_)},
      estimates);
  const uint32_t* links = graph.links(slot, group);
  uint32_t count = 0;
  for (; below != 0; below &= below - 1) {
    const int lane = __builtin_ctz(below);
    const uint32_t neighbor = links[lane];
    accepted_[count] = keyOf(estimates[lane], neighbor);
    count += !isSeen(neighbor) && estimates[lane] < bound;
    if (estimates[lane] < collectBound_ && request.filter->has(graph.idOf(neighbor)) &&
        collected_[neighbor] != epoch_) {
      collected_[neighbor] = epoch_;
      graph.prefetchCode(neighbor);
      pending_.push_back(neighbor);
    }
  }
  operations().sortKeys(accepted_, count);
  return count;
}

void Walker::collect(const WalkRequest& request, float distance, uint32_t slot) {
  found.push_back({distance, slot});
  if (!(distance < collectBound_)) return;
  nearest_.push_back(distance);
  std::push_heap(nearest_.begin(), nearest_.end());
  if (nearest_.size() > request.least) {
    std::pop_heap(nearest_.begin(), nearest_.end());
    nearest_.pop_back();
  }
  if (nearest_.size() == request.least) collectBound_ = nearest_.front();
}

void Walker::measurePending(const Graph& graph, const WalkRequest& request) {
  for (const uint32_t slot : pending_) {
    collect(request,
            request.query->distanceTo(graph.code(slot), graph.head(slot).factors,
                                      graph.codeBytes()),
            slot);
  }
  distanceCount += pending_.size();
  pending_.clear();
}

/// Without neighbor codes every link's own code is read, and a node is seen when it was measured.
uint32_t Walker::acceptCodes(const Graph& graph, const WalkRequest& request, uint32_t slot,
                             uint32_t group, float bound) {
  const uint32_t* links = graph.links(slot, group);
  for (uint32_t lane = 0; lane < laneCount; lane += 1) {
    if (links[lane] != none && !isSeen(links[lane])) graph.prefetchCode(links[lane]);
  }
  uint32_t count = 0;
  for (uint32_t lane = 0; lane < laneCount; lane += 1) {
    const uint32_t neighbor = links[lane];
    if (neighbor == none || isSeen(neighbor)) continue;
    seen_[neighbor] = epoch_;
    const float distance = request.query->distanceTo(
        graph.code(neighbor), graph.head(neighbor).factors, graph.codeBytes());
    distanceCount += 1;
    if (request.filter != nullptr && collected_[neighbor] != epoch_ &&
        request.filter->has(graph.head(neighbor).id)) {
      collected_[neighbor] = epoch_;
      collect(request, distance, neighbor);
    }
    if (!(distance < bound)) continue;
    accepted_[count] = keyOf(distance, neighbor);
    count += 1;
  }
  operations().sortKeys(accepted_, count);
  return count;
}

/// Measures a node and merges its links; returns the first place of the beam that changed.
size_t Walker::expand(const Graph& graph, const WalkRequest& request, uint32_t slot, Beam& beam) {
  const bool hasCodes = graph.signBits() > 0;
  seen_[slot] = epoch_;
  hopCount += 1;
  const BlockHead& head = graph.head(slot);
  const float distance =
      request.query->distanceTo(graph.code(slot), head.factors, graph.codeBytes());
  distanceCount += 1;
  if (request.filter == nullptr) {
    found.push_back({distance, slot});
  } else if (!request.filter->has(head.id)) {
    if (found.size() < request.least) beam.makeRoom();
  } else {
    passedCount_ += 1;
    if (collected_[slot] != epoch_) {
      collected_[slot] = epoch_;
      collect(request, distance, slot);
    }
  }
  size_t lowest = beam.size;
  for (uint32_t group = 0; group < graph.groupCount(); group += 1) {
    const float bound = beam.bound();
    const uint32_t count =
        !hasCodes ? acceptCodes(graph, request, slot, group, bound)
        : request.filter != nullptr
            ? acceptFiltered(graph, request, slot, group, distance, bound)
            : acceptEstimates(graph, request, slot, group, distance, bound);
    if (count > 0) lowest = std::min(lowest, beam.merge(accepted_, count));
  }
  return lowest;
}

bool Walker::isHopeless(const WalkRequest& request) const {
  const float expected = static_cast<float>(hopCount) * request.share;
  return expected >= expectedLeast && static_cast<float>(passedCount_) < expected / 4;
}

bool Walker::walk(const Graph& graph, const WalkRequest& request) {
  const bool hasCodes = graph.signBits() > 0;
  size_t keys = request.keys;
  if (keys == 0) keys = hasCodes ? keysFor(request.ef, graph.signBits()) : request.ef;
  Beam beam{nullptr, 1, keys, keys * growthMax};
  if (request.filter != nullptr) beam.limitMax = std::max<size_t>(graph.slotLimit(), beam.limitMax);
  begin(graph, beam.limitMax + laneCount);
  if (request.filter != nullptr && collected_.size() < seen_.size()) {
    collected_.resize(seen_.size(), 0);
  }
  beam.keys = keys_.data();
  beam.keys[0] = keyOf(0, request.start);
  if (!hasCodes) seen_[request.start] = epoch_;
  Flight flight;
  flight.push(request.start);
  keys_[0] |= 1;
  for (size_t at = 1;;) {
    while (flight.count <= aheadMax && (at = beam.firstNew(at)) < beam.size) {
      const uint32_t next = slotOf(beam.keys[at]);
      beam.keys[at] |= 1;
      prefetch(graph, next);
      flight.push(next);
    }
    if (!pending_.empty()) measurePending(graph, request);
    if (flight.count == 0) return true;
    const uint32_t slot = flight.pop();
    if (hasCodes && isSeen(slot)) {
      if (found.size() < request.least) beam.makeRoom();
    } else {
      if (hopCount == request.hopsMax || isHopeless(request)) return false;
      at = std::min(at, expand(graph, request, slot, beam));
    }
  }
}

}  // namespace lodestone
