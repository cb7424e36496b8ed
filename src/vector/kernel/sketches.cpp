// Making and keeping the lines; see sketches.h.
#include "sketches.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace lodestone {

namespace {

/// What follows signs must lie on a boundary of its own size.
constexpr size_t entryAlignment = 16;

}  // namespace

Sketches::Sketches(size_t codeBytes)
    : bits_(std::min<size_t>(codeBytes, signBitsMax)),
      entryBytes_(roundUp(bits_ / 8 + sizeof(SketchHead), entryAlignment)),
      perDimension_(1.0f / static_cast<float>(codeBytes - 1)),
      chunks_(chunkCountMax),
      usedCounts_(chunkCountMax) {}

Sketches::~Sketches() {
  for (size_t chunk = 0; chunk < chunkCountMax; chunk += 1) std::free(chunks_[chunk].load());
}

uint8_t* Sketches::grow(uint32_t id) {
  std::atomic<uint8_t*>& chunk = chunks_[id / chunkIds];
  if (chunk.load(std::memory_order_relaxed) == nullptr) {
    const size_t bytes = chunkIds * entryBytes_;
    void* memory = std::aligned_alloc(64, bytes);
    if (memory == nullptr) return nullptr;
    std::memset(memory, 0, bytes);
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
    chunk.store(static_cast<uint8_t*>(memory), std::memory_order_release);
  }
  return chunk.load(std::memory_order_relaxed) + id % chunkIds * entryBytes_;
}

void Sketches::put(uint32_t id, uint32_t record, uint32_t slot, const int8_t* code,
                   const CodeFactors& factors, uint64_t changedAt) {
  if (changedAt_.load(std::memory_order_relaxed) == ~0ull) return;
  uint8_t* signs = grow(id);
  changedAt_.store(signs == nullptr ? ~0ull : changedAt, std::memory_order_relaxed);
  if (signs == nullptr) return;
  int32_t sum = 0;
  for (size_t start = 0; start < bits_; start += 8) {
    uint32_t byte = 0;
    for (size_t at = 0; at < 8; at += 1) {
      byte |= static_cast<uint32_t>(code[start + at] > 0) << at;
      sum += std::abs(code[start + at]);
    }
    signs[start / 8] = static_cast<uint8_t>(byte);
  }
  SketchHead& head = *reinterpret_cast<SketchHead*>(signs + bits_ / 8);
  usedCounts_[id / chunkIds] += head.slotPlusOne == 0;
  const float product = factors.scale * static_cast<float>(sum);
  head = {product > 0 ? factors.squaredNorm / product : 0, factors.squaredNorm, record, slot + 1};
}

void Sketches::drop(uint32_t id, uint32_t slot) {
  uint8_t* signs = const_cast<uint8_t*>(find(id));
  if (signs == nullptr) return;
  SketchHead& head = *reinterpret_cast<SketchHead*>(signs + bits_ / 8);
  if (head.slotPlusOne != slot + 1) return;
  head.slotPlusOne = 0;
  usedCounts_[id / chunkIds] -= 1;
  if (usedCounts_[id / chunkIds] > 0) return;
  std::free(chunks_[id / chunkIds].exchange(nullptr));
  bytes_.fetch_sub(chunkIds * entryBytes_, std::memory_order_relaxed);
}

}  // namespace lodestone
