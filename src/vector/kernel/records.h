// Records: one for each version of a document's vector, from its add until nobody can see it.
//
// A sequence counts adds and removes. A search at sequence s sees the records with addedAt < s and
// not removedAt < s, whatever has happened since. One thread adds and removes; any thread reads;
// the builder frees records in its turns of `TurnLock`, when no open snapshot is older.
#pragma once

#include <atomic>
#include <mutex>
#include <queue>
#include <set>
#include <vector>

#include "memory.h"
#include "values.h"

namespace lodestone {

constexpr uint64_t never = ~0ull;

struct Record {
  uint32_t id = none;
  /// The version of the same document before this one, or none.
  uint32_t previous = none;
  uint64_t addedAt = never;
  std::atomic<uint64_t> removedAt{never};
  double inverseNorm = 0;
  /// The builder's: where it is in the graph.
  uint32_t slot = none;
  /// Its slot in the float store, pinned; none while the record is free.
  uint32_t values = none;

  bool isVisible(uint64_t sequence) const {
    return addedAt < sequence && removedAt.load(std::memory_order_relaxed) >= sequence;
  }
};

class Records {
 public:
  Records(const Parameters& parameters, std::shared_ptr<FloatSlots> slots)
      : values_(parameters, std::move(slots)) {}
  ~Records();

  /// Writer: a new version of `id`, which takes over the pin of its values; none without memory,
  /// and then the pin stays the caller's.
  uint32_t make(uint32_t id, uint32_t values, uint64_t addedAt);
  /// Writer: the live version of `id`, or none.
  uint32_t live(uint32_t id) const;
  /// Writer.
  void markRemoved(uint32_t record, uint64_t removedAt);
  /// Readers: the version of `id` that is visible, or none.
  uint32_t find(uint32_t id, uint64_t sequence) const;
  /// Builder, in a turn of applying.
  void free(uint32_t record);

  void prefetch(uint32_t record) const { __builtin_prefetch(&records_.at(record)); }
  void prefetchNewest(uint32_t id) const {
    if (!byId_.has(id)) return;
    const uint32_t newest = byId_.at(id).load(std::memory_order_acquire);
    if (newest != 0) prefetch(newest - 1);
  }
  Record& at(uint32_t record) const { return records_.at(record); }
  const ValueStore& values() const { return values_; }
  float distance(const ExactQuery& query, uint32_t record) const {
    return values_.distance(query, at(record).values, at(record).inverseNorm);
  }
  void prefetchValues(uint32_t record) const {
    const uint32_t values = at(record).values;
    if (values != none) values_.prefetch(values);
  }
  /// Records below it may have been used.
  uint32_t limit() const { return limit_.load(std::memory_order_acquire); }
  uint32_t liveCount() const { return liveCount_.load(std::memory_order_relaxed); }
  /// Ids below it may have been used.
  uint32_t idLimit() const { return idLimit_.load(std::memory_order_acquire); }
  size_t heldCount() const { return heldCount_.load(std::memory_order_relaxed); }
  size_t tableBytes() const { return records_.bytes() + byId_.bytes(); }

  uint64_t openSnapshot(uint64_t sequence);
  void closeSnapshot(uint64_t sequence);
  /// The oldest open one, or never.
  uint64_t oldestSnapshot() const;

 private:
  ValueStore values_;
  GrowingTable<Record> records_;
  /// The newest version of each document plus one, 0 for none.
  GrowingTable<std::atomic<uint32_t>> byId_;
  std::atomic<uint32_t> limit_{0};
  std::atomic<uint32_t> idLimit_{0};
  std::atomic<uint32_t> liveCount_{0};
  std::atomic<size_t> heldCount_{0};
  mutable std::mutex mutex_;
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<uint32_t>> free_;
  std::multiset<uint64_t> snapshots_;
};

}  // namespace lodestone
