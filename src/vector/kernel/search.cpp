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

/// Guesses, until the first searches were measured.
float scanGuess(size_t valueBytes) { return 25 + 0.06f * static_cast<float>(valueBytes); }
float hopGuess(size_t blockBytes) { return 120 + 0.07f * static_cast<float>(blockBytes); }

/// Documents of an exact scan that are looked up, then fetched, then measured together: each step
/// waits for memory, and the waits of sixteen overlap.
constexpr size_t scanTogether = 16;

/// The tail's rows mostly lie in order, so fetching a few ahead is enough.
constexpr uint64_t tailAhead = 4;

uint64_t countMatches(const IdFilter& filter) {
  uint64_t count = 0;
  for (size_t word = 0; word < filter.wordCount; word += 1) {
    count += static_cast<uint64_t>(__builtin_popcount(filter.words[word]));
  }
  return count;
}

}  // namespace

struct Searcher::Task {
  const SearchRequest& request;
  SearchScratch& scratch;
  SearchResult& result;
  uint64_t sequence = 0;
  uint64_t total = 0;
  uint64_t matching = 0;
};

Searcher::Searcher(const IndexState& state)
    : state_(state),
      hopCost_(hopGuess(state.graph.blockBytes())),
      scanCost_(scanGuess(state.records.values().bytesPerVector())) {}

template <typename Visit>
void Searcher::visitIds(Task& task, Visit visit) const {
  const Records& records = state_.records;
  uint32_t found[scanTogether];
  size_t count = 0;
  for (const uint32_t id : task.scratch.ids) records.prefetchNewest(id);
  for (const uint32_t id : task.scratch.ids) {
    const uint32_t record = records.find(id, task.sequence);
    if (record == none) continue;
    found[count] = record;
    count += 1;
    records.values().prefetch(record);
  }
  task.scratch.ids.clear();
  for (size_t at = 0; at < count; at += 1) visit(records.at(found[at]).id, found[at]);
}

/// Live vectors within the filter, at the task's place of the sequence.
template <typename Visit>
void Searcher::forEachMatch(Task& task, Visit visit) const {
  const uint32_t limit = state_.records.idLimit();
  const IdFilter* filter = task.request.filter;
  std::vector<uint32_t>& ids = task.scratch.ids;
  ids.clear();
  const size_t words = filter == nullptr ? limit / 32 + 1 : filter->wordCount;
  for (size_t word = 0; word < words && word * 32 < limit; word += 1) {
    uint32_t bits = filter == nullptr ? ~0u : filter->words[word];
    for (; bits != 0; bits &= bits - 1) {
      const uint32_t id =
          static_cast<uint32_t>(word * 32) + static_cast<uint32_t>(__builtin_ctz(bits));
      if (id >= limit) break;
      ids.push_back(id);
      if (ids.size() == scanTogether) visitIds(task, visit);
    }
  }
  visitIds(task, visit);
}

void Searcher::scanAll(Task& task) const {
  forEachMatch(task, [this, &task](uint32_t id, uint32_t record) {
    task.scratch.top.offer({state_.records.distance(task.scratch.exact, record), id});
    task.result.scannedCount += 1;
  });
}

/// Adds that are not in the graph, or in a batch that is just coming in: those the walk may have
/// found as well, so their records are kept to tell.
void Searcher::scanTail(Task& task) const {
  std::vector<uint32_t>& seen = task.scratch.tailRecords;
  seen.clear();
  for (uint64_t at = state_.applied.load(); at < task.sequence; at += 1) {
    const Change change = state_.changes.at(at);
    if (at + tailAhead < task.sequence) {
      const Change ahead = state_.changes.at(at + tailAhead);
      if (ahead.kind == ChangeKind::Add) state_.records.values().prefetch(ahead.record);
    }
    if (change.kind != ChangeKind::Add) continue;
    const Record& record = state_.records.at(change.record);
    if (!record.isVisible(task.sequence)) continue;
    if (task.request.filter != nullptr && !task.request.filter->has(record.id)) continue;
    seen.push_back(change.record);
    task.scratch.top.offer(
        {state_.records.distance(task.scratch.exact, change.record), record.id});
  }
  std::sort(seen.begin(), seen.end());
  task.result.tailCount = seen.size();
}

bool Searcher::isScanCheaper(const Task& task) const {
  if (task.matching <= task.request.k) return true;
  const double matching = static_cast<double>(task.matching);
  const double total = static_cast<double>(std::max<uint64_t>(1, task.total));
  const double share = std::min(1.0, matching / total);
  const double hops = std::max(task.request.ef, task.request.k) / share;
  return matching * scanCost_.nanoseconds() <= hops * hopCost_.nanoseconds();
}

