// Memory that batches of searches were read from, for the next ones: the pages of a fresh allocation,
// each of which the system has to clear, cost more than the copy. Given back on any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace lodestone {

class BatchMemory : public std::enable_shared_from_this<BatchMemory> {
 public:
  using Words = std::vector<uint32_t>;

  // Giving back must not have to allocate.
  BatchMemory() { spare_.reserve(spareMax); }

  /// Comes back by itself once the last search has let go of it.
  std::shared_ptr<Words> copy(const uint32_t* words, size_t count) {
    std::unique_ptr<Words> taken = take();
    taken->assign(words, words + count);
    return std::shared_ptr<Words>(taken.release(), [keeper = shared_from_this()](Words* used) {
      keeper->give(std::unique_ptr<Words>(used));
    });
  }

 private:
  static constexpr size_t spareMax = 8;
  static constexpr size_t spareWordsMax = size_t{1} << 18;

  std::unique_ptr<Words> take() {
    std::lock_guard<std::mutex> guard(mutex_);
    if (spare_.empty()) return std::make_unique<Words>();
    std::unique_ptr<Words> words = std::move(spare_.back());
    spare_.pop_back();
    return words;
  }

  void give(std::unique_ptr<Words> words) {
    if (words->capacity() > spareWordsMax) return;
    std::lock_guard<std::mutex> guard(mutex_);
    if (spare_.size() < spareMax) spare_.push_back(std::move(words));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<Words>> spare_;
};

}  // namespace lodestone
