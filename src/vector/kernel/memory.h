// Memory in slots of one size that never move: readers keep pointers while writers add slots.
//
// Slots live in chunks of about 8 MiB on huge pages (a walk touches a block here and a block there,
// so small pages would cost a miss of the translation buffer for each), found through a table of
// fixed size. One mapping reserved for the largest index was rejected: hosts limit address space.
// A chunk whose last slot was freed goes back to the system.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace lodestone {

constexpr uint32_t none = 0xffffffffu;

/// Zeroed memory straight from the system, whose pages come when they are touched; throws where
/// there is none.
void* mapZeroed(size_t bytes);
void unmapZeroed(void* mapped, size_t bytes);

/// A table of a fixed size of which most indexes use little, and an empty one nothing: as plain
/// arrays the tables of an empty index took 4 MiB.
template <typename Value>
class SparseTable {
 public:
  explicit SparseTable(size_t count)
      : values_(static_cast<Value*>(mapZeroed(count * sizeof(Value)))), count_(count) {}
  ~SparseTable() { unmapZeroed(values_, count_ * sizeof(Value)); }
  SparseTable(const SparseTable&) = delete;
  SparseTable& operator=(const SparseTable&) = delete;
  Value& operator[](size_t index) const { return values_[index]; }

 private:
  Value* const values_;
  const size_t count_;
};

class SlotMemory {
 public:
  explicit SlotMemory(size_t slotBytes);
  ~SlotMemory();
  SlotMemory(const SlotMemory&) = delete;
  SlotMemory& operator=(const SlotMemory&) = delete;

  size_t slotBytes() const { return slotBytes_; }
  /// The slot's zeroed bytes, whose chunk is mapped if it was not; null without memory or room.
  uint8_t* take(uint32_t slot);
  /// The same without touching it: what was there is there still.
  uint8_t* reserve(uint32_t slot);
  void release(uint32_t slot);
  uint8_t* at(uint32_t slot) const {
    return chunks_[slot >> shift_].load(std::memory_order_acquire) +
           static_cast<size_t>(slot & mask_) * slotBytes_;
  }
  bool isMapped(uint32_t slot) const {
    return chunks_[slot >> shift_].load(std::memory_order_relaxed) != nullptr;
  }
  /// Whoever touches a forbidden slot is found by AddressSanitizer; else these do nothing.
  void forbid(uint32_t slot);
  void allow(uint32_t slot);
  /// What is mapped, in chunks; untouched pages of it cost nothing yet.
  size_t mappedBytes() const { return mappedBytes_.load(std::memory_order_relaxed); }

 private:
  static constexpr size_t chunkCountMax = 1 << 16;
  const size_t slotBytes_;
  uint32_t shift_ = 0;
  uint32_t mask_ = 0;
  size_t chunkBytes_ = 0;
  SparseTable<std::atomic<uint8_t*>> chunks_;
  SparseTable<uint32_t> taken_;
  std::atomic<size_t> mappedBytes_{0};
};

/// A table by number that grows without moving, for small values that readers see meanwhile.
template <typename Value>
class GrowingTable {
 public:
  GrowingTable() : chunks_(chunkCountMax) {}
  ~GrowingTable() {
    for (size_t chunk = 0; chunk < chunkCountMax; chunk += 1) delete[] chunks_[chunk].load();
  }
  GrowingTable(const GrowingTable&) = delete;
  GrowingTable& operator=(const GrowingTable&) = delete;

  /// Makes the value's chunk, one writer at a time.
  Value& grow(uint32_t index) {
    std::atomic<Value*>& chunk = chunks_[index / chunkSize];
    if (chunk.load(std::memory_order_relaxed) == nullptr) {
      chunk.store(new Value[chunkSize](), std::memory_order_release);
      bytes_.fetch_add(chunkSize * sizeof(Value), std::memory_order_relaxed);
    }
    return at(index);
  }
  bool has(uint32_t index) const {
    return index / chunkSize < chunkCountMax &&
           chunks_[index / chunkSize].load(std::memory_order_acquire) != nullptr;
  }
  Value& at(uint32_t index) const {
    return chunks_[index / chunkSize].load(std::memory_order_acquire)[index % chunkSize];
  }
  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  static constexpr uint32_t indexLimit() { return chunkCountMax * chunkSize; }

 private:
  static constexpr uint32_t chunkSize = 1 << 12;
  static constexpr uint32_t chunkCountMax = 1 << 16;
  SparseTable<std::atomic<Value*>> chunks_;
  std::atomic<size_t> bytes_{0};
};

/// An array of plain values on a boundary of cache lines, zeroed.
template <typename Value>
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(size_t count) { resize(count); }
  void resize(size_t count) {
    memory_.reset(new uint8_t[count * sizeof(Value) + 64]());
    const uintptr_t address = reinterpret_cast<uintptr_t>(memory_.get());
    data_ = reinterpret_cast<Value*>((address + 63) / 64 * 64);
    count_ = count;
  }
  Value* data() { return data_; }
  const Value* data() const { return data_; }
  size_t size() const { return count_; }
  Value& operator[](size_t index) { return data_[index]; }
  const Value& operator[](size_t index) const { return data_[index]; }

 private:
  std::unique_ptr<uint8_t[]> memory_;
  Value* data_ = nullptr;
  size_t count_ = 0;
};

}  // namespace lodestone
