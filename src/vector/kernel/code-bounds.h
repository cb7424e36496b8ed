// How near a vector may be at least and at most, as distances are reported, from two codes.
//
// With q' and x' the codes, and e the errors of `encoding.h`, since a rotation keeps products:
//   |<q, x> - <q', x'>| <= e(q) |x| + |q'| e(x)            (IP and COSINE)
//   ||q - x| - |q' - x'|| <= e(q) + e(x)                   (L2, whose squares follow)
// The product of the codes is an exact integer; what floats round on the way from it to a bound,
// and the reported distance itself, is covered by `slack`, 16 roundings of the largest summand.
// A bound that is not a number excludes nothing.
#pragma once

#include <cmath>

#include "operations.h"

namespace lodestone {

class CodeBounds {
 public:
  CodeBounds() = default;
  CodeBounds(Metric metric, const CodeHead& query)
      : isSquared_(metric == Metric::L2),
        scale_(query.factors.scale),
        squaredNorm_(query.factors.squaredNorm),
        norm_(std::sqrt(query.factors.squaredNorm)),
        error_(query.error) {}

  void of(int32_t product, const CodeHead& stored, float& lower, float& upper) const {
    const float scaled = scale_ * stored.factors.scale * static_cast<float>(product);
    if (isSquared_) return ofSquared(scaled, stored, lower, upper);
    const float norm = std::sqrt(stored.factors.squaredNorm);
    const float bound = error_ * (norm + stored.error) + norm_ * stored.error +
                        slack * (1 + norm_ * norm);
    lower = 1 - scaled - bound;
    upper = 1 - scaled + bound;
  }

 private:
  static constexpr float slack = 0x1p-20f;

  void ofSquared(float scaled, const CodeHead& stored, float& lower, float& upper) const {
    const float norms = squaredNorm_ + stored.factors.squaredNorm;
    const float squared = norms - 2 * scaled;
    const float error = error_ + stored.error;
    const float near = std::sqrt(std::max(0.0f, squared - slack * norms)) - error;
    const float far = std::sqrt(std::max(0.0f, squared + slack * norms)) + error;
    lower = near > 0 ? near * near * (1 - slack) : near - near;
    upper = far * far * (1 + slack);
  }

  bool isSquared_ = false;
  float scale_ = 0;
  float squaredNorm_ = 0;
  float norm_ = 0;
  float error_ = 0;
};

}  // namespace lodestone
