// Indexes without a graph: answers are those of a plain model that measures every vector, to the
// bit and with ties by id, whatever has a code; memory comes back; threads do not race.
#include "samples.h"

#include <atomic>

namespace {

const ElementType types[] = {ElementType::Float32, ElementType::Float64, ElementType::Float16,
                             ElementType::Bfloat16, ElementType::Int8, ElementType::Uint8};
const Metric metrics[] = {Metric::L2, Metric::InnerProduct, Metric::Cosine};

Parameters flatParameters(uint32_t dimensions) {
  Parameters parameters;
  parameters.dimensions = dimensions;
  parameters.hasGraph = false;
  return parameters;
}

/// An index and, beside it, every live vector in a store of its own.
class Trial {
 public:
  Trial(const Parameters& parameters, uint64_t seed)
      : index(parameters), values_(parameters), source_(parameters.dimensions, seed) {}

  void add(uint32_t id, const Bytes& vector) {
    remove(id);
    index.add(id, vector.data());
    slots_[id] = values_.slots().putPinned(vector.data());
    last_ = vector;
  }
  void remove(uint32_t id) {
    const auto found = slots_.find(id);
    if (found == slots_.end()) return;
    values_.slots().unpin(found->second);
    slots_.erase(found);
    // Half of the time as a change of its own, else with the add that follows.
    if (source_.random()() % 2 == 0) index.remove(id);
  }
  Bytes next() {
    const bool isCopy = !last_.empty() && source_.random()() % 5 == 0;
    return isCopy ? last_ : source_.nextBytes(index.parameters().type);
  }
  std::mt19937_64& random() { return source_.random(); }
  size_t count() const { return slots_.size(); }

  void compare(const IdFilter* filter, const char* what) {
    const Bytes query = next();
    ExactQuery exact;
    values_.prepare(query.data(), exact);
    std::vector<Neighbor> all;
    for (const auto& [id, slot] : slots_) {
      if (filter != nullptr && !filter->has(id)) continue;
      const double inverseNorm = values_.inverseNormOf(values_.at(slot));
      all.push_back({values_.distance(exact, slot, inverseNorm), id});
    }
    std::sort(all.begin(), all.end());
    for (const uint32_t k : {1u, 10u, 200u, 5000u}) {
      const SearchResult found = search(index, query, k, 10, filter);
      check(found.neighbors, all, std::min<size_t>(k, all.size()), what);
    }
    if (all.empty()) return;
    const float radius = all[all.size() / 5].distance;
    size_t within = 0;
    while (within < all.size() && all[within].distance <= radius) within += 1;
    SearchRequest request;
    request.query = query.data();
    request.filter = filter;
    SearchScratch scratch;
    SearchResult range;
    index.withinRange(request, radius, scratch, range);
    check(range.neighbors, all, within, what);
  }

  Index index;

 private:
  void check(const std::vector<Neighbor>& found, const std::vector<Neighbor>& all, size_t count,
             const char* what) const {
    size_t same = 0;
    while (same < std::min(found.size(), count) && found[same].id == all[same].id &&
           found[same].distance == all[same].distance) {
      same += 1;
    }
    CHECK(found.size() == count && same == count,
          "%s: type %d, metric %d: %zu found, %zu expected, equal up to %zu", what,
          static_cast<int>(index.parameters().type), static_cast<int>(index.parameters().metric),
          found.size(), count, same);
  }

  ValueStore values_;
  std::map<uint32_t, uint32_t> slots_;
  Source source_;
  Bytes last_;
};

}  // namespace

TEST("an index without a graph answers as a model that measures everything") {
  for (const ElementType type : types) {
    for (const Metric metric : metrics) {
      // All that get codes have a MiB of vectors halfway.
      Parameters parameters = flatParameters(512);
      parameters.type = type;
      parameters.metric = metric;
      Trial trial(parameters, testSeed());
      std::vector<uint32_t> words(81, 0);
      for (uint32_t& word : words) word = static_cast<uint32_t>(trial.random()());
      // One word off a boundary of eight bytes, as a slice of a caller's array is.
      const IdFilter filter{words.data() + 1, 80};
      BuildScratch scratch = trial.index.makeBuildScratch();
      for (int step = 0; step < 3600; step += 1) {
        const uint32_t id = static_cast<uint32_t>(trial.random()() % 2500);
        if (step % 5 == 4) {
          trial.remove(id);
          trial.index.remove(id);
        } else {
          trial.add(id, trial.next());
        }
        if (step % 40 == 0) trial.index.buildStep(scratch);
        if (step % 450 == 449) trial.compare(step % 900 == 449 ? &filter : nullptr, "changing");
      }
      build(trial.index, 2);
      trial.compare(nullptr, "at rest");
      trial.compare(&filter, "at rest, filtered");
      const size_t codeCount = trial.index.state().flatCodes.count();
      const bool isSmall = elementBytes(type) == 1;
      CHECK(codeCount == (isSmall ? 0 : trial.count()), "%zu codes of %zu", codeCount,
            trial.count());
    }
  }
}