void Searcher::prepareQuery(Task& task) const {
  Query& query = task.scratch.query;
  const Graph& graph = state_.graph;
  query.reserve(graph.codeBytes(), graph.signBits());
  const Parameters& parameters = state_.parameters;
  std::fill_n(query.rotated.data(), graph.codeBytes(), 0.0f);
  state_.records.values().decodeWide(task.scratch.exact, query.rotated.data());
  state_.rotation.apply(query.rotated.data());
  query.prepare(graph.codeBytes(), parameters.metric == Metric::InnerProduct ? 0.0f : 1.0f);
}

bool Searcher::walkGraph(Task& task) const {
  prepareQuery(task);
  Walker& walker = task.scratch.walker;
  uint64_t descended = 0;
  WalkRequest walk{&task.scratch.query, state_.startOf(task.scratch.query, descended),
                   std::max(task.request.ef, task.request.k), task.request.k, task.request.filter};
  // Where what matches lies aside of the query the walk ends early, so it is asked for more.
  if (walk.filter != nullptr) walk.least = walk.ef + walk.ef / 2;
  if (walk.filter != nullptr && task.request.force == SearchForce::Auto) {
    // When it took half as long as the scan would, it is time to scan: far matches are found badly.
    const float scan = static_cast<float>(task.matching) * scanCost_.nanoseconds();
    walk.hopsMax = static_cast<uint64_t>(scan / 2 / hopCost_.nanoseconds());
  }
  const auto start = std::chrono::steady_clock::now();
  const bool isDone = walker.walk(state_.graph, walk);
  hopCost_.note(start, walker.hopCount);
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
  const std::vector<uint32_t>& tail = task.scratch.tailRecords;
  const Records& records = state_.records;
  const size_t k = task.request.k;
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
    for (; fetched < std::min(sorted, at + 6); fetched += 1) {
      const uint32_t number = state_.graph.head(found[fetched].slot).record;
      if (number == none) continue;
      records.values().prefetch(number);
    }
    const uint32_t number = state_.graph.head(found[at].slot).record;
    if (number == none) continue;
    const Record& record = records.at(number);
    if (!record.isVisible(task.sequence)) continue;
    if (!tail.empty() && std::binary_search(tail.begin(), tail.end(), number)) continue;
    task.scratch.top.offer({records.distance(task.scratch.exact, number), record.id});
    count += 1;
  }
}

void Searcher::nearest(const SearchRequest& request, SearchScratch& scratch,
                       SearchResult& result) const {
  result = SearchResult();
  state_.records.values().prepare(request.query, scratch.exact);
  scratch.top.begin(request.k);
  SearchTurn turn(state_.turns);
  Task task{request, scratch, result};
  task.sequence = request.sequence == never ? state_.changes.published() : request.sequence;
  task.total = state_.records.liveCount();
  task.matching = request.filter == nullptr ? task.total : countMatches(*request.filter);
  // While most of the graph is tombstones, walking it makes no sense.
  const bool isMostlyDead = state_.graphCount.load() / 2 > task.total;
  const bool hasGraph = state_.firstSlot.load() != none;
  const bool walks = hasGraph && (request.force == SearchForce::Graph ||
                                  (request.force == SearchForce::Auto && !isMostlyDead &&
                                   !isScanCheaper(task)));
  bool isDone = walks && request.k > 0 && walkGraph(task);
  if (isDone) {
    scanTail(task);
    rerank(task);
    isDone = scratch.top.size() == request.k || request.force == SearchForce::Graph;
    result.method = result.tailCount > 0 ? SearchMethod::GraphAndTail : SearchMethod::Graph;
  }
  if (!isDone && request.k > 0) {
    scratch.top.begin(request.k);
    const auto start = std::chrono::steady_clock::now();
    scanAll(task);
    scanCost_.note(start, result.scannedCount);
    result.method = SearchMethod::Exact;
  }
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
  forEachMatch(task, [&](uint32_t id, uint32_t record) {
    const float distance = state_.records.distance(scratch.exact, record);
    if (distance <= radius) result.neighbors.push_back({distance, id});
    result.scannedCount += 1;
  });
  std::sort(result.neighbors.begin(), result.neighbors.end());
  result.method = result.neighbors.empty() ? SearchMethod::Empty : SearchMethod::Exact;
}

}  // namespace lodestone
