// AVX2: codes are widened to 16 bits, since its products of bytes saturate and would not be exact;
// look-ups go 32 bytes at a time.
#include "operations.h"

#if defined(__x86_64__)

#include <cstring>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC target("avx2")
#endif
#include <immintrin.h>

#include "lanes.h"

namespace lodestone {
namespace {

LANES __m256i widen(const int8_t* from) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}

LANES int32_t addInts(__m256i sums) {
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
  return _mm_cvtsi128_si32(four);
}

int32_t dot(const int8_t* left, const int8_t* right, int32_t, size_t count) {
  __m256i even = _mm256_setzero_si256();
  __m256i odd = even;
  for (size_t at = 0; at < count; at += 32) {
    even = _mm256_add_epi32(even, _mm256_madd_epi16(widen(left + at), widen(right + at)));
    odd = _mm256_add_epi32(odd, _mm256_madd_epi16(widen(left + at + 16), widen(right + at + 16)));
  }
  return addInts(_mm256_add_epi32(even, odd));
}

void signSums(const uint8_t* const* rows, size_t rowCount, const int8_t* code, size_t bits,
              int32_t* sums) {
  // A byte of signs for each eight lanes, then the bit of each lane.
  const __m256i spread = _mm256_set_epi64x(0x0303030303030303, 0x0202020202020202,
                                           0x0101010101010101, 0);
  const __m256i lanes = _mm256_set1_epi64x(static_cast<int64_t>(0x8040201008040201));
  for (size_t row = 0; row < rowCount; row += 1) {
    // At most 16 pairs of bytes come together in 16 bits.
    __m256i sum = _mm256_setzero_si256();
    for (size_t at = 0; at < bits; at += 32) {
      int32_t word;
      std::memcpy(&word, rows[row] + at / 8, sizeof word);
      const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(word), spread);
      const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, lanes), lanes);
      const __m256i values = _mm256_and_si256(
          set, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(code + at)));
      sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(_mm256_set1_epi8(1), values));
    }
    sums[row] = addInts(_mm256_madd_epi16(sum, _mm256_set1_epi16(1)));
  }
}

/// Eight lanes from 16-bit sums.
LANES uint32_t finish(const EstimateRequest& request, __m128i sums, int lane, float* estimates) {
  const __m256 step = _mm256_set1_ps(request.table->step);
  const __m256 offset = _mm256_set1_ps(request.table->offset);
  const __m256 counts = _mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(sums));
  const __m256 signProduct = _mm256_add_ps(_mm256_mul_ps(counts, step), offset);
  const __m256 add =
      _mm256_mul_ps(_mm256_set1_ps(request.addWeight), _mm256_loadu_ps(request.add + lane));
  const __m256 found =
      _mm256_add_ps(_mm256_add_ps(_mm256_set1_ps(request.distance), add),
                    _mm256_mul_ps(_mm256_loadu_ps(request.multiply + lane), signProduct));
  _mm256_storeu_ps(estimates + lane, found);
  const __m256 below = _mm256_cmp_ps(found, _mm256_set1_ps(request.bound), _CMP_LT_OQ);
  return static_cast<uint32_t>(_mm256_movemask_ps(below)) << lane;
}

uint32_t estimate(const EstimateRequest& request, float* estimates) {
  const __m256i nibble = _mm256_set1_epi8(15);
  __m256i all = _mm256_setzero_si256();
  __m256i odd = all;
  const size_t halves = request.table->bits / rowDimensions * 2;
  for (size_t half = 0; half < halves; half += 1) {
    const uint8_t* entries = request.table->entries + half / 2 * 128 + (half & 1) * 32;
    const __m256i bits =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(request.rows + half * 32));
    const __m256i low =
        _mm256_shuffle_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(entries)),
                            _mm256_and_si256(bits, nibble));
    const __m256i high =
        _mm256_shuffle_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(entries + 64)),
                            _mm256_and_si256(_mm256_srli_epi16(bits, 4), nibble));
    all = _mm256_add_epi16(all, _mm256_add_epi16(low, high));
    odd = _mm256_add_epi16(odd, _mm256_add_epi16(_mm256_srli_epi16(low, 8),
                                                 _mm256_srli_epi16(high, 8)));
  }
  // 128 groups of at most 255 stay below 65,536.
  const __m256i even = _mm256_sub_epi16(all, _mm256_slli_epi16(odd, 8));
  return finish(request, _mm256_castsi256_si128(even), 0, estimates) |
         finish(request, _mm256_extracti128_si256(even, 1), 8, estimates) |
         finish(request, _mm256_castsi256_si128(odd), 16, estimates) |
         finish(request, _mm256_extracti128_si256(odd, 1), 24, estimates);
}

/// Few come in a hop, so they are inserted in order.
void sortKeys(uint64_t* keys, size_t count) {
  for (size_t next = 1; next < count; next += 1) {
    const uint64_t key = keys[next];
    size_t at = next;
    for (; at > 0 && keys[at - 1] > key; at -= 1) keys[at] = keys[at - 1];
    keys[at] = key;
  }
}

SignSums encodeSigns(const int8_t* node, const int8_t* neighbor, int32_t nodeWeight,
                     int32_t neighborWeight, size_t bits, uint8_t* laneBytes) {
  const __m256i forNode = _mm256_set1_epi16(static_cast<int16_t>(nodeWeight));
  const __m256i forNeighbor = _mm256_set1_epi16(static_cast<int16_t>(neighborWeight));
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i nodeSums = _mm256_setzero_si256();
  __m256i neighborSums = nodeSums;
  for (size_t at = 0; at < bits; at += 16) {
    const __m256i left = widen(node + at);
    const __m256i right = widen(neighbor + at);
    const __m256i above = _mm256_cmpgt_epi16(_mm256_mullo_epi16(right, forNeighbor),
                                             _mm256_mullo_epi16(left, forNode));
    // 1 where above, else -1.
    const __m256i signs = _mm256_sub_epi16(_mm256_set1_epi16(-1), _mm256_add_epi16(above, above));
    nodeSums = _mm256_add_epi16(nodeSums, _mm256_mullo_epi16(left, signs));
    neighborSums = _mm256_add_epi16(neighborSums, _mm256_mullo_epi16(right, signs));
    const __m128i packed =
        _mm_packs_epi16(_mm256_castsi256_si128(above), _mm256_extracti128_si256(above, 1));
    const int mask = _mm_movemask_epi8(packed);
    uint8_t* to = laneBytes + at / 8 * 32;
    to[0] = static_cast<uint8_t>(mask);
    to[32] = static_cast<uint8_t>(mask >> 8);
  }
  return {addInts(_mm256_madd_epi16(nodeSums, ones)),
          addInts(_mm256_madd_epi16(neighborSums, ones))};
}

}  // namespace
}  // namespace lodestone

#include "lane-operations.inl"

namespace lodestone {

const Operations* avx2Operations() {
  static const Operations table = describeOperations("avx2");
  return &table;
}

}  // namespace lodestone

#if defined(__clang__)
#pragma clang attribute pop
#endif

#else

namespace lodestone {
const Operations* avx2Operations() { return nullptr; }
}  // namespace lodestone

#endif
