// Sixteen lanes, written once with the compiler's vector types and compiled for each instruction
// set: what a path does to a lane, and the order in which lanes are added, is the same by
// construction.
//
// Included by the path files only, after their target pragma: everything here has internal linkage,
// so that no function compiled for AVX-512 can be merged into code that runs on any processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#pragma GCC diagnostic ignored "-Wpsabi"

namespace lodestone {
namespace {

typedef float Floats __attribute__((vector_size(64)));
typedef int32_t Ints __attribute__((vector_size(64)));
typedef uint32_t Words __attribute__((vector_size(64)));
typedef double Doubles __attribute__((vector_size(128)));
typedef uint16_t Halves __attribute__((vector_size(32)));
typedef int8_t Bytes __attribute__((vector_size(16)));
typedef uint8_t UnsignedBytes __attribute__((vector_size(16)));
typedef float Quad __attribute__((vector_size(16)));

#define LANES static inline __attribute__((always_inline))

template <typename Vector>
LANES Vector loadLanes(const void* from) {
  Vector lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

template <typename Vector>
LANES void storeLanes(void* to, const Vector& lanes) {
  std::memcpy(to, &lanes, sizeof lanes);
}

template <typename Vector, typename Lane>
LANES Lane addLanes(const Vector& lanes, Lane) {
  Lane sums[16];
  storeLanes(sums, lanes);
  for (int width = 8; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane += 1) sums[lane] += sums[lane + width];
  }
  return sums[0];
}

}  // namespace
}  // namespace lodestone
