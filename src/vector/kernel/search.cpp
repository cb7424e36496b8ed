// Planning and running one search; see search.h.
#include "search.h"

#include <algorithm>
#include <cmath>

namespace lodestone {

namespace {

/// Candidates are re-ranked beyond k while the error of int8 codes may have put them too far back:
/// within so many standard deviations of it, and up to so many of them.
constexpr float rerankDeviations = 4;
size_t rerankMax(size_t k) { return k + std::max<size_t>(20, k); }
/// Prefetched together, as far as they are likely to be needed.
size_t rerankAhead(size_t k) { return k + 6; }
/// Of these, on their way at once: more than that many bytes wait for each other.
size_t valuesAhead(size_t vectorBytes) {
  return std::max<size_t>(2, std::min<size_t>(6, (18 << 10) / vectorBytes));
}

/// Guesses, until the first searches were measured.
float scanGuess(size_t codeBytes) { return 10 + 0.04f * static_cast<float>(codeBytes); }
float sketchGuess(size_t entryBytes) { return 4 + 0.06f * static_cast<float>(entryBytes); }
float hopGuess(size_t blockBytes) { return 120 + 0.07f * static_cast<float>(blockBytes); }

/// Documents of an exact scan that are looked up, then fetched, then measured together: each step
/// waits for memory, and the waits of one group overlap with the work on the group before.
constexpr size_t scanTogether = 32;
/// Longer vectors are not fetched ahead: two groups of them would not stay in the cache.
constexpr size_t fetchedBytesMax = 4096;

/// Fewer vectors are measured on their values sooner than a query is encoded.
constexpr uint64_t codesWorth = 24;

/// Fewer are scanned exactly: that takes ten microseconds, and sketches hardly less.
constexpr uint64_t sketchesWorth = 256;

}  // namespace

struct Searcher::Task {
  const SearchRequest& request;
  SearchScratch& scratch;
  SearchResult& result;
  uint64_t sequence = 0;
  /// What was added before it is in the graph; fixed while the search has its turn.
  uint64_t applied = 0;
  uint64_t total = 0;
  uint64_t matching = 0;
  /// Only of a range.
  bool isRange = false;
  float radius = 0;

  /// The part of all that passes the filter, above 0.
  float share() const {
    const float part = static_cast<float>(std::max<uint64_t>(1, matching)) /
                       static_cast<float>(std::max<uint64_t>(1, total));
    return std::min(1.0f, part);
  }
};

Searcher::Searcher(const IndexState& state)
    : state_(state),
      hopCost_(hopGuess(state.graph.blockBytes())),
      filteredHopCost_(1.5f * hopGuess(state.graph.blockBytes())),
      sketchCost_(sketchGuess(state.graph.sketches().entryBytes())),
      scanCost_(scanGuess(state.graph.codeBytes())) {}

/// Codes of the records that a scan takes next: while they come from memory, those before are
/// taken.
class Searcher::ScanGroup {
 public:
  ScanGroup(const Searcher& searcher, Task& task, bool usesCodes)
      : searcher_(searcher),
        task_(task),
        usesCodes_(usesCodes),
        fetchesValues_(searcher.state_.records.values().bytesPerVector() <= fetchedBytesMax) {}

  void add(uint32_t record) {
    const int8_t* code = usesCodes_ ? searcher_.codeOf(task_, record) : nullptr;
    Group& group = groups_[turn_];
    if (code != nullptr) {
      const size_t bytes = searcher_.state_.graph.codeBytes() + sizeof(CodeHead);
      for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(code + at);
      group.coded[group.codedCount++] = {record, code};
    } else {
      if (fetchesValues_) searcher_.state_.records.prefetchValues(record);
      group.uncoded[group.uncodedCount++] = record;
    }
    if (group.codedCount + group.uncodedCount == scanTogether) next();
  }
  /// Takes what was fetched while this group came together.
  void next() {
    turn_ = 1 - turn_;
    Group& group = groups_[turn_];
    const size_t count = group.codedCount + group.uncodedCount;
    task_.result.scannedCount += count;
    task_.result.codeDistanceCount += group.codedCount;
    if (!task_.scratch.deadline.isOverAfter(count)) {
      task_.scratch.scan.take(group.coded, group.codedCount);
      for (size_t at = 0; at < group.uncodedCount; at += 1) {
        searcher_.measureNow(task_, group.uncoded[at]);
      }
    }
    group.codedCount = 0;
    group.uncodedCount = 0;
  }

