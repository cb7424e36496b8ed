// Original values: what the caller gave, in its element type, and the distances that they alone
// decide. They lie in slots of the float store, which indexes and the caller's fields share.
// Sums run in double precision over values that widen exactly, and are rounded once to
// float32 before anything is compared, so that ties among reported distances are ties.
#pragma once

#include "float-store.h"
#include "operations.h"
#include "parameters.h"

namespace lodestone {

/// A query, or a stored vector that stands in for one, widened for exact distances.
struct ExactQuery {
  AlignedArray<double> values;
  double inverseNorm = 0;
};

class ValueStore {
 public:
  /// Slots of the vectors' length; without any it has its own.
  explicit ValueStore(const Parameters& parameters, std::shared_ptr<FloatSlots> slots = nullptr);
  FloatSlots& slots() const { return *slots_; }
  const uint8_t* at(uint32_t slot) const { return slots_->at(slot); }
  void prefetch(uint32_t slot) const {
    const uint8_t* bytes = slots_->at(slot);
    for (size_t at = 0; at < slots_->vectorBytes(); at += 64) __builtin_prefetch(bytes + at);
  }
  /// 1 / length, or 0 for what counts as the zero vector, whose cosine with anything is 0.
  double inverseNormOf(const void* padded) const;

  /// `vector` is at any alignment and not padded.
  void prepare(const void* vector, ExactQuery& query) const;
  float distance(const ExactQuery& query, uint32_t slot, double inverseNorm) const;
  /// The values as rotation takes them: unit length for COSINE, held where squares stay finite.
  void decode(const void* padded, double inverseNorm, float* into) const;
  void decodeWide(const ExactQuery& query, float* into) const {
    narrow(query.values.data(), query.inverseNorm, into);
  }

  size_t bytesPerVector() const { return slots_->slotBytes(); }
  size_t mappedBytes() const { return slots_->mappedBytes(); }

 private:
  void widen(const void* padded, double* into) const;
  void narrow(const double* wide, double inverseNorm, float* into) const;

  const Parameters parameters_;
  const size_t paddedCount_;
  const std::shared_ptr<FloatSlots> slots_;
};

}  // namespace lodestone
