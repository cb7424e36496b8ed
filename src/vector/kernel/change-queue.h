// The sequence of adds and removes that the graph has not taken in yet: its adds are the tail.
//
// One thread pushes; readers see what was published; the builder trims what it has applied, in its
// turn of `TurnLock`, so that no reader is in between.
#pragma once

#include <atomic>

#include "memory.h"

namespace lodestone {

enum class ChangeKind : uint32_t { Add, Remove, Seal };

struct Change {
  ChangeKind kind;
  uint32_t record;
};

class ChangeQueue {
 public:
  ChangeQueue() : chunks_(chunkCountMax) {}
  ~ChangeQueue() {
    for (size_t chunk = 0; chunk < chunkCountMax; chunk += 1) delete[] chunks_[chunk].load();
  }
  ChangeQueue(const ChangeQueue&) = delete;
  ChangeQueue& operator=(const ChangeQueue&) = delete;

  /// Sequence = changes pushed so far; the next change has this number.
  uint64_t pushed() const { return pushed_; }
  uint64_t published() const { return published_.load(std::memory_order_acquire); }
  /// Half is kept for removes, which cannot be more than what was added.
  bool isFull() const {
    return pushed_ - trimmed_.load(std::memory_order_acquire) >= capacity / 2;
  }
  void push(ChangeKind kind, uint32_t record) {
    std::atomic<uint32_t*>& chunk = chunks_[pushed_ / chunkSize % chunkCountMax];
    if (chunk.load(std::memory_order_acquire) == nullptr) {
      chunk.store(new uint32_t[chunkSize], std::memory_order_release);
    }
    chunk.load(std::memory_order_relaxed)[pushed_ % chunkSize] =
        record << 2 | static_cast<uint32_t>(kind);
    pushed_ += 1;
  }
  /// Makes what was pushed visible at once, so that no search falls between an add and the remove
  /// of the version before it.
  void publish() { published_.store(pushed_, std::memory_order_release); }

  Change at(uint64_t index) const {
    const std::atomic<uint32_t*>& chunk = chunks_[index / chunkSize % chunkCountMax];
    const uint32_t packed = chunk.load(std::memory_order_acquire)[index % chunkSize];
    return {static_cast<ChangeKind>(packed & 3), packed >> 2};
  }
  void trim(uint64_t upTo) {
    const uint64_t from = trimmed_.load(std::memory_order_relaxed);
    for (uint64_t chunk = from / chunkSize; chunk < upTo / chunkSize; chunk += 1) {
      delete[] chunks_[chunk % chunkCountMax].exchange(nullptr);
    }
    trimmed_.store(upTo, std::memory_order_release);
  }
  /// For loading into an empty queue.
  void startAt(uint64_t sequence) {
    pushed_ = sequence;
    trimmed_.store(sequence);
    publish();
  }

 private:
  static constexpr uint64_t chunkSize = 1 << 12;
  static constexpr uint64_t chunkCountMax = 1 << 16;
  static constexpr uint64_t capacity = chunkSize * chunkCountMax;
  SparseTable<std::atomic<uint32_t*>> chunks_;
  uint64_t pushed_ = 0;
  std::atomic<uint64_t> published_{0};
  std::atomic<uint64_t> trimmed_{0};
};

}  // namespace lodestone