 private:
  const Searcher& searcher_;
  Task& task_;
  const bool usesCodes_;
  const bool fetchesValues_;
  struct Group {
    ScanItem coded[scanTogether];
    size_t codedCount = 0;
    uint32_t uncoded[scanTogether];
    size_t uncodedCount = 0;
  };
  Group groups_[2];
  size_t turn_ = 0;
};

/// A vector without a code: its distance is the only bound that it has.
void Searcher::measureNow(Task& task, uint32_t number) const {
  const Records& records = state_.records;
  const Neighbor found{records.distance(task.scratch.exact, number), records.at(number).id};
  task.result.rerankedCount += 1;
  if (!task.isRange) {
    task.scratch.top.offer(found);
  } else if (found.distance <= task.radius) {
    task.result.neighbors.push_back(found);
  }
}

/// The code of a visible record, in its block or in the tail's; null if it has none yet.
const int8_t* Searcher::codeOf(const Task& task, uint32_t number) const {
  const Record& record = state_.records.at(number);
  if (record.addedAt >= task.applied) return state_.tailCodes.find(record.addedAt);
  // Only an old snapshot sees what was removed before it came into the graph.
  return state_.codeOf(record);
}

/// Ids that pass the filter, in order, whether they are live or not: the first of 64 and their bits.
template <typename Visit>
void Searcher::forEachPair(const Task& task, Visit visit) const {
  const IdFilter* filter = task.request.filter;
  const uint32_t limit = state_.records.idLimit();
  const size_t pairs = filter == nullptr ? limit / 64 + 1 : (filter->wordCount + 1) / 2;
  for (size_t index = 0; index < pairs && index * 64 < limit; index += 1) {
    uint64_t bits = filter == nullptr ? ~0ull : filter->pair(index);
    const size_t rest = limit - index * 64;
    if (rest < 64) bits &= (1ull << rest) - 1;
    if (bits != 0) visit(static_cast<uint32_t>(index * 64), bits);
  }
}

/// Live vectors within the filter, at the task's place of the sequence, by their codes.
void Searcher::scanMatches(Task& task, bool usesCodes) const {
  const Records& records = state_.records;
  ScanGroup group(*this, task, usesCodes);
  uint32_t ids[2][scanTogether];
  size_t counts[2] = {0, 0};
  size_t turn = 0;
  const auto lookUp = [&] {
    turn = 1 - turn;
    for (size_t at = 0; at < counts[turn]; at += 1) {
      const uint32_t record = records.find(ids[turn][at], task.sequence);
      if (record != none) group.add(record);
    }
    counts[turn] = 0;
  };
  forEachPair(task, [&](uint32_t first, uint64_t bits) {
    if (task.scratch.deadline.isOver()) return;
    for (; bits != 0; bits &= bits - 1) {
      const uint32_t id = first + static_cast<uint32_t>(__builtin_ctzll(bits));
      records.prefetchNewest(id);
      ids[turn][counts[turn]++] = id;
      if (counts[turn] == scanTogether) lookUp();
    }
  });
  lookUp();
  lookUp();
  group.next();
  group.next();
}

/// What is in the graph and passes; the tail is not.
void Searcher::scanSketches(Task& task) const {
  encodeQuery(task);
  beginScan(task, std::numeric_limits<float>::infinity());
  SketchScan& scan = task.scratch.sketches;
  scan.begin(state_.graph, state_.records, task.scratch.query, state_.parameters.metric,
             task.scratch.scan, task.request.k, task.sequence, task.applied);
  forEachPair(task, [&scan](uint32_t first, uint64_t bits) { scan.add(first, bits); });
  scan.finish();
  task.result.codeDistanceCount += scan.survivorCount;
  task.result.scannedCount = task.matching;
  measureScanned(task);
}

void Searcher::scanAll(Task& task) const {
  task.result.scannedCount = 0;
  task.result.rerankedCount = 0;
  const bool usesCodes = state_.hasCodes() &&
                         task.matching > std::max<uint64_t>(codesWorth, task.request.k);
  if (usesCodes) encodeQuery(task);
  beginScan(task, std::numeric_limits<float>::infinity());
  scanMatches(task, usesCodes);
  measureScanned(task);
}

void Searcher::measureScanned(Task& task) const {
  SearchScratch& scratch = task.scratch;
  task.result.rerankedCount +=
      scratch.scan.measure(state_.records, scratch.exact, scratch.deadline, scratch.top);
}

void Searcher::beginScan(Task& task, float limit) const {
  task.scratch.scan.begin(task.scratch.query, state_.parameters.metric, state_.graph.codeBytes(),
                          task.request.k, limit);
}

/// Adds that are not in the graph, or in a batch that is just coming in.
void Searcher::scanTail(Task& task) const {
  if (task.applied >= task.sequence) return;
  beginScan(task, task.scratch.top.bound());
  ScanGroup group(*this, task, true);
  const uint64_t scannedBefore = task.result.scannedCount;
  for (uint64_t at = task.applied; at < task.sequence; at += 1) {
    const Change change = state_.changes.at(at);
    if (change.kind != ChangeKind::Add) continue;
    const Record& record = state_.records.at(change.record);
    if (!record.isVisible(task.sequence)) continue;
    if (task.request.filter != nullptr && !task.request.filter->has(record.id)) continue;
    group.add(change.record);
  }
  group.next();
  group.next();
  task.result.tailCount = task.result.scannedCount - scannedBefore;
  task.result.scannedCount = scannedBefore;
  measureScanned(task);
}

/// Of `ef` nodes that a walk looks at, those that pass would be found worse the fewer pass: what
/// lies between them is no longer dense. So the walk is asked for more, as measured on real passages.
uint32_t Searcher::filteredEf(const Task& task) const {
  const float ef = static_cast<float>(std::max(task.request.ef, task.request.k));
  if (task.request.filter == nullptr) return static_cast<uint32_t>(ef);
  const float halvings = -std::log2(task.share());
  return static_cast<uint32_t>(ef * (1 + halvings / 3) + 6 * halvings);
}

/// Exact where that costs little; else what is cheaper, a walk or a scan by sketches.
Searcher::Plan Searcher::planFor(const Task& task) const {
  if (task.matching <= task.request.k) return Plan::Exact;
  const float matching = static_cast<float>(task.matching);
  const float exact = matching * scanCost_.nanoseconds();
  const float ef = static_cast<float>(filteredEf(task));
  if (task.request.filter == nullptr) {
    return exact <= ef * hopCost_.nanoseconds() ? Plan::Exact : Plan::Walk;
  }
  // Neighbors that pass are measured without a hop of their own.
  const float walk = ef * (1 + 0.1f / task.share()) * filteredHopCost_.nanoseconds();
  const float scan = scanPlan(task) == Plan::Exact ? exact : matching * sketchCost_.nanoseconds();
  if (scan <= walk) return scanPlan(task);
  // Where filters keep the near ones out, as users' tags do, walks end in a scan.
  if (scan > walk + filteredWalks_.share() * scan) return Plan::Walk;
  filteredWalks_.noteUntried();
  return scanPlan(task);
}

/// Of the two ways to scan. What is proven is worth some microseconds more.
Searcher::Plan Searcher::scanPlan(const Task& task) const {
  const bool isSmall = task.matching < sketchesWorth || task.request.filter == nullptr;
  return isSmall || !state_.graph.sketches().cover(task.sequence) ? Plan::Exact : Plan::Sketches;
}

float Searcher::normWeight() const {
  return state_.parameters.metric == Metric::InnerProduct ? 0.0f : 1.0f;
}

void Searcher::encodeQuery(Task& task) const {
  Query& query = task.scratch.query;
  const Graph& graph = state_.graph;
  query.reserve(graph.codeBytes(), graph.signBits());
  std::fill_n(query.rotated.data(), graph.codeBytes(), 0.0f);
  state_.records.values().decodeWide(task.scratch.exact, query.rotated.data());
  state_.rotation.apply(query.rotated.data());
  query.encode(graph.codeBytes());
}

bool Searcher::walkGraph(Task& task) const {
  encodeQuery(task);
  task.scratch.query.prepareWalk(normWeight());
  Walker& walker = task.scratch.walker;
  uint64_t descended = 0;
  const uint32_t ef = filteredEf(task);
  WalkRequest walk{&task.scratch.query, state_.startOf(task.scratch.query, descended), ef,
                   task.request.k, task.request.filter};
  CostMeter& hopCost = walk.filter == nullptr ? hopCost_ : filteredHopCost_;
  // Where what matches lies aside of the query the walk ends early, so it is asked for more.
  if (walk.filter != nullptr) walk.least = ef + ef / 2;
  if (walk.filter != nullptr && task.request.force == SearchForce::Auto) {
    // When it took as long as the scan would, it is time to scan: far matches are found badly.
    const CostMeter& cost = scanPlan(task) == Plan::Exact ? scanCost_ : sketchCost_;
    const float scan = static_cast<float>(task.matching) * cost.nanoseconds();
    walk.hopsMax = static_cast<uint64_t>(scan / hopCost.nanoseconds());
    walk.share = task.share();
  }
  const auto start = std::chrono::steady_clock::now();
  const bool isDone = walker.walk(state_.graph, walk);
  if (walk.filter != nullptr) filteredWalks_.note(!isDone);
  hopCost.note(start, walker.hopCount);
  task.result.hopCount = walker.hopCount;
  task.result.codeDistanceCount = walker.distanceCount + descended;
  return isDone;
}

/// How far int8 codes may be off for a distance to the query: each value by a uniform error of its
/// scale, which adds up over the dimensions as in a random walk.
float Searcher::codeDeviation(const Task& task, uint32_t slot) const {
  const CodeFactors& query = task.scratch.query.factors;
  const CodeFactors& stored = state_.graph.head(slot).factors;
  const float variance = query.squaredNorm * stored.scale * stored.scale +
                         stored.squaredNorm * query.scale * query.scale;
  return 2 * std::sqrt(variance / 12);
}

/// Original values of the best by int8 distance; those that are not visible do not count.
void Searcher::rerank(Task& task) const {
  std::vector<Candidate>& found = task.scratch.walker.found;
  const Records& records = state_.records;
  const size_t k = task.request.k;
  const size_t ahead = valuesAhead(records.values().slots().vectorBytes());
  size_t sorted = 0;
  size_t fetched = 0;
  float bound = 0;
  uint64_t& count = task.result.rerankedCount;
  for (size_t at = 0; at < found.size() && count < rerankMax(k); at += 1) {
    if (at == sorted) {
      sorted = std::min(found.size(), sorted + rerankAhead(k));
      std::partial_sort(found.begin() + static_cast<ptrdiff_t>(at),
                        found.begin() + static_cast<ptrdiff_t>(sorted), found.end());
      for (size_t next = at; next < sorted; next += 1) {
        const uint32_t number = state_.graph.head(found[next].slot).record;
        if (number != none) records.prefetch(number);
      }
    }
    if (count == k) {
      bound = found[at - 1].distance + rerankDeviations * codeDeviation(task, found[at].slot);
    }
    if (count >= k && found[at].distance > bound) return;
    for (; fetched < std::min(sorted, at + ahead); fetched += 1) {
      const uint32_t number = state_.graph.head(found[fetched].slot).record;
      if (number == none) continue;
      records.prefetchValues(number);
    }
    const uint32_t number = state_.graph.head(found[at].slot).record;
    if (number == none) continue;
    const Record& record = records.at(number);
    // What is coming in just now is scanned with the tail.
    if (record.addedAt >= task.applied || !record.isVisible(task.sequence)) continue;
    task.scratch.top.offer({records.distance(task.scratch.exact, number), record.id});
    count += 1;
  }
}

void Searcher::nearest(const SearchRequest& request, SearchScratch& scratch,
                       SearchResult& result) const {
  result = SearchResult();
  state_.records.values().prepare(request.query, scratch.exact);
  scratch.top.begin(request.k);
  scratch.deadline.begin(request.deadline);
  SearchTurn turn(state_.turns);
  Task task{request, scratch, result};
  task.sequence = request.sequence == never ? state_.changes.published() : request.sequence;
  task.applied = state_.applied.load();
  task.total = state_.records.liveCount();
  task.matching = request.filter == nullptr ? task.total : request.filter->count();
  // While most of the graph is tombstones, walking it makes no sense.
  const bool isMostlyDead = state_.graphCount.load() / 2 > task.total;
  const bool hasGraph = state_.firstSlot.load() != none;
  const bool mayApproximate = hasGraph && request.k > 0 && request.force != SearchForce::Exact;
  Plan plan = Plan::Exact;
  if (mayApproximate && request.force == SearchForce::Graph) plan = Plan::Walk;
  if (mayApproximate && request.force == SearchForce::Auto && !isMostlyDead) plan = planFor(task);
  if (plan == Plan::Walk && !walkGraph(task)) plan = scanPlan(task);
  if (plan == Plan::Walk) rerank(task);
  if (plan == Plan::Sketches) {
    const auto start = std::chrono::steady_clock::now();
    scanSketches(task);
    sketchCost_.note(start, task.matching);
  }
  if (plan != Plan::Exact) {
    scanTail(task);
    result.method = result.tailCount > 0 ? SearchMethod::GraphAndTail : SearchMethod::Graph;
  }
  const bool isDone = plan != Plan::Exact &&
                      (scratch.top.size() == request.k || request.force == SearchForce::Graph);
  if (!isDone && request.k > 0) {
    scratch.top.begin(request.k);
    const auto scanStart = std::chrono::steady_clock::now();
    scanAll(task);
    scanCost_.note(scanStart, result.scannedCount);
    result.method = SearchMethod::Exact;
  }
  result.isLate = scratch.deadline.isOver();
  scratch.top.finish(result.neighbors);
  if (result.neighbors.empty()) result.method = SearchMethod::Empty;
}

void Searcher::withinRange(const SearchRequest& request, float radius, SearchScratch& scratch,
                           SearchResult& result) const {
  result = SearchResult();
  state_.records.values().prepare(request.query, scratch.exact);
  SearchTurn turn(state_.turns);
  Task task{request, scratch, result};
  task.sequence = request.sequence == never ? state_.changes.published() : request.sequence;
  task.applied = state_.applied.load();
  task.isRange = true;
  task.radius = radius;
  scratch.deadline.begin(request.deadline);
  if (state_.hasCodes()) encodeQuery(task);
  scratch.scan.begin(scratch.query, state_.parameters.metric, state_.graph.codeBytes(), 0, radius);
  scanMatches(task, state_.hasCodes());
  result.rerankedCount += scratch.scan.measureWithin(state_.records, scratch.exact,
                                                     scratch.deadline, result.neighbors);
  result.isLate = scratch.deadline.isOver();
  std::sort(result.neighbors.begin(), result.neighbors.end());
  result.method = result.neighbors.empty() ? SearchMethod::Empty : SearchMethod::Exact;
}

}  // namespace lodestone
