// When a scan is given up. The clock is asked once for so many vectors: asking it takes as long as
// measuring one or two.
#pragma once

#include <chrono>
#include <cstddef>

namespace lodestone {

class ScanDeadline {
 public:
  using Clock = std::chrono::steady_clock;

  void begin(Clock::time_point deadline) {
    deadline_ = deadline;
    passedCount_ = 0;
    isOver_ = false;
  }
  /// After `count` more vectors.
  bool isOverAfter(size_t count) {
    passedCount_ += count;
    if (passedCount_ < vectorsBetween) return isOver_;
    passedCount_ = 0;
    if (deadline_ != Clock::time_point::max() && Clock::now() > deadline_) isOver_ = true;
    return isOver_;
  }
  bool isOver() const { return isOver_; }

 private:
  static constexpr size_t vectorsBetween = 256;
  Clock::time_point deadline_ = Clock::time_point::max();
  size_t passedCount_ = 0;
  bool isOver_ = false;
};

}  // namespace lodestone
