// A line of memory for each document in the graph, by id: the signs of its code and a factor, which
// tell its distance to a query well enough to leave most documents alone. A scan of what
// passes a filter reads a line instead of a code of several, and needs no record to begin with.
//
// <q, x> is estimated as <q, signs> * |x|^2 / <x, signs>, without bias over rotations. Of more than
// 512 dimensions the first 512 count: the rotation makes them a sample. This is a neighbor code of
// the graph with the origin as the node.
//
// Written in turns of applying. An id has one line, its newest version's in the graph, so searches
// at a place of the sequence before `changedAt` must do without.
#pragma once

#include <atomic>
#include <cmath>

#include "memory.h"
#include "operations.h"

namespace lodestone {

struct SketchHead {
  /// |x|^2 / <x, signs>.
  float factor;
  float squaredNorm;
  uint32_t record;
  /// 0 where there is none.
  uint32_t slotPlusOne;
};

class Sketches {
 public:
  explicit Sketches(size_t codeBytes);
  ~Sketches();
  Sketches(const Sketches&) = delete;
  Sketches& operator=(const Sketches&) = delete;

  /// The signs, with a `SketchHead` behind them; null if no document near this id has any.
  const uint8_t* find(uint32_t id) const {
    if (id / chunkIds >= chunkCountMax) return nullptr;
    const uint8_t* chunk = chunks_[id / chunkIds].load(std::memory_order_acquire);
    return chunk == nullptr ? nullptr : chunk + id % chunkIds * entryBytes_;
  }
  const SketchHead& head(const uint8_t* signs) const {
    return *reinterpret_cast<const SketchHead*>(signs + bits_ / 8);
  }
  float perDimension() const { return perDimension_; }
  size_t bits() const { return bits_; }
  size_t entryBytes() const { return entryBytes_; }
  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

  /// `changedAt` is the end of the batch that the document comes in with.
  void put(uint32_t id, uint32_t record, uint32_t slot, const int8_t* code,
           const CodeFactors& factors, uint64_t changedAt);
  /// If the line is still that of this slot.
  void drop(uint32_t id, uint32_t slot);
  /// Whether a search at this place may use them; never again once memory ran out.
  bool cover(uint64_t sequence) const {
    return sequence >= changedAt_.load(std::memory_order_relaxed);
  }

 private:
  static constexpr uint32_t chunkIds = 1 << 12;
  static constexpr uint32_t chunkCountMax = 1 << 16;
  uint8_t* grow(uint32_t id);

  const size_t bits_;
  const size_t entryBytes_;
  const float perDimension_;
  SparseTable<std::atomic<uint8_t*>> chunks_;
  SparseTable<uint32_t> usedCounts_;
  std::atomic<size_t> bytes_{0};
  std::atomic<uint64_t> changedAt_{0};
};

}  // namespace lodestone
