// One search: the plan, the walk, the tail, the exact scan, and what came of it.
//
// - Answers show the state at one place of the sequence, whatever is built meanwhile.
// - K of K: if k visible vectors pass the filter, k come back. A walk that finds fewer is followed
//   by an exact scan, as is one that visited more nodes than match.
// - Distances come from original values alone. An exact scan looks at few of them: see code-scan.h.
// - Where much passes a filter, a walk or a scan by sketches (sketch-scan.h) is cheaper than an
//   exact scan; a walk that meets hardly anything that passes is given up for a scan.
#pragma once

#include <vector>

#include "code-scan.h"
#include "cost-meter.h"
#include "index-state.h"
#include "sketch-scan.h"
#include "top-list.h"
#include "walk.h"

namespace lodestone {

enum class SearchMethod : uint8_t { Empty, Exact, Graph, GraphAndTail };

/// Auto lets the planner choose; the others are for tests and benches.
enum class SearchForce : uint8_t { Auto, Exact, Graph };

struct SearchRequest {
  /// The query in the index's element type, at any alignment.
  const void* query = nullptr;
  uint32_t k = 10;
  uint32_t ef = 10;
  /// Null for all documents.
  const IdFilter* filter = nullptr;
  /// From `openSnapshot`, or the newest.
  uint64_t sequence = never;
  SearchForce force = SearchForce::Auto;
  /// A scan that is not done by then is given up.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

struct SearchResult {
  std::vector<Neighbor> neighbors;
  SearchMethod method = SearchMethod::Empty;
  /// Past the deadline, and then incomplete.
  bool isLate = false;
  /// For FT.PROFILE.
  uint64_t hopCount = 0;
  uint64_t codeDistanceCount = 0;
  uint64_t rerankedCount = 0;
  uint64_t tailCount = 0;
  uint64_t scannedCount = 0;
};

/// What one thread needs to search; kept between searches.
struct SearchScratch {
  Walker walker;
  Query query;
  ExactQuery exact;
  TopList top;
  CodeScan scan;
  SketchScan sketches;
  ScanDeadline deadline;
};

class Searcher {
 public:
  explicit Searcher(const IndexState& state);
  void nearest(const SearchRequest& request, SearchScratch& scratch, SearchResult& result) const;
  /// Every visible document within the radius, inclusive, nearest first.
  void withinRange(const SearchRequest& request, float radius, SearchScratch& scratch,
                   SearchResult& result) const;

 private:
  struct Task;
  class ScanGroup;
  uint32_t filteredEf(const Task& task) const;
  enum class Plan { Exact, Sketches, Walk };
  Plan planFor(const Task& task) const;
  Plan scanPlan(const Task& task) const;
  float normWeight() const;
  void encodeQuery(Task& task) const;
  bool walkGraph(Task& task) const;
  float codeDeviation(const Task& task, uint32_t slot) const;
  void rerank(Task& task) const;
  const int8_t* codeOf(const Task& task, uint32_t record) const;
  void beginScan(Task& task, float limit) const;
  void measureScanned(Task& task) const;
  void measureNow(Task& task, uint32_t record) const;
  void scanTail(Task& task) const;
  void scanAll(Task& task) const;
  template <typename Visit>
  void forEachPair(const Task& task, Visit visit) const;
  void scanMatches(Task& task, bool usesCodes) const;
  void scanSketches(Task& task) const;

  const IndexState& state_;
  mutable CostMeter hopCost_;
  mutable CostMeter filteredHopCost_;
  mutable CostMeter sketchCost_;
  mutable FailureMeter filteredWalks_;
  mutable CostMeter scanCost_;
};

}  // namespace lodestone
