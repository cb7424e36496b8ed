// Documents that match a filter, by id: bit `id % 32` of word `id / 32`. Words may lie on any
// boundary of four bytes, as a caller's array does.
#pragma once

#include <cstring>

#include "operations.h"

namespace lodestone {

struct IdFilter {
  const uint32_t* words = nullptr;
  size_t wordCount = 0;

  bool has(uint32_t id) const {
    return id / 32 < wordCount && (words[id / 32] >> (id % 32) & 1) != 0;
  }
  uint64_t count() const { return operations().countBits(words, wordCount); }
  /// Ids 64 * index to 64 * index + 63.
  uint64_t pair(size_t index) const {
    const size_t first = index * 2;
    uint64_t low = first < wordCount ? words[first] : 0;
    uint64_t high = first + 1 < wordCount ? words[first + 1] : 0;
    return high << 32 | low;
  }
};

}  // namespace lodestone
