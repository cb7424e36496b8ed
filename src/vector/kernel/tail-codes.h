// Codes of the tail, made ahead by whoever builds: a search measures a code in a tenth of the time
// that it takes to measure the vector, and a batch copies what is here instead of encoding again.
//
// A ring by place in the sequence, as long as a few batches at most: what does not fit is measured
// on its own values. Encoding on arrival was rejected, since that is the event loop's time, and
// encoding by searches as well: the first one after a pause would wait for all.
//
// Claims come one at a time; claimed places are written by any thread and read by searches once
// they are ready. `trim` is called in a turn of applying, while nobody writes.
#pragma once

#include <atomic>
#include <memory>

#include "memory.h"
#include "operations.h"

namespace lodestone {

class TailCodes {
 public:
  explicit TailCodes(size_t codeBytes);
  ~TailCodes();
  TailCodes(const TailCodes&) = delete;
  TailCodes& operator=(const TailCodes&) = delete;

  /// The code, with its `CodeHead` behind it; null where there is none.
  const int8_t* find(uint64_t place) const {
    if (place >= claimedEnd_.load(std::memory_order_acquire)) return nullptr;
    const uint8_t* entry = entryOf(place);
    if (entry == nullptr || !readyOf(entry).load(std::memory_order_acquire)) return nullptr;
    return reinterpret_cast<const int8_t*>(entry);
  }

  /// The next places without a code, at most `countMax`: from `first` to the returned end.
  uint64_t claim(uint64_t applied, uint64_t published, uint64_t countMax, uint64_t& first);
  /// Where a claimed place's code goes, and its head.
  int8_t* code(uint64_t place) const { return reinterpret_cast<int8_t*>(entryOf(place)); }
  CodeHead& head(uint64_t place) const {
    return *reinterpret_cast<CodeHead*>(entryOf(place) + codeBytes_);
  }
  void setReady(uint64_t place) { readyOf(entryOf(place)).store(1, std::memory_order_release); }
  void trim(uint64_t upTo);

 private:
  static constexpr size_t chunkCount = 128;
  static constexpr size_t chunkBytesMax = 128 * 1024;

  uint8_t* entryOf(uint64_t place) const {
    uint8_t* chunk =
        chunks_[place / chunkPlaces_ % chunkCount].load(std::memory_order_acquire);
    return chunk == nullptr ? nullptr : chunk + place % chunkPlaces_ * entryBytes_;
  }
  std::atomic<uint32_t>& readyOf(const uint8_t* entry) const {
    uint8_t* at = const_cast<uint8_t*>(entry) + codeBytes_ + sizeof(CodeHead);
    return *reinterpret_cast<std::atomic<uint32_t>*>(at);
  }

  const size_t codeBytes_;
  const size_t entryBytes_;
  const uint64_t chunkPlaces_;
  std::atomic<uint8_t*> chunks_[chunkCount] = {};
  std::atomic<uint64_t> claimedEnd_{0};
  uint64_t trimmedChunks_ = 0;
};

}  // namespace lodestone
