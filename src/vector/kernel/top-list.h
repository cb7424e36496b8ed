// The k nearest so far, by reported distance; ties go to the lower id.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "memory.h"

namespace lodestone {

struct Neighbor {
  float distance;
  uint32_t id;
  bool operator<(const Neighbor& other) const {
    return distance < other.distance || (distance == other.distance && id < other.id);
  }
};

class TopList {
 public:
  void begin(size_t k) {
    k_ = k;
    heap_.clear();
  }
  void offer(const Neighbor& neighbor) {
    if (heap_.size() == k_) {
      if (k_ == 0 || !(neighbor < heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.back() = neighbor;
    } else {
      heap_.push_back(neighbor);
    }
    std::push_heap(heap_.begin(), heap_.end());
  }
  size_t size() const { return heap_.size(); }
  /// Farther ones do not come in.
  float bound() const {
    return heap_.size() < k_ || k_ == 0 ? std::numeric_limits<float>::infinity()
                                        : heap_.front().distance;
  }
  /// Nearest first; the list is empty afterwards.
  void finish(std::vector<Neighbor>& into) {
    std::sort_heap(heap_.begin(), heap_.end());
    into.assign(heap_.begin(), heap_.end());
    heap_.clear();
  }

 private:
  size_t k_ = 0;
  std::vector<Neighbor> heap_;
};

}  // namespace lodestone
