// An exact scan in two stages: all vectors by their codes, then on their original values those that
// may still be among the k nearest. The answer is that of measuring everything.
//
// - `take` bounds each vector's distance from both sides (code-bounds.h). The k-th smallest upper
//   bound is never below the k-th distance, so what is certainly beyond it is dropped at once.
// - `measure` goes through the rest by lower bounds, until the next is beyond what it found.
// - Vectors without a code have no bound and are all measured.
#pragma once

#include <vector>

#include "code-bounds.h"
#include "query.h"
#include "records.h"
#include "scan-deadline.h"
#include "top-list.h"

namespace lodestone {

struct ScanItem {
  uint32_t record;
  /// With a `CodeHead` behind it, or null.
  const int8_t* code;
};

class CodeScan {
 public:
  /// `limit` is a distance beyond which nothing is wanted.
  void begin(const Query& query, Metric metric, size_t codeBytes, size_t k, float limit);
  void take(const ScanItem* items, size_t count);
  /// What is certainly beyond it need not be taken.
  float limit() const { return limit_; }
  /// Offers what is left to the list; returns how many were measured, not all past the deadline.
  size_t measure(const Records& records, const ExactQuery& query, ScanDeadline& deadline,
                 TopList& top);
  /// Within `limit`, inclusive; in no order.
  size_t measureWithin(const Records& records, const ExactQuery& query, ScanDeadline& deadline,
                       std::vector<Neighbor>& into);

 private:
  struct Survivor {
    float lower;
    uint32_t record;
    bool operator<(const Survivor& other) const {
      return lower < other.lower || (lower == other.lower && record < other.record);
    }
  };
  void keep(uint32_t record, float lower, float upper);
  void dropBeyond();

  const Query* query_ = nullptr;
  CodeBounds bounds_;
  size_t codeBytes_ = 0;
  size_t k_ = 0;
  float limit_ = 0;
  /// The k smallest upper bounds, the largest in front.
  std::vector<float> uppers_;
  std::vector<Survivor> survivors_;
};

}  // namespace lodestone
