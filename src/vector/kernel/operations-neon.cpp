// NEON, as every 64-bit Arm processor has it: 16 bytes at a time.
#include "operations.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#include "lanes.h"

namespace lodestone {
namespace {

int32_t dot(const int8_t* left, const int8_t* right, int32_t, size_t count) {
  int32x4_t even = vdupq_n_s32(0);
  int32x4_t odd = even;
  for (size_t at = 0; at < count; at += 16) {
    const int8x16_t a = vld1q_s8(left + at);
    const int8x16_t b = vld1q_s8(right + at);
    even = vpadalq_s16(even, vmull_s8(vget_low_s8(a), vget_low_s8(b)));
    odd = vpadalq_s16(odd, vmull_high_s8(a, b));
  }
  return vaddvq_s32(vaddq_s32(even, odd));
}

void signSums(const uint8_t* const* rows, size_t rowCount, const int8_t* code, size_t bits,
              int32_t* sums) {
  const uint8x16_t lanes = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  for (size_t row = 0; row < rowCount; row += 1) {
    int16x8_t sum = vdupq_n_s16(0);
    for (size_t at = 0; at < bits; at += 16) {
      const uint8x16_t bytes = vcombine_u8(vdup_n_u8(rows[row][at / 8]),
                                           vdup_n_u8(rows[row][at / 8 + 1]));
      const int8x16_t set = vreinterpretq_s8_u8(vtstq_u8(bytes, lanes));
      sum = vpadalq_s8(sum, vandq_s8(set, vld1q_s8(code + at)));
    }
    sums[row] = vaddlvq_s16(sum);
  }
}

LANES uint32_t finish(const EstimateRequest& request, uint32x4_t sums, int lane,
                      float* estimates) {
  const float32x4_t step = vdupq_n_f32(request.table->step);
  const float32x4_t offset = vdupq_n_f32(request.table->offset);
  const float32x4_t signProduct = vaddq_f32(vmulq_f32(vcvtq_f32_u32(sums), step), offset);
  const float32x4_t add =
      vmulq_f32(vdupq_n_f32(request.addWeight), vld1q_f32(request.add + lane));
  const float32x4_t found =
      vaddq_f32(vaddq_f32(vdupq_n_f32(request.distance), add),
                vmulq_f32(vld1q_f32(request.multiply + lane), signProduct));
  vst1q_f32(estimates + lane, found);
  const uint32x4_t weights = {1, 2, 4, 8};
  const uint32x4_t below = vcltq_f32(found, vdupq_n_f32(request.bound));
  return vaddvq_u32(vandq_u32(below, weights)) << lane;
}

LANES uint32_t finishEight(const EstimateRequest& request, uint16x8_t sums, int lane,
                           float* estimates) {
  return finish(request, vmovl_u16(vget_low_u16(sums)), lane, estimates) |
         finish(request, vmovl_u16(vget_high_u16(sums)), lane + 4, estimates);
}

uint32_t estimate(const EstimateRequest& request, float* estimates) {
  const uint8x16_t nibble = vdupq_n_u8(15);
  const uint16x8_t lowByte = vdupq_n_u16(255);
  uint16x8_t even[2] = {vdupq_n_u16(0), vdupq_n_u16(0)};
  uint16x8_t odd[2] = {even[0], even[0]};
  const size_t halves = request.table->bits / rowDimensions * 2;
  for (size_t half = 0; half < halves; half += 1) {
    const uint8_t* entries = request.table->entries + half / 2 * 128 + (half & 1) * 32;
    const uint8x16_t lowTable = vld1q_u8(entries);
    const uint8x16_t highTable = vld1q_u8(entries + 64);
    for (int part = 0; part < 2; part += 1) {
      const uint8x16_t bits = vld1q_u8(request.rows + half * 32 + part * 16);
      const uint16x8_t low =
          vreinterpretq_u16_u8(vqtbl1q_u8(lowTable, vandq_u8(bits, nibble)));
      const uint16x8_t high = vreinterpretq_u16_u8(vqtbl1q_u8(highTable, vshrq_n_u8(bits, 4)));
      even[part] = vaddq_u16(even[part], vaddq_u16(vandq_u16(low, lowByte),
                                                   vandq_u16(high, lowByte)));
      odd[part] = vaddq_u16(odd[part], vaddq_u16(vshrq_n_u16(low, 8), vshrq_n_u16(high, 8)));
    }
  }
  return finishEight(request, even[0], 0, estimates) | finishEight(request, even[1], 8, estimates) |
         finishEight(request, odd[0], 16, estimates) | finishEight(request, odd[1], 24, estimates);
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
  const int16_t forNode = static_cast<int16_t>(nodeWeight);
  const int16_t forNeighbor = static_cast<int16_t>(neighborWeight);
  const uint16x8_t weights = {1, 2, 4, 8, 16, 32, 64, 128};
  int32x4_t nodeSums = vdupq_n_s32(0);
  int32x4_t neighborSums = nodeSums;
  for (size_t at = 0; at < bits; at += 8) {
    const int16x8_t left = vmovl_s8(vld1_s8(node + at));
    const int16x8_t right = vmovl_s8(vld1_s8(neighbor + at));
    const uint16x8_t above =
        vcgtq_s16(vmulq_n_s16(right, forNeighbor), vmulq_n_s16(left, forNode));
    nodeSums = vpadalq_s16(nodeSums, vbslq_s16(above, left, vnegq_s16(left)));
    neighborSums = vpadalq_s16(neighborSums, vbslq_s16(above, right, vnegq_s16(right)));
    laneBytes[at / 8 * 32] = static_cast<uint8_t>(vaddvq_u16(vandq_u16(above, weights)));
  }
  return {vaddvq_s32(nodeSums), vaddvq_s32(neighborSums)};
}

}  // namespace
}  // namespace lodestone

#include "lane-operations.inl"

namespace lodestone {

const Operations* neonOperations() {
  static const Operations table = describeOperations("neon");
  return &table;
}

}  // namespace lodestone

#else

namespace lodestone {
const Operations* neonOperations() { return nullptr; }
}  // namespace lodestone

#endif
