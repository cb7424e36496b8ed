// AVX-512 with VNNI: 64 products of a code at a time, and one row of 16 dimensions of 32 neighbors
// in two look-ups. The target is set here and not by a flag of the build, so one build serves all.
#include "operations.h"

#if defined(__x86_64__)

#include <cstring>

#if defined(__clang__)
#pragma clang attribute push(                                                                     \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,popcnt"))),            \
    apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,popcnt,prefer-vector-width=512")
#endif
// Its "undefined" intrinsics are written as variables that initialize themselves.
#pragma GCC diagnostic ignored "-Wuninitialized"
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include "lanes.h"

namespace lodestone {
namespace {

/// VNNI multiplies unsigned by signed bytes: 128 is added to the left and taken away at the end.
int32_t dot(const int8_t* left, const int8_t* right, int32_t rightSum, size_t count) {
  const __m512i lift = _mm512_set1_epi8(static_cast<char>(0x80));
  __m512i even = _mm512_setzero_si512();
  __m512i odd = even;
  size_t at = 0;
  for (; at + 128 <= count; at += 128) {
    even = _mm512_dpbusd_epi32(even, _mm512_xor_si512(_mm512_loadu_si512(left + at), lift),
                               _mm512_loadu_si512(right + at));
    odd = _mm512_dpbusd_epi32(odd, _mm512_xor_si512(_mm512_loadu_si512(left + at + 64), lift),
                              _mm512_loadu_si512(right + at + 64));
  }
  if (at < count) {
    even = _mm512_dpbusd_epi32(even, _mm512_xor_si512(_mm512_loadu_si512(left + at), lift),
                               _mm512_loadu_si512(right + at));
  }
  return _mm512_reduce_add_epi32(_mm512_add_epi32(even, odd)) - 128 * rightSum;
}

LANES __m512i addPairs(__m512i left, __m512i right) {
  return _mm512_add_epi32(_mm512_unpacklo_epi32(left, right), _mm512_unpackhi_epi32(left, right));
}

/// The sum of each one's lanes.
LANES __m128i addFour(__m512i first, __m512i second, __m512i third, __m512i fourth) {
  const __m512i low = addPairs(first, second);
  const __m512i high = addPairs(third, fourth);
  const __m512i all =
      _mm512_add_epi32(_mm512_unpacklo_epi64(low, high), _mm512_unpackhi_epi64(low, high));
  const __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all),
                                        _mm512_extracti64x4_epi64(all, 1));
  return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

/// Values whose bit is set.
LANES __m512i signed64(const uint8_t* signs, __m512i values) {
  uint64_t mask;
  std::memcpy(&mask, signs, sizeof mask);
  return _mm512_maskz_mov_epi8(mask, values);
}

void signSums(const uint8_t* const* rows, size_t rowCount, const int8_t* code, size_t bits,
              int32_t* sums) {
  const __m512i ones = _mm512_set1_epi8(1);
  size_t row = 0;
  // Four rows end together, since adding up one row's lanes takes longer than all of its products.
  for (; row + 4 <= rowCount; row += 4) {
    __m512i first = _mm512_setzero_si512();
    __m512i second = first;
    __m512i third = first;
    __m512i fourth = first;
    for (size_t at = 0; at < bits; at += 64) {
      const __m512i values = _mm512_loadu_si512(code + at);
      first = _mm512_dpbusd_epi32(first, ones, signed64(rows[row] + at / 8, values));
      second = _mm512_dpbusd_epi32(second, ones, signed64(rows[row + 1] + at / 8, values));
      third = _mm512_dpbusd_epi32(third, ones, signed64(rows[row + 2] + at / 8, values));
      fourth = _mm512_dpbusd_epi32(fourth, ones, signed64(rows[row + 3] + at / 8, values));
    }
    _mm_storeu_si128(reinterpret_cast<__m128i*>(sums + row),
                     addFour(first, second, third, fourth));
  }
  for (; row < rowCount; row += 1) {
    __m512i even = _mm512_setzero_si512();
    __m512i odd = even;
    for (size_t at = 0; at < bits; at += 64) {
      uint64_t mask;
      std::memcpy(&mask, rows[row] + at / 8, sizeof mask);
      __m512i& sum = at % 128 == 0 ? even : odd;
      sum = _mm512_dpbusd_epi32(sum, _mm512_maskz_mov_epi8(mask, ones),
                                _mm512_loadu_si512(code + at));
    }
    sums[row] = _mm512_reduce_add_epi32(_mm512_add_epi32(even, odd));
  }
}

LANES __m512 finish(const EstimateRequest& request, __m512i sums, int lane) {
  const __m512 step = _mm512_set1_ps(request.table->step);
  const __m512 offset = _mm512_set1_ps(request.table->offset);
  const __m512 signProduct = _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sums), step), offset);
  const __m512 add =
      _mm512_mul_ps(_mm512_set1_ps(request.addWeight), _mm512_loadu_ps(request.add + lane));
  return _mm512_add_ps(_mm512_add_ps(_mm512_set1_ps(request.distance), add),
                       _mm512_mul_ps(_mm512_loadu_ps(request.multiply + lane), signProduct));
}

LANES __m512i addHalves(__m512i sums) {
  return _mm512_add_epi32(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(sums)),
                          _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(sums, 1)));
}

