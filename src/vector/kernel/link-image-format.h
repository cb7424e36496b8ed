// What dump and load agree on: blocks of a kind, their content, and eight bytes of checksum.
#pragma once

#include <cstring>

#include "rotation.h"

namespace lodestone {

constexpr uint32_t linkImageVersion = 1;

enum class BlockKind : uint32_t { Head = 1, Slots = 2, Upper = 3 };

inline uint64_t checksumOf(const uint8_t* bytes, size_t size) {
  uint64_t sum = mixBits(size);
  for (size_t at = 0; at < size; at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes + at, size - at < 8 ? size - at : 8);
    sum = mixBits(sum ^ word);
  }
  return sum;
}

}  // namespace lodestone
