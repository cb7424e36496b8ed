// Bounding, keeping and measuring; see code-scan.h.
#include "code-scan.h"

#include <algorithm>

namespace lodestone {

namespace {

/// Original values that are fetched ahead of the one that is measured.
constexpr size_t measureAhead = 3;

}  // namespace

void CodeScan::begin(const Query& query, Metric metric, size_t codeBytes, size_t k, float limit) {
  query_ = &query;
  bounds_ = CodeBounds(metric, query.codeHead());
  codeBytes_ = codeBytes;
  k_ = k;
  limit_ = limit;
  uppers_.clear();
  survivors_.clear();
}

void CodeScan::take(const ScanItem* items, size_t count) {
  const Operations& paths = operations();
  const int8_t* code = query_->code;
  const int32_t codeSum = query_->factors.codeSum;
  for (size_t at = 0; at < count; at += 1) {
    const ScanItem& item = items[at];
    if (item.code == nullptr) {
      survivors_.push_back({-std::numeric_limits<float>::infinity(), item.record});
      continue;
    }
    const CodeHead& head = *reinterpret_cast<const CodeHead*>(item.code + codeBytes_);
    float lower;
    float upper;
    bounds_.of(paths.dot(item.code, code, codeSum, codeBytes_), head, lower, upper);
    if (!(lower > limit_)) keep(item.record, lower, upper);
  }
}

void CodeScan::keep(uint32_t record, float lower, float upper) {
  survivors_.push_back({lower == lower ? lower : -std::numeric_limits<float>::infinity(), record});
  if (k_ == 0 || !(upper < limit_)) return;
  uppers_.push_back(upper);
  std::push_heap(uppers_.begin(), uppers_.end());
  if (uppers_.size() > k_) {
    std::pop_heap(uppers_.begin(), uppers_.end());
    uppers_.pop_back();
  }
  if (uppers_.size() == k_) limit_ = std::min(limit_, uppers_.front());
}

/// What came before the limit was as low as it is now.
void CodeScan::dropBeyond() {
  const float limit = limit_;
  survivors_.erase(std::remove_if(survivors_.begin(), survivors_.end(),
                                  [limit](const Survivor& one) { return one.lower > limit; }),
                   survivors_.end());
}

size_t CodeScan::measure(const Records& records, const ExactQuery& query, ScanDeadline& deadline,
                         TopList& top) {
  dropBeyond();
  std::sort(survivors_.begin(), survivors_.end());
  const size_t count = survivors_.size();
  for (size_t at = 0; at < std::min(count, measureAhead); at += 1) {
    records.prefetchValues(survivors_[at].record);
  }
  for (size_t at = 0; at < count; at += 1) {
    if (survivors_[at].lower > top.bound() || deadline.isOverAfter(1)) return at;
    if (at + measureAhead < count) records.prefetchValues(survivors_[at + measureAhead].record);
    const uint32_t record = survivors_[at].record;
    top.offer({records.distance(query, record), records.at(record).id});
  }
  return count;
}

size_t CodeScan::measureWithin(const Records& records, const ExactQuery& query,
                               ScanDeadline& deadline, std::vector<Neighbor>& into) {
  const size_t count = survivors_.size();
  for (size_t at = 0; at < count; at += 1) {
    if (deadline.isOverAfter(1)) return at;
    if (at + measureAhead < count) records.prefetchValues(survivors_[at + measureAhead].record);
    const uint32_t record = survivors_[at].record;
    const float distance = records.distance(query, record);
    if (distance <= limit_) into.push_back({distance, records.at(record).id});
  }
  return count;
}

}  // namespace lodestone
