// What an index is made of: element types, metrics, and the parameters that, with the order of adds
// and removes, decide every byte of its graph. Values are the caller's to validate; `problemWith`
// says what is wrong with them, so that a wrong parameter is an error and not an abort.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lodestone {

enum class ElementType : uint8_t { Float32, Float64, Float16, Bfloat16, Int8, Uint8 };
constexpr size_t elementTypeCount = 6;

enum class Metric : uint8_t { L2, InnerProduct, Cosine };

constexpr uint32_t dimensionsMax = 32768;
constexpr uint32_t mMax = 512;
constexpr uint32_t efMax = 4096;
/// Neighbors whose distances one pass estimates; links come in groups of this many lanes.
constexpr uint32_t laneCount = 32;
/// More sign bits than this make the block larger and the estimate hardly better.
constexpr uint32_t signBitsMax = 512;

struct Parameters {
  uint32_t dimensions = 0;
  ElementType type = ElementType::Float32;
  Metric metric = Metric::L2;
  uint32_t m = 16;
  uint32_t efConstruction = 200;
  uint64_t seed = 0;
  /// Without one every search is an exact scan, and what concerns graphs means nothing.
  bool hasGraph = true;
  /// Sign bits of a neighbor code, rounded up to a multiple of 64; 0 walks on int8 codes alone.
  uint32_t signBits = signBitsMax;
  /// Adds of one batch. Part of the sequence's cuts, so every copy of an index has the same.
  uint32_t batchLimit = 256;
};

inline size_t elementBytes(ElementType type) {
  switch (type) {
    case ElementType::Float32: return 4;
    case ElementType::Float64: return 8;
    case ElementType::Float16: return 2;
    case ElementType::Bfloat16: return 2;
    default: return 1;
  }
}

/// A sentence, or null where nothing is wrong.
inline const char* problemWith(const Parameters& parameters) {
  if (parameters.dimensions < 1 || parameters.dimensions > dimensionsMax) {
    return "dimensions must be 1 to 32768";
  }
  if (parameters.m < 2 || parameters.m > mMax) return "m must be 2 to 512";
  if (parameters.efConstruction < 1 || parameters.efConstruction > efMax) {
    return "efConstruction must be 1 to 4096";
  }
  if (parameters.signBits > signBitsMax) return "signBits must be 0 to 512";
  if (parameters.batchLimit < 1 || parameters.batchLimit > 4096) {
    return "batchLimit must be 1 to 4096";
  }
  return nullptr;
}

constexpr size_t roundUp(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace lodestone
