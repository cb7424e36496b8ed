// From an original vector to its int8 code, with a bound of what the code leaves out.
//
// Exact scans leave vectors out by their codes, so a code comes with a bound that holds always, not
// with a deviation that holds mostly: with O the exact rotation, |O x - scale * code| <= error.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "operations.h"

namespace lodestone {

/// From the rotated values of x, three errors together:
///   - what rounding to int8 left: measured, in floats whose sum is off by at most n / 16 + 8
///     roundings of 2^-24 each, which `sumSlack` covers up to 32,768 dimensions;
///   - what the rotation rounds: each of its at most 81 steps (stages of additions, scalings, the
///     constants' own roundings, narrowing to float) is off by 2^-24 of the norm, and steps keep
///     norms: `rotationSlack`, with room;
///   - squares that are too small for floats: `leastError`.
/// Values that were held at a limit (see values.cpp) have no bound.
inline float codeErrorOf(const float* rotated, size_t count, const int8_t* code,
                         const CodeFactors& factors) {
  constexpr float sumSlack = 1 + 0x1p-11f;
  constexpr float rotationSlack = 0x1p-16f;
  constexpr float leastError = 1e-16f;
  constexpr float squaredNormMax = 1e30f;
  if (!(factors.squaredNorm < squaredNormMax)) return std::numeric_limits<float>::infinity();
  const float rounded =
      std::sqrt(operations().squaredError(rotated, count, code, factors.scale)) * sumSlack;
  return rounded + rotationSlack * (std::sqrt(factors.squaredNorm) + rounded) + leastError;
}

inline void encodeRotated(const float* rotated, size_t count, int8_t* code, CodeHead& head) {
  operations().quantize(rotated, count, code, head.factors);
  head.error = codeErrorOf(rotated, count, code, head.factors);
}

}  // namespace lodestone