uint32_t estimate(const EstimateRequest& request, float* estimates) {
  const __m512i nibble = _mm512_set1_epi8(15);
  // `all` adds pairs of bytes as 16 bits, `odd` the upper ones alone; the lower are the difference.
  // 512 bits make 128 groups of at most 255, half of them in each 16-bit sum.
  __m512i all = _mm512_setzero_si512();
  __m512i odd = all;
  const uint8_t* entries = request.table->entries;
  const size_t rows = request.table->bits / rowDimensions;
  for (size_t row = 0; row < rows; row += 1) {
    const __m512i bits = _mm512_loadu_si512(request.rows + row * rowBytes);
    const __m512i low = _mm512_shuffle_epi8(_mm512_loadu_si512(entries + row * 128),
                                            _mm512_and_si512(bits, nibble));
    const __m512i high =
        _mm512_shuffle_epi8(_mm512_loadu_si512(entries + row * 128 + 64),
                            _mm512_and_si512(_mm512_srli_epi16(bits, 4), nibble));
    all = _mm512_add_epi16(all, _mm512_add_epi16(low, high));
    odd = _mm512_add_epi16(odd, _mm512_add_epi16(_mm512_srli_epi16(low, 8),
                                                 _mm512_srli_epi16(high, 8)));
  }
  const __m512i even = _mm512_sub_epi16(all, _mm512_slli_epi16(odd, 8));
  const __m512 first = finish(request, addHalves(even), 0);
  const __m512 second = finish(request, addHalves(odd), 16);
  _mm512_storeu_ps(estimates, first);
  _mm512_storeu_ps(estimates + 16, second);
  const __m512 bound = _mm512_set1_ps(request.bound);
  const uint32_t below = _mm512_cmp_ps_mask(first, bound, _CMP_LT_OQ);
  return below | static_cast<uint32_t>(_mm512_cmp_ps_mask(second, bound, _CMP_LT_OQ)) << 16;
}

/// A key's place is the number of keys below it: no branch to guess wrong, and keys are distinct.
void sortKeys(uint64_t* keys, size_t count) {
  if (count < 2) return;
  const __m512i last = _mm512_set1_epi64(-1);
  const size_t vectors = (count + 7) / 8;
  __m512i parts[4];
  for (size_t part = 0; part < vectors; part += 1) {
    const size_t left = count - part * 8;
    const __mmask8 filled = left >= 8 ? 0xff : static_cast<__mmask8>((1u << left) - 1);
    parts[part] = _mm512_mask_loadu_epi64(last, filled, keys + part * 8);
  }
  uint64_t sorted[32];
  for (size_t at = 0; at < count; at += 1) {
    const __m512i key = _mm512_set1_epi64(static_cast<int64_t>(keys[at]));
    uint32_t place = 0;
    for (size_t part = 0; part < vectors; part += 1) {
      place += static_cast<uint32_t>(__builtin_popcount(_mm512_cmplt_epu64_mask(parts[part], key)));
    }
    sorted[place] = keys[at];
  }
  std::memcpy(keys, sorted, count * sizeof(uint64_t));
}

LANES int32_t addWords(__m512i sums) {
  return _mm512_reduce_add_epi32(_mm512_madd_epi16(sums, _mm512_set1_epi16(1)));
}

SignSums encodeSigns(const int8_t* node, const int8_t* neighbor, int32_t nodeWeight,
                     int32_t neighborWeight, size_t bits, uint8_t* laneBytes) {
  const __m512i forNode = _mm512_set1_epi16(static_cast<int16_t>(nodeWeight));
  const __m512i forNeighbor = _mm512_set1_epi16(static_cast<int16_t>(neighborWeight));
  const __m512i zero = _mm512_setzero_si512();
  __m512i nodeSums = zero;
  __m512i neighborSums = zero;
  for (size_t at = 0; at < bits; at += 32) {
    const __m512i left = _mm512_cvtepi8_epi16(
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(node + at)));
    const __m512i right = _mm512_cvtepi8_epi16(
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(neighbor + at)));
    const __mmask32 above = _mm512_cmpgt_epi16_mask(_mm512_mullo_epi16(right, forNeighbor),
                                                    _mm512_mullo_epi16(left, forNode));
    const __mmask32 others = ~above;
    nodeSums = _mm512_add_epi16(nodeSums, _mm512_mask_sub_epi16(left, others, zero, left));
    neighborSums =
        _mm512_add_epi16(neighborSums, _mm512_mask_sub_epi16(right, others, zero, right));
    uint8_t* to = laneBytes + at / 8 * 32;
    to[0] = static_cast<uint8_t>(above);
    to[32] = static_cast<uint8_t>(above >> 8);
    to[64] = static_cast<uint8_t>(above >> 16);
    to[96] = static_cast<uint8_t>(above >> 24);
  }
  return {addWords(nodeSums), addWords(neighborSums)};
}

}  // namespace
}  // namespace lodestone

#include "lane-operations.inl"

namespace lodestone {

const Operations* avx512Operations() {
  static const Operations table = describeOperations("avx512");
  return &table;
}

}  // namespace lodestone

#if defined(__clang__)
#pragma clang attribute pop
#endif

#else

namespace lodestone {
const Operations* avx512Operations() { return nullptr; }
}  // namespace lodestone

#endif
