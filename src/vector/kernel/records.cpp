// Making, finding and freeing versions; see records.h.
#include "records.h"

namespace lodestone {

namespace {

/// A change keeps its kind beside the record's number.
constexpr uint32_t recordsMax = 1u << 28;

}  // namespace

Records::~Records() {
  for (uint32_t number = 0; number < limit(); number += 1) {
    if (at(number).values != none) values_.slots().unpin(at(number).values);
  }
}

uint32_t Records::make(uint32_t id, uint32_t values, uint64_t addedAt) {
  if (id >= GrowingTable<Record>::indexLimit()) return none;
  std::lock_guard<std::mutex> guard(mutex_);
  // The lowest free one, so that freed memory collects at the end and goes back.
  const bool isNew = free_.empty();
  const uint32_t number = isNew ? limit_.load(std::memory_order_relaxed) : free_.top();
  if (number >= recordsMax) return none;
  Record& record = records_.grow(number);
  std::atomic<uint32_t>& newest = byId_.grow(id);
  if (isNew) {
    limit_.store(number + 1, std::memory_order_release);
  } else {
    free_.pop();
  }
  record.id = id;
  record.previous = newest.load(std::memory_order_relaxed) - 1;
  record.addedAt = addedAt;
  record.removedAt.store(never, std::memory_order_relaxed);
  record.inverseNorm = values_.inverseNormOf(values_.at(values));
  record.slot = none;
  record.values = values;
  newest.store(number + 1, std::memory_order_release);
  if (id >= idLimit()) idLimit_.store(id + 1, std::memory_order_release);
  liveCount_.fetch_add(1, std::memory_order_relaxed);
  heldCount_.fetch_add(1, std::memory_order_relaxed);
  return number;
}

uint32_t Records::live(uint32_t id) const {
  if (!byId_.has(id)) return none;
  const uint32_t newest = byId_.at(id).load(std::memory_order_acquire);
  if (newest == 0) return none;
  const bool isLive = records_.at(newest - 1).removedAt.load(std::memory_order_relaxed) == never;
  return isLive ? newest - 1 : none;
}

void Records::markRemoved(uint32_t record, uint64_t removedAt) {
  records_.at(record).removedAt.store(removedAt, std::memory_order_release);
  liveCount_.fetch_sub(1, std::memory_order_relaxed);
}

uint32_t Records::find(uint32_t id, uint64_t sequence) const {
  if (!byId_.has(id)) return none;
  uint32_t number = byId_.at(id).load(std::memory_order_acquire) - 1;
  while (number != none && records_.at(number).addedAt >= sequence) {
    number = records_.at(number).previous;
  }
  return number != none && records_.at(number).isVisible(sequence) ? number : none;
}

void Records::free(uint32_t number) {
  std::lock_guard<std::mutex> guard(mutex_);
  std::atomic<uint32_t>& newest = byId_.at(records_.at(number).id);
  if (newest.load(std::memory_order_relaxed) == number + 1) {
    newest.store(0, std::memory_order_release);
  } else {
    // Nobody may step back to a number that another document can get. The chain may have been cut
    // already, by a later version that was freed first.
    uint32_t after = newest.load(std::memory_order_relaxed) - 1;
    while (after != none && records_.at(after).previous != number) {
      after = records_.at(after).previous;
    }
    if (after != none) records_.at(after).previous = none;
  }
  values_.slots().unpin(records_.at(number).values);
  records_.at(number).values = none;
  free_.push(number);
  heldCount_.fetch_sub(1, std::memory_order_relaxed);
}

uint64_t Records::openSnapshot(uint64_t sequence) {
  std::lock_guard<std::mutex> guard(mutex_);
  snapshots_.insert(sequence);
  return sequence;
}

void Records::closeSnapshot(uint64_t sequence) {
  std::lock_guard<std::mutex> guard(mutex_);
  const auto found = snapshots_.find(sequence);
  if (found != snapshots_.end()) snapshots_.erase(found);
}

uint64_t Records::oldestSnapshot() const {
  std::lock_guard<std::mutex> guard(mutex_);
  return snapshots_.empty() ? never : *snapshots_.begin();
}

}  // namespace lodestone
