// Storing, widening and exact distances of original values; see values.h.
#include "values.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace lodestone {

namespace {

/// Below it a square leaves the range in which doubles are exact, and two inverse lengths may
/// multiply to infinity; only FLOAT64 can hold such vectors. They count as zero vectors.
constexpr double squaredLengthMin = 1e-300;

/// Beyond it sums of squares would leave float32; the graph sees such values as this large. What
/// is reported comes from the original values.
constexpr double magnitudeMax = 1e16;

double widenHalf(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  double magnitude = exponent == 0 ? std::ldexp(fraction, -24)
                                   : std::ldexp(fraction + 1024, exponent - 25);
  if (exponent == 31) magnitude = std::numeric_limits<double>::infinity();
  return bits & 0x8000 ? -magnitude : magnitude;
}

template <typename Element>
void copyWide(const void* from, size_t count, double* into) {
  const Element* elements = static_cast<const Element*>(from);
  for (size_t at = 0; at < count; at += 1) into[at] = static_cast<double>(elements[at]);
}

}  // namespace

ValueStore::ValueStore(const Parameters& parameters, std::shared_ptr<FloatSlots> slots)
    : parameters_(parameters),
      paddedCount_(roundUp(parameters.dimensions, 16)),
      slots_(slots != nullptr ? std::move(slots)
                              : std::make_shared<FloatSlots>(parameters.dimensions *
                                                             elementBytes(parameters.type))) {}

void ValueStore::widen(const void* padded, double* into) const {
  switch (parameters_.type) {
    case ElementType::Float32: return copyWide<float>(padded, paddedCount_, into);
    case ElementType::Float64: return copyWide<double>(padded, paddedCount_, into);
    case ElementType::Int8: return copyWide<int8_t>(padded, paddedCount_, into);
    case ElementType::Uint8: return copyWide<uint8_t>(padded, paddedCount_, into);
    case ElementType::Float16: {
      const uint16_t* halves = static_cast<const uint16_t*>(padded);
      for (size_t at = 0; at < paddedCount_; at += 1) into[at] = widenHalf(halves[at]);
      return;
    }
    case ElementType::Bfloat16: {
      const uint16_t* halves = static_cast<const uint16_t*>(padded);
      for (size_t at = 0; at < paddedCount_; at += 1) {
        const uint32_t bits = static_cast<uint32_t>(halves[at]) << 16;
        float value;
        std::memcpy(&value, &bits, sizeof value);
        into[at] = value;
      }
    }
  }
}

double ValueStore::inverseNormOf(const void* padded) const {
  if (parameters_.metric != Metric::Cosine) return 0;
  static thread_local AlignedArray<double> wide;
  if (wide.size() < paddedCount_) wide.resize(paddedCount_);
  widen(padded, wide.data());
  const ExactSum product = operations().product[static_cast<size_t>(ElementType::Float64)];
  const double sum = product(wide.data(), wide.data(), paddedCount_);
  return sum < squaredLengthMin ? 0 : 1 / std::sqrt(sum);
}

void ValueStore::prepare(const void* vector, ExactQuery& query) const {
  if (query.values.size() < paddedCount_) query.values.resize(paddedCount_);
  static thread_local AlignedArray<uint8_t> padded;
  if (padded.size() < slots_->slotBytes()) padded.resize(slots_->slotBytes());
  std::memset(padded.data(), 0, slots_->slotBytes());
  std::memcpy(padded.data(), vector, parameters_.dimensions * elementBytes(parameters_.type));
  widen(padded.data(), query.values.data());
  query.inverseNorm = inverseNormOf(padded.data());
}

float ValueStore::distance(const ExactQuery& query, uint32_t slot, double inverseNorm) const {
  const size_t type = static_cast<size_t>(parameters_.type);
  const uint8_t* stored = slots_->at(slot);
  const double* values = query.values.data();
  if (parameters_.metric == Metric::L2) {
    return static_cast<float>(operations().squaredDifference[type](stored, values, paddedCount_));
  }
  const double product = operations().product[type](stored, values, paddedCount_);
  const bool isCosine = parameters_.metric == Metric::Cosine;
  double found = 1 - (isCosine ? product * query.inverseNorm * inverseNorm : product);
  // Rounding may lift the cosine of a vector with itself above 1 by some 1e-16.
  if (isCosine && found < 0) found = 0;
  // Sums of FLOAT64 values above 1e154 may leave the doubles: farthest, not lost.
  return std::isnan(found) ? std::numeric_limits<float>::infinity() : static_cast<float>(found);
}

void ValueStore::decode(const void* padded, double inverseNorm, float* into) const {
  static thread_local AlignedArray<double> wide;
  if (wide.size() < paddedCount_) wide.resize(paddedCount_);
  widen(padded, wide.data());
  narrow(wide.data(), inverseNorm, into);
}

void ValueStore::narrow(const double* wide, double inverseNorm, float* into) const {
  const double factor = parameters_.metric == Metric::Cosine ? inverseNorm : 1;
  for (size_t at = 0; at < parameters_.dimensions; at += 1) {
    const double value = wide[at] * factor;
    const double held = value < magnitudeMax ? value : magnitudeMax;
    into[at] = static_cast<float>(held > -magnitudeMax ? held : -magnitudeMax);
  }
}

}  // namespace lodestone
