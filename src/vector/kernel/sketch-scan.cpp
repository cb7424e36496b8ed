// Estimating and passing on; see sketch-scan.h.
#include "sketch-scan.h"

#include <cmath>

namespace lodestone {

namespace {

constexpr float deviations = 3;

}  // namespace

void SketchScan::begin(const Graph& graph, const Records& records, const Query& query,
                       Metric metric, CodeScan& next, uint64_t sequence, uint64_t applied) {
  graph_ = &graph;
  sketches_ = &graph.sketches();
  records_ = &records;
  query_ = &query;
  next_ = &next;
  sequence_ = sequence;
  applied_ = applied;
  codeTotal_ = 0;
  for (size_t at = 0; at < sketches_->bits(); at += 1) codeTotal_ += query.code[at];
  const bool isSquared = metric == Metric::L2;
  offset_ = isSquared ? query.factors.squaredNorm : 1;
  normWeight_ = isSquared ? 1.0f : 0.0f;
  multiply_ = isSquared ? 2 * query.factors.scale : query.factors.scale;
  reach_ = (isSquared ? 2 : 1) * deviations * std::sqrt(query.factors.squaredNorm);
  turn_ = 0;
  counts_[0] = counts_[1] = 0;
  survivors_.clear();
  survivorCount = 0;
}

void SketchScan::estimate() {
  turn_ = 1 - turn_;
  const size_t count = counts_[turn_];
  const uint8_t* const* rows = rows_[turn_];
  int32_t sums[together];
  float least[together];
  operations().signSums(rows, count, query_->code, sketches_->bits(), sums);
  for (size_t at = 0; at < count; at += 1) {
    const SketchHead& head = sketches_->head(rows[at]);
    const float product = multiply_ * head.factor * static_cast<float>(2 * sums[at] - codeTotal_);
    least[at] = offset_ + normWeight_ * head.squaredNorm - product -
                reach_ * sketches_->spread(head);
  }
  passOn();
  const float limit = next_->limit();
  for (size_t at = 0; at < count; at += 1) {
    const SketchHead& head = sketches_->head(rows[at]);
    if (least[at] > limit || head.slotPlusOne == 0) continue;
    survivors_.push_back({head.record, head.slotPlusOne - 1});
    records_->prefetch(head.record);
    graph_->prefetchCode(head.slotPlusOne - 1);
  }
  counts_[turn_] = 0;
}

void SketchScan::passOn() {
  items_.clear();
  for (const Survivor& survivor : survivors_) {
    const Record& record = records_->at(survivor.record);
    if (record.addedAt >= applied_ || !record.isVisible(sequence_)) continue;
    items_.push_back({survivor.record, graph_->code(survivor.slot)});
  }
  next_->take(items_.data(), items_.size());
  survivorCount += items_.size();
  survivors_.clear();
}

void SketchScan::finish() {
  estimate();
  estimate();
  passOn();
}

}  // namespace lodestone
