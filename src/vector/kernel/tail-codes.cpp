// The ring's chunks; see tail-codes.h.
#include "tail-codes.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace lodestone {

TailCodes::TailCodes(size_t codeBytes)
    : codeBytes_(codeBytes),
      entryBytes_(codeBytes + 64),
      chunkPlaces_(std::max<uint64_t>(1, chunkBytesMax / entryBytes_)) {}

TailCodes::~TailCodes() {
  for (std::atomic<uint8_t*>& chunk : chunks_) std::free(chunk.load());
}

uint64_t TailCodes::claim(uint64_t applied, uint64_t published, uint64_t countMax,
                          uint64_t& first) {
  // A sequence need not begin at 0.
  if (claimedEnd_.load(std::memory_order_relaxed) == 0) trimmedChunks_ = applied / chunkPlaces_;
  first = std::max(claimedEnd_.load(std::memory_order_relaxed), applied);
  const uint64_t room = (trimmedChunks_ + chunkCount) * chunkPlaces_;
  uint64_t end = std::min({published, first + countMax, room});
  for (uint64_t place = first; place < end;) {
    std::atomic<uint8_t*>& chunk = chunks_[place / chunkPlaces_ % chunkCount];
    if (chunk.load(std::memory_order_relaxed) == nullptr) {
      const size_t bytes = chunkPlaces_ * entryBytes_;
      void* memory = std::aligned_alloc(64, bytes);
      if (memory == nullptr) {
        end = place;
        break;
      }
      std::memset(memory, 0, bytes);
      chunk.store(static_cast<uint8_t*>(memory), std::memory_order_release);
    }
    place = (place / chunkPlaces_ + 1) * chunkPlaces_;
  }
  if (first >= end) return first;
  claimedEnd_.store(end, std::memory_order_release);
  return end;
}

void TailCodes::trim(uint64_t upTo) {
  const uint64_t chunks = upTo / chunkPlaces_;
  const uint64_t filled = std::min(chunks, trimmedChunks_ + chunkCount);
  for (uint64_t chunk = trimmedChunks_; chunk < filled; chunk += 1) {
    std::free(chunks_[chunk % chunkCount].exchange(nullptr));
  }
  trimmedChunks_ = chunks;
}

}  // namespace lodestone
