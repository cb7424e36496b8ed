// Makes the signs and picks the rounds; the loops are in lane-operations.inl.
#include "rotation.h"

#include <cmath>

namespace lodestone {

Rotation::Rotation(uint32_t dimensions) {
  plan_.count = roundUp(dimensions, 64);
  plan_.power = 64;
  while (plan_.power * 2 <= plan_.count) plan_.power *= 2;
  // Where one transform reaches all dimensions three rounds mix as well as four do elsewhere.
  plan_.rounds = plan_.power == plan_.count ? 3 : 4;
  plan_.transformScale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(plan_.power)));
  signs_.resize(plan_.rounds * plan_.count);
  for (size_t at = 0; at < signs_.size(); at += 1) signs_[at] = mixBits(at) & 1 ? 1.0f : -1.0f;
  plan_.signs = signs_.data();
}

}  // namespace lodestone
