// A scan of what passes a filter and is in the graph, by sketches first: those that may be among
// the nearest, within three deviations of their estimate, go on to an exact scan by codes.
//
// So an answer is not proven, but a neighbor is lost only if its estimate is off by so much and it
// is among the last of the nearest. With two deviations scans took a fifth less time, and lost one
// neighbor in fifty where what passes lies far away and dense.
//
// Lines are looked at in pieces. Of a piece the nearest by estimate go on first: what they measure
// is a limit that leaves most of the others alone. In the order of ids ten times as many went on.
#pragma once

#include <vector>

#include "code-scan.h"
#include "graph.h"

namespace lodestone {

class SketchScan {
 public:
  /// What goes on is given to `next`, which has begun, for k. Only records that are visible at the
  /// place of the sequence, and whose adds were applied before `applied`.
  void begin(const Graph& graph, const Records& records, const Query& query, Metric metric,
             CodeScan& next, size_t k, uint64_t sequence, uint64_t applied);
  /// Of the 64 ids from `first` on, a multiple of 64, those whose bits are set.
  void add(uint32_t first, uint64_t bits) {
    const uint8_t* row = sketches_->find(first);
    if (row == nullptr) return;
    for (; bits != 0; bits &= bits - 1) {
      rows_[count_++] = row + static_cast<size_t>(__builtin_ctzll(bits)) * entryBytes_;
    }
    if (count_ + 64 > pieceRows) takePiece();
  }
  void finish() { takePiece(); }
  uint64_t survivorCount = 0;

 private:
  static constexpr size_t pieceRows = 8192;
  /// Codes on their way from memory at once.
  static constexpr size_t together = 32;
  void takePiece();
  void estimate(size_t first, size_t count);
  void chooseSeeds();
  /// Whether those that came before were taken with it.
  bool passOn(const uint8_t* row);
  void takeFetched();

  const Graph* graph_ = nullptr;
  const Sketches* sketches_ = nullptr;
  const Records* records_ = nullptr;
  const Query* query_ = nullptr;
  CodeScan* next_ = nullptr;
  uint64_t sequence_ = 0;
  uint64_t applied_ = 0;
  size_t entryBytes_ = 0;
  size_t seedCount_ = 0;
  SketchBounds bounds_{};
  size_t count_ = 0;
  const uint8_t* rows_[pieceRows];
  /// Of each row: it is at least so far.
  float least_[pieceRows];
  struct Seed {
    float least;
    uint32_t row;
    bool operator<(const Seed& other) const { return least < other.least; }
  };
  std::vector<Seed> seeds_;
  ScanItem items_[together];
  size_t itemCount_ = 0;
  const SketchHead* fetched_[together];
  size_t fetchedCount_ = 0;
};

}  // namespace lodestone
