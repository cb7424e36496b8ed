// The loops over dimensions, as a table of functions for each instruction set.
//
// Invariant: every path gives the same bits. Integer sums are exact in any order; sums of floats
// run in 16 fixed lanes that are added in one fixed order; nothing may be contracted to fused
// operations (the build passes -ffp-contract=off). So a graph does not depend on the processor that
// built it, and a replica on another one compares equal. `test/vector/kernel` compares the paths.
#pragma once

#include <cstddef>
#include <cstdint>

#include "parameters.h"

namespace lodestone {

/// What `quantize` knows of a vector besides its code: value = scale * code.
struct CodeFactors {
  float scale;
  float squaredNorm;
  int32_t codeSum;
};

/// What lies behind a code wherever one is kept.
struct CodeHead {
  CodeFactors factors;
  /// The vector is at most so far from its code, rounding and rotation included: `codeErrorOf`.
  float error;
};

/// Rounds of sign flips and transforms; see `rotation.h`.
struct RotationPlan {
  size_t count;
  size_t power;
  size_t rounds;
  float transformScale;
  const float* signs;
};

/// Look-up tables of a query for groups of four dimensions; see `buildTable`.
struct QueryTable {
  /// 8 bytes for each dimension: a table of 16 for four dimensions, each of them twice.
  uint8_t* entries;
  size_t bits;
  /// (sum of looked-up entries) * step + offset = the dot product of signs and code.
  float step;
  float offset;
};

/// The lanes of one group, and what their estimates are made of:
/// (distance + addWeight * add) + multiply * (the dot product of signs and query).
struct EstimateRequest {
  const QueryTable* table;
  const uint8_t* rows;
  const float* add;
  const float* multiply;
  float addWeight;
  float distance;
  float bound;
};

struct SignSums {
  int32_t node;
  int32_t neighbor;
};

/// What turns sums of signs into distances as they are reported, less some deviations:
/// offset + normWeight * |x|^2 - multiply * factor * (2 * sum - codeTotal) - reach * spread, where
/// with c the cosine of x and its signs, spread = |x| * sqrt(1 - c^2) / c / sqrt(dimensions - 1) is
/// the deviation of the estimate for a query of length 1.
struct SketchBounds {
  float offset;
  float normWeight;
  float multiply;
  float reach;
  float bits;
  /// 1 / (dimensions - 1).
  float perDimension;
  int32_t codeTotal;
};

using ExactSum = double (*)(const void* stored, const double* query, size_t paddedCount);

struct Operations {
  const char* name;
  /// `count` is a multiple of 64; `rightSum` is the sum of `right`.
  int32_t (*dot)(const int8_t* left, const int8_t* right, int32_t rightSum, size_t count);
  void (*rotate)(const RotationPlan& plan, float* values);
  void (*quantize)(const float* values, size_t count, int8_t* code, CodeFactors& factors);
  /// For each row of sign bits, the sum of the code's values whose bit is set; `bits` is a multiple
  /// of 64.
  void (*signSums)(const uint8_t* const* rows, size_t rowCount, const int8_t* code, size_t bits,
                   int32_t* sums);
  /// Of a multiple of 16 lines.
  void (*boundSketches)(const SketchBounds& bounds, const float* factors,
                        const float* squaredNorms, const int32_t* sums, size_t count,
                        float* least);
  /// The squared distance of values to their code.
  float (*squaredError)(const float* values, size_t count, const int8_t* code, float scale);
  /// Bits that are set; words are at any alignment.
  uint64_t (*countBits)(const uint32_t* words, size_t count);
  void (*buildTable)(const int8_t* code, float scale, QueryTable& table);
  /// Writes 32 estimates; returns the lanes below the bound. Empty lanes (add = infinity) never
  /// are.
  uint32_t (*estimate)(const EstimateRequest& request, float* estimates);
  /// Sorts at most 32 distinct keys in place; up to 8 beyond `count` may be overwritten.
  void (*sortKeys)(uint64_t* keys, size_t count);
  /// Signs of neighborWeight * neighbor - nodeWeight * node into the lane's bytes of each row.
  SignSums (*encodeSigns)(const int8_t* node, const int8_t* neighbor, int32_t nodeWeight,
                          int32_t neighborWeight, size_t bits, uint8_t* laneBytes);
  /// Sums in double precision over original values, by element type; counts are multiples of 16.
  ExactSum product[elementTypeCount];
  ExactSum squaredDifference[elementTypeCount];
};

/// The byte within 32 that holds a lane's bits: even bytes are lanes 0-15, odd ones 16-31, so that
/// sums of even and of odd bytes come out in the order of the lanes.
inline size_t laneByte(uint32_t lane) { return lane < 16 ? lane * 2 : (lane - 16) * 2 + 1; }

/// Sixteen dimensions of 32 neighbors: 32 bytes for the first eight of them, 32 for the others.
constexpr size_t rowBytes = 64;
constexpr size_t rowDimensions = 16;

/// The fastest path of this host, or the one that LODESTONE_SIMD names (plain, avx2, avx512, neon).
const Operations& operations();
/// Null where the host, or the build, lacks it.
const Operations* operationsNamed(const char* name);
/// For tests, before any index exists.
void useOperations(const Operations& chosen);

const Operations* plainOperations();
const Operations* avx2Operations();
const Operations* avx512Operations();
const Operations* neonOperations();

}  // namespace lodestone
