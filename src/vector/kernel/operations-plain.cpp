// The path of any processor, and the definition of what the others compute.
#include "operations.h"

#include "lanes.h"

namespace lodestone {
namespace {

int32_t dot(const int8_t* left, const int8_t* right, int32_t, size_t count) {
  int32_t sum = 0;
  for (size_t at = 0; at < count; at += 1) sum += left[at] * right[at];
  return sum;
}

void signSums(const uint8_t* const* rows, size_t rowCount, const int8_t* code, size_t bits,
              int32_t* sums) {
  for (size_t row = 0; row < rowCount; row += 1) {
    sums[row] = 0;
    for (size_t at = 0; at < bits; at += 1) {
      sums[row] += rows[row][at / 8] >> at % 8 & 1 ? code[at] : 0;
    }
  }
}

uint32_t estimate(const EstimateRequest& request, float* estimates) {
  const QueryTable& table = *request.table;
  uint32_t sums[laneCount] = {};
  for (size_t row = 0; row < table.bits / rowDimensions; row += 1) {
    const uint8_t* bits = request.rows + row * rowBytes;
    const uint8_t* entries = table.entries + row * 128;
    for (uint32_t lane = 0; lane < laneCount; lane += 1) {
      const uint8_t first = bits[laneByte(lane)];
      const uint8_t second = bits[32 + laneByte(lane)];
      sums[lane] += entries[first & 15] + entries[64 + (first >> 4)] + entries[32 + (second & 15)] +
                    entries[96 + (second >> 4)];
    }
  }
  uint32_t below = 0;
  for (uint32_t lane = 0; lane < laneCount; lane += 1) {
    const float signProduct = static_cast<float>(sums[lane]) * table.step + table.offset;
    estimates[lane] = (request.distance + request.addWeight * request.add[lane]) +
                      request.multiply[lane] * signProduct;
    below |= static_cast<uint32_t>(estimates[lane] < request.bound) << lane;
  }
  return below;
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
  SignSums sums = {0, 0};
  for (size_t start = 0; start < bits; start += 8) {
    uint8_t byte = 0;
    for (size_t at = start; at < start + 8; at += 1) {
      const bool isAbove = neighbor[at] * neighborWeight > node[at] * nodeWeight;
      byte |= static_cast<uint8_t>(isAbove) << (at - start);
      sums.node += isAbove ? node[at] : -node[at];
      sums.neighbor += isAbove ? neighbor[at] : -neighbor[at];
    }
    laneBytes[start / 8 * 32] = byte;
  }
  return sums;
}

}  // namespace
}  // namespace lodestone

#include "lane-operations.inl"

namespace lodestone {

const Operations* plainOperations() {
  static const Operations table = describeOperations("plain");
  return &table;
}

}  // namespace lodestone