TEST("a scan by codes measures few vectors, and small indexes have no codes") {
  Trial trial(flatParameters(128), testSeed());
  const uint32_t few = (1 << 20) / (128 * 4) - 1;
  for (uint32_t id = 0; id < few; id += 1) trial.add(id, trial.next());
  build(trial.index);
  CHECK(trial.index.state().flatCodes.mappedBytes() == 0, "codes of a small index");
  SearchResult found = search(trial.index, trial.next(), 10, 10);
  CHECK(found.rerankedCount == few && found.codeDistanceCount == 0, "%llu measured",
        static_cast<unsigned long long>(found.rerankedCount));
  for (uint32_t id = few; id < 5000; id += 1) trial.add(id, trial.next());
  build(trial.index);
  found = search(trial.index, trial.next(), 10, 10);
  CHECK(found.scannedCount == 5000 && found.codeDistanceCount == 5000, "%llu codes",
        static_cast<unsigned long long>(found.codeDistanceCount));
  CHECK(found.rerankedCount < 500, "%llu measured",
        static_cast<unsigned long long>(found.rerankedCount));
  CHECK(found.method == SearchMethod::Exact, "method %d", static_cast<int>(found.method));
}

TEST("what was removed is freed once no search can see it") {
  Trial trial(flatParameters(256), testSeed());
  for (uint32_t id = 0; id < 3000; id += 1) trial.add(id, trial.next());
  build(trial.index);
  const IndexState& state = trial.index.state();
  const Bytes query = trial.next();
  const uint64_t before = trial.index.openSnapshot();
  for (uint32_t id = 0; id < 3000; id += 1) trial.index.remove(id);
  BuildScratch scratch = trial.index.makeBuildScratch();
  for (int step = 0; step < 300; step += 1) trial.index.buildStep(scratch);
  CHECK(state.records.heldCount() == 3000, "%zu held", state.records.heldCount());
  const SearchResult late = search(trial.index, query, 5000, 10, nullptr, SearchForce::Auto, before);
  CHECK(late.neighbors.size() == 3000, "%zu found", late.neighbors.size());
  trial.index.closeSnapshot(before);
  build(trial.index);
  CHECK(search(trial.index, query, 10, 10).neighbors.empty(), "found what was removed");
  CHECK(state.records.heldCount() == 0 && state.flatCodes.count() == 0, "%zu held, %zu codes",
        state.records.heldCount(), state.flatCodes.count());
  CHECK(state.flatCodes.mappedBytes() == 0 && trial.index.progress().valueBytes == 0,
        "memory is still mapped");
}

TEST("a scan past its deadline is given up") {
  Trial trial(flatParameters(64), testSeed());
  for (uint32_t id = 0; id < 3000; id += 1) trial.add(id, trial.next());
  const Bytes query = trial.next();
  SearchRequest request;
  request.query = query.data();
  request.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  SearchScratch scratch;
  SearchResult result;
  for (const bool isBuilt : {false, true}) {
    if (isBuilt) build(trial.index);
    trial.index.nearest(request, scratch, result);
    CHECK(result.isLate, "built %d", isBuilt);
    trial.index.withinRange(request, 1e9f, scratch, result);
    CHECK(result.isLate, "range, built %d", isBuilt);
  }
  trial.compare(nullptr, "afterwards");
}

/// Two threads once both finished a batch in which nothing got a code, and freed its records twice.
TEST("a batch without codes is finished once, on several threads") {
  Index index(flatParameters(32));
  Source source(32, testSeed());
  const Bytes vector = source.nextBytes();
  std::atomic<bool> isDone{false};
  std::vector<std::thread> builders;
  startBuilders(builders, 3, index, isDone);
  for (uint32_t step = 0; step < 60000; step += 1) {
    index.add(step % 64, vector.data());
    index.remove(step % 64);
  }
  isDone.store(true);
  for (std::thread& builder : builders) builder.join();
  build(index);
  const size_t held = index.state().records.heldCount();
  CHECK(held == 0, "%zu records are held", held);
}

TEST("scans on several threads while two threads make codes and one writes") {
  const Parameters parameters = flatParameters(32);
  Index index(parameters);
  Source source(32, testSeed());
  std::vector<Bytes> vectors;
  for (int at = 0; at < 2000; at += 1) vectors.push_back(source.nextBytes());
  // Ids below 500 stay for good: whoever asks for them by their own vector must always find them.
  for (uint32_t id = 0; id < 500; id += 1) index.add(id, vectors[id].data());
  std::atomic<bool> isDone{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  startBuilders(threads, 2, index, isDone);
  for (uint64_t searcher = 0; searcher < 2; searcher += 1) {
    threads.emplace_back([&, searcher] {
      std::mt19937_64 random(testSeed() + searcher);
      while (!isDone.load()) {
        const uint32_t id = static_cast<uint32_t>(random() % 500);
        const uint64_t sequence = index.openSnapshot();
        const SearchResult result =
            search(index, vectors[id], 10, 10, nullptr, SearchForce::Auto, sequence);
        index.closeSnapshot(sequence);
        const auto isId = [id](const Neighbor& neighbor) {
          return neighbor.id == id && neighbor.distance == 0;
        };
        wrong += result.neighbors.size() != 10 ||
                 std::none_of(result.neighbors.begin(), result.neighbors.end(), isId);
      }
    });
  }
  std::mt19937_64 random(testSeed());
  for (int step = 0; step < 6000; step += 1) {
    const uint32_t id = 500 + static_cast<uint32_t>(random() % 1500);
    if (random() % 4 == 0) {
      index.remove(id);
    } else {
      index.add(id, vectors[id].data());
    }
    if (step % 16 == 0) std::this_thread::yield();
  }
  isDone.store(true);
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong.load() == 0, "%d wrong answers", wrong.load());
  build(index, 2);
  const IndexState& state = index.state();
  CHECK(state.records.heldCount() == state.records.liveCount(), "%zu held, %u live",
        state.records.heldCount(), state.records.liveCount());
}
