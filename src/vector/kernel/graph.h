// The lowest level: one block for each node, which is all that a hop of the walk reads.
//
//   int8 code | head | for each group of 32 lanes: links | add | multiply | rows of sign bits
//
// A lane holds a link and its neighbor code: the signs of (neighbor - node) and two factors, from
// which `estimate` tells the neighbor's distance to a query. Codes follow from the two int8 codes
// alone, so they are neither in checksums nor in dumps. Links may leave lanes empty anywhere: a
// link keeps its lane for life, so that only new links are encoded.
//
// Readers and writers keep apart by `TurnLock`; only a block's head and links ever change.
#pragma once

#include <atomic>
#include <queue>
#include <vector>

#include "memory.h"
#include "operations.h"
#include "parameters.h"
#include "sketches.h"

namespace lodestone {

constexpr uint32_t testedGroupsMax = 4;

struct alignas(64) BlockHead : CodeHead {
  uint32_t record;
  uint32_t id;
  uint8_t level;
  /// A tombstone of the builder: removed in the sequence, not yet unlinked.
  uint8_t isDead;
  uint8_t isUsed;
  uint8_t hasOrphanMark;
  /// Links to this node. Commutative, so its value after a phase does not depend on threads.
  std::atomic<uint32_t> linkedFrom;
  /// Lanes that were selected together, so that selecting again need not compare them.
  uint32_t tested[testedGroupsMax];
};
static_assert(sizeof(BlockHead) == 64, "the head is one cache line");

/// A node's document by slot, beside the blocks: who asks whether a neighbor passes a filter need
/// not fetch the neighbor's block.
using SlotIds = GrowingTable<uint32_t>;

/// A distance and whose it is; ties go to the lower slot, so that order never depends on threads.
struct Candidate {
  float distance;
  uint32_t slot;
  bool operator<(const Candidate& other) const {
    return distance < other.distance || (distance == other.distance && slot < other.slot);
  }
};

class Graph {
 public:
  explicit Graph(const Parameters& parameters);

  /// The lowest free slot for that document, or none. One thread at a time.
  uint32_t takeSlot(uint32_t id);
  /// Before anything else is done with a slot that was taken: its lanes are empty then. Apart from
  /// `takeSlot`, since the first touch of a page takes longest, and any thread may do this.
  void beginBlock(uint32_t slot, uint32_t record);
  void freeSlot(uint32_t slot);
  /// Slots below it have been used.
  uint32_t slotLimit() const { return slotLimit_.load(std::memory_order_relaxed); }
  bool isUsed(uint32_t slot) const { return used_[slot] != 0; }
  /// For loading, into an empty graph: takes exactly these slots, whose blocks are not begun.
  bool takeSlotsUpTo(uint32_t limit, const std::vector<uint8_t>& isUsed);
  /// Begins the block of such a slot; any thread.
  void placeDocument(uint32_t slot, uint32_t record, uint32_t id) {
    ids_.at(slot) = id;
    beginBlock(slot, record);
  }
  /// Empty again; while nobody can reach any slot.
  void clearSlots();

  uint32_t idOf(uint32_t slot) const { return ids_.at(slot); }
  const Sketches& sketches() const { return sketches_; }
  /// In a turn of applying: the slot's document came in with the batch that ends at `changedAt`.
  void putSketch(uint32_t slot, uint64_t changedAt) {
    sketches_.put(idOf(slot), head(slot).record, slot, code(slot), head(slot).factors, changedAt);
  }

  int8_t* code(uint32_t slot) const { return reinterpret_cast<int8_t*>(blocks_.at(slot)); }
  BlockHead& head(uint32_t slot) const {
    return *reinterpret_cast<BlockHead*>(blocks_.at(slot) + codeBytes_);
  }
  uint32_t* links(uint32_t slot, uint32_t group) const {
    return reinterpret_cast<uint32_t*>(groupAt(slot, group));
  }
  float* add(uint32_t slot, uint32_t group) const {
    return reinterpret_cast<float*>(groupAt(slot, group) + laneCount * 4);
  }
  float* multiply(uint32_t slot, uint32_t group) const {
    return reinterpret_cast<float*>(groupAt(slot, group) + laneCount * 8);
  }
  uint8_t* rows(uint32_t slot, uint32_t group) const {
    return groupAt(slot, group) + laneCount * 12;
  }
  uint32_t& link(uint32_t slot, uint32_t lane) const {
    return links(slot, lane / laneCount)[lane % laneCount];
  }

  size_t codeBytes() const { return codeBytes_; }
  size_t signBits() const { return signBits_; }
  uint32_t groupCount() const { return groupCount_; }
  /// Links that a node may have: 2 m.
  uint32_t linksMax() const { return linksMax_; }
  size_t blockBytes() const { return blocks_.slotBytes(); }
  /// Of a block, what its links take without their neighbor codes.
  size_t linkBytes() const { return groupCount_ * laneCount * sizeof(uint32_t); }
  size_t mappedBytes() const {
    return blocks_.mappedBytes() + ids_.bytes() + sketches_.bytes();
  }
  const uint8_t* block(uint32_t slot) const { return blocks_.at(slot); }

  /// Squared distance of two codes in the rotated space.
  float distance(uint32_t left, uint32_t right) const;
  /// Writes a link and its neighbor code; `none` empties the lane. Counts links to the neighbors.
  void setLink(uint32_t slot, uint32_t lane, uint32_t neighbor);
  /// The neighbor code alone, as after loading links.
  void encodeLane(uint32_t slot, uint32_t lane);
  void prefetchCode(uint32_t slot) const {
    const uint8_t* bytes = blocks_.at(slot);
    for (size_t at = 0; at < codeBytes_ + 64; at += 64) __builtin_prefetch(bytes + at);
  }
  void prefetchLinks(uint32_t slot) const {
    const uint8_t* bytes = blocks_.at(slot) + codeBytes_;
    for (size_t at = 0; at < sizeof(BlockHead) + laneCount * 4; at += 64) {
      __builtin_prefetch(bytes + at);
    }
  }
  /// Over id, level and links of a slot.
  uint64_t checksum(uint32_t slot) const;

 private:
  uint8_t* groupAt(uint32_t slot, uint32_t group) const {
    return blocks_.at(slot) + codeBytes_ + sizeof(BlockHead) + group * groupBytes_;
  }
  bool reserve(uint32_t slot);
  void clear(uint32_t slot);

  const size_t codeBytes_;
  const size_t signBits_;
  const uint32_t linksMax_;
  const uint32_t groupCount_;
  const size_t groupBytes_;
  SlotMemory blocks_;
  SlotIds ids_;
  Sketches sketches_;
  std::atomic<uint32_t> slotLimit_{0};
  std::vector<uint8_t> used_;
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<uint32_t>> free_;
};

}  // namespace lodestone
