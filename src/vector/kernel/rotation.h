// The fixed orthogonal transform that every vector goes through on arrival: it spreads each
// dimension over all, so that codes with one scale lose little and signs carry the angle.
//
// Rounds of sign flips and fast Hadamard transforms over a power of two of the dimensions, with
// butterflies between the halves where the power of two is not all of them. Additions, subtractions
// and constant factors only, so the bits are the same on every processor. A random dense matrix
// would do as well and cost `dimensions` times more.
#pragma once

#include "memory.h"
#include "operations.h"

namespace lodestone {

/// A good mixer of 64 bits (SplitMix64's); levels and signs come from it.
inline uint64_t mixBits(uint64_t value) {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

class Rotation {
 public:
  explicit Rotation(uint32_t dimensions);
  /// Dimensions padded to a multiple of 64, which is what codes have.
  size_t count() const { return plan_.count; }
  /// In place, over `count()` values of which those after the dimensions are zero.
  void apply(float* values) const { operations().rotate(plan_, values); }

 private:
  AlignedArray<float> signs_;
  RotationPlan plan_;
};

}  // namespace lodestone
