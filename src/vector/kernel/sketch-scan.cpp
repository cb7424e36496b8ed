// Estimating and passing on; see sketch-scan.h.
#include "sketch-scan.h"

#include <algorithm>
#include <cmath>

namespace lodestone {

namespace {

constexpr float deviations = 3;

/// Lines on their way from memory while others are looked at.
constexpr size_t rowsAhead = 32;

/// Estimated together, so that what that takes stays in the innermost cache.
constexpr size_t groupRows = 256;

}  // namespace

void SketchScan::begin(const Graph& graph, const Records& records, const Query& query,
                       Metric metric, CodeScan& next, size_t k, uint64_t sequence,
                       uint64_t applied) {
  graph_ = &graph;
  sketches_ = &graph.sketches();
  records_ = &records;
  query_ = &query;
  next_ = &next;
  sequence_ = sequence;
  applied_ = applied;
  entryBytes_ = sketches_->entryBytes();
  seedCount_ = k + k / 2 + 1;
  const bool isSquared = metric == Metric::L2;
  bounds_.codeTotal = 0;
  for (size_t at = 0; at < sketches_->bits(); at += 1) bounds_.codeTotal += query.code[at];
  bounds_.offset = isSquared ? query.factors.squaredNorm : 1;
  bounds_.normWeight = isSquared ? 1.0f : 0.0f;
  bounds_.multiply = isSquared ? 2 * query.factors.scale : query.factors.scale;
  bounds_.reach = (isSquared ? 2 : 1) * deviations * std::sqrt(query.factors.squaredNorm);
  bounds_.bits = static_cast<float>(sketches_->bits());
  bounds_.perDimension = sketches_->perDimension();
  count_ = 0;
  fetchedCount_ = 0;
  survivorCount = 0;
}

/// The lines on their way to the cache while those before are added up; then all bounds in a row.
void SketchScan::estimate(size_t first, size_t count) {
  const Operations& paths = operations();
  const size_t bits = sketches_->bits();
  const uint8_t* const* rows = rows_ + first;
  alignas(64) float factors[groupRows] = {};
  alignas(64) float norms[groupRows] = {};
  alignas(64) int32_t sums[groupRows] = {};
  for (size_t start = 0; start < count + rowsAhead; start += rowsAhead) {
    const size_t aheadEnd = std::min(count, start + rowsAhead);
    for (size_t at = start; at < aheadEnd; at += 1) {
      for (size_t byte = 0; byte < entryBytes_; byte += 64) __builtin_prefetch(rows[at] + byte);
    }
    if (start == 0) continue;
    const size_t from = start - rowsAhead;
    const size_t end = std::min(count, start);
    paths.signSums(rows + from, end - from, query_->code, bits, sums + from);
    for (size_t at = from; at < end; at += 1) {
      const SketchHead& head = sketches_->head(rows[at]);
      factors[at] = head.factor;
      norms[at] = head.squaredNorm;
    }
  }
  paths.boundSketches(bounds_, factors, norms, sums, (count + 15) / 16 * 16, least_ + first);
}

/// Those that are nearest as far as is known, at most some more than k.
void SketchScan::chooseSeeds() {
  seeds_.clear();
  float cutoff = next_->limit();
  for (uint32_t row = 0; row < count_; row += 1) {
    if (!(least_[row] < cutoff) || sketches_->head(rows_[row]).slotPlusOne == 0) continue;
    if (seeds_.size() == seedCount_) {
      std::pop_heap(seeds_.begin(), seeds_.end());
      seeds_.pop_back();
    }
    seeds_.push_back({least_[row], row});
    std::push_heap(seeds_.begin(), seeds_.end());
    if (seeds_.size() == seedCount_) cutoff = seeds_.front().least;
  }
}

void SketchScan::takePiece() {
  if (count_ == 0) return;
  for (size_t first = 0; first < count_; first += groupRows) {
    estimate(first, std::min(groupRows, count_ - first));
  }
  chooseSeeds();
  for (const Seed& one : seeds_) {
    passOn(rows_[one.row]);
    rows_[one.row] = nullptr;
  }
  takeFetched();
  float limit = next_->limit();
  for (size_t at = 0; at < count_; at += 1) {
    if (rows_[at] == nullptr || least_[at] > limit) continue;
    if (passOn(rows_[at])) limit = next_->limit();
  }
  takeFetched();
  count_ = 0;
}

bool SketchScan::passOn(const uint8_t* row) {
  const SketchHead& head = sketches_->head(row);
  if (head.slotPlusOne == 0) return false;
  records_->prefetch(head.record);
  graph_->prefetchCode(head.slotPlusOne - 1);
  fetched_[fetchedCount_++] = &head;
  if (fetchedCount_ < together) return false;
  takeFetched();
  return true;
}

void SketchScan::takeFetched() {
  itemCount_ = 0;
  for (size_t at = 0; at < fetchedCount_; at += 1) {
    const SketchHead& head = *fetched_[at];
    const Record& record = records_->at(head.record);
    if (record.addedAt >= applied_ || !record.isVisible(sequence_)) continue;
    items_[itemCount_++] = {head.record, graph_->code(head.slotPlusOne - 1)};
  }
  next_->take(items_, itemCount_);
  survivorCount += itemCount_;
  fetchedCount_ = 0;
}

}  // namespace lodestone
