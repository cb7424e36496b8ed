// Codes of an index without a graph, by record: an exact scan reads a code of a quarter of the
// vector's bytes, and the vector itself only where it may be among the nearest.
//
// The builder takes and writes a code while no search can know of it, since `Record::slot` names it
// only from a turn of applying on; it is released in such a turn as well.
#pragma once

#include <atomic>

#include "memory.h"
#include "operations.h"

namespace lodestone {

class FlatCodes {
 public:
  explicit FlatCodes(const Parameters& parameters)
      : codeBytes_(roundUp(parameters.dimensions, 64)),
        vectorBytes_(parameters.dimensions * elementBytes(parameters.type)),
        memory_(codeBytes_ + sizeof(CodeHead)) {}

  /// Codes that are as large as their vectors, as those of INT8 values are, would double a
  /// document's memory. Others are worth it: a scan of 24,000 vectors of 384 dimensions took 16 ns
  /// for each with codes, and 150 (FLOAT16) to 240 ns (FLOAT64) without.
  bool areWorthTheirBytes() const { return 8 * entryBytes() <= 5 * vectorBytes_; }
  /// Of so many vectors; few are scanned in a tenth of a millisecond without, and the first codes
  /// take pages of 2 MiB.
  bool areWorthFor(size_t count) const { return count * vectorBytes_ >= vectorBytesMin; }

  /// False without memory.
  bool take(uint32_t record) {
    if (memory_.take(record) == nullptr) return false;
    count_.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  void release(uint32_t record) {
    memory_.release(record);
    count_.fetch_sub(1, std::memory_order_relaxed);
  }
  int8_t* code(uint32_t record) const { return reinterpret_cast<int8_t*>(memory_.at(record)); }
  CodeHead& head(uint32_t record) const {
    return *reinterpret_cast<CodeHead*>(memory_.at(record) + codeBytes_);
  }
  size_t entryBytes() const { return memory_.slotBytes(); }
  size_t count() const { return count_.load(std::memory_order_relaxed); }
  size_t mappedBytes() const { return memory_.mappedBytes(); }

 private:
  static constexpr size_t vectorBytesMin = 1 << 20;
  const size_t codeBytes_;
  const size_t vectorBytes_;
  SlotMemory memory_;
  std::atomic<size_t> count_{0};
};

}  // namespace lodestone
