// The graph is a function of the sequence; deletes heal; searches see one place of the sequence.
#include <atomic>

#include "samples.h"

namespace {

std::vector<uint64_t> checksums(const Index& index) {
  std::vector<uint64_t> sums{index.checksum()};
  for (uint32_t slot = 0; slot < index.slotLimit(); slot += 1) {
    sums.push_back(index.blockChecksum(slot));
  }
  return sums;
}

/// Adds, updates and removes, with seals in between; building runs now and then, or only at the
/// end.
std::vector<uint64_t> playSequence(uint32_t threads, bool buildsMeanwhile, uint32_t count) {
  Parameters parameters;
  parameters.dimensions = 72;
  parameters.batchLimit = 64;
  parameters.efConstruction = 60;
  Index index(parameters);
  Source source(72, testSeed());
  std::mt19937_64 random(testSeed() + 1);
  std::mt19937_64 timing(testSeed() + threads);
  for (uint32_t step = 0; step < count; step += 1) {
    const uint32_t id = static_cast<uint32_t>(random() % (count / 2));
    if (random() % 4 == 0) {
      index.remove(id);
    } else {
      index.add(id, source.nextBytes().data());
    }
    if (random() % 97 == 0) index.seal();
    if (buildsMeanwhile && timing() % 50 == 0) build(index, threads);
  }
  index.seal();
  build(index, threads);
  CHECK(index.countUnreachable() == 0, "%u unreachable", index.countUnreachable());
  CHECK(index.progress().tailCount == 0, "the tail is empty");
  return checksums(index);
}

}  // namespace

TEST("the same sequence makes the same graph, whatever threads, timing and path") {
  const Operations& chosen = operations();
  const uint32_t count = 4000;
  const std::vector<uint64_t> expected = playSequence(1, false, count);
  for (const uint32_t threads : {1u, 2u, 4u}) {
    CHECK(playSequence(threads, true, count) == expected, "%u threads", threads);
  }
  CHECK(playSequence(4, false, count) == expected, "4 threads, built at the end");
  for (const Operations* const* path = allPaths(); *path != nullptr; path += 1) {
    useOperations(**path);
    CHECK(playSequence(2, false, count) == expected, "path %s", (*path)->name);
  }
  useOperations(chosen);
}

TEST("after everything was replaced ten times the graph is as good and as small as a fresh one") {
  Parameters parameters;
  parameters.dimensions = 64;
  Index index(parameters);
  Source source(64, testSeed());
  Live live;
  const uint32_t count = 3000;
  for (uint32_t id = 0; id < count * 11; id += 1) {
    const Bytes vector = source.nextBytes();
    live[id % count] = vector;
    index.add(id % count, vector.data());
    if (id % 512 == 0) build(index, 2);
  }
  index.seal();
  build(index, 2);
  Index fresh(parameters);
  for (const auto& entry : live) fresh.add(entry.first, entry.second.data());
  fresh.seal();
  build(fresh, 2);
  double recalls[2] = {0, 0};
  for (int at = 0; at < 100; at += 1) {
    const Bytes query = source.nextBytes();
    const auto truth = bruteForce(parameters, live, query, 10, nullptr);
    recalls[0] += recallOf(search(index, query, 10, 40, nullptr, SearchForce::Graph).neighbors, truth);
    recalls[1] += recallOf(search(fresh, query, 10, 40, nullptr, SearchForce::Graph).neighbors, truth);
  }
  CHECK(recalls[0] > recalls[1] - 1.5, "recall %.2f %%, fresh %.2f %%", recalls[0], recalls[1]);
  CHECK(index.countUnreachable() == 0, "%u unreachable", index.countUnreachable());
  CHECK(index.slotLimit() < count * 1.15, "%u slots for %u documents", index.slotLimit(), count);
  for (uint32_t id = 0; id < count; id += 1) index.remove(id);
  index.seal();
  build(index, 2);
  const Progress empty = index.progress();
  CHECK(empty.count == 0 && empty.graphCount == 0, "%llu nodes are left",
        static_cast<unsigned long long>(empty.graphCount));
  CHECK(empty.valueBytes == 0, "%llu bytes of values are left",
        static_cast<unsigned long long>(empty.valueBytes));
}

TEST("a snapshot shows one place of the sequence, while versions come, go and are built in") {
  Parameters parameters;
  parameters.dimensions = 24;
  parameters.batchLimit = 32;
  Index index(parameters);
  Source source(24, testSeed());
  std::mt19937_64 random(testSeed());
  Live live;
  struct Pinned {
    uint64_t sequence;
    Live live;
  };
  std::vector<Pinned> pinned;
  for (int step = 0; step < 3000; step += 1) {
    const uint32_t id = static_cast<uint32_t>(random() % 400);
    if (random() % 3 == 0) {
      const bool wasLive = live.erase(id) > 0;
      CHECK(index.remove(id) == wasLive, "remove of %u", id);
    } else {
      live[id] = source.nextBytes();
      index.add(id, live[id].data());
    }
    if (random() % 100 == 0) pinned.push_back({index.openSnapshot(), live});
    if (random() % 30 == 0) {
      BuildScratch scratch = index.makeBuildScratch();
      while (index.buildStep(scratch) == BuildStep::Ran) {}
    }
    if (random() % 60 == 0 && !pinned.empty()) {
      const Pinned& old = pinned[random() % pinned.size()];
      const Bytes query = source.nextBytes();
      const auto truth = bruteForce(parameters, old.live, query, 20, nullptr);
      const auto found = search(index, query, 20, 200, nullptr, SearchForce::Auto, old.sequence);
      CHECK(found.neighbors.size() == truth.size(), "%zu of %zu", found.neighbors.size(), truth.size());
      for (const Neighbor& neighbor : found.neighbors) {
        const auto entry = old.live.find(neighbor.id);
        CHECK(entry != old.live.end() &&
                  std::fabs(referenceDistance(parameters, query, entry->second) -
                            neighbor.distance) < 1e-3,
              "%u is of another version", neighbor.id);
      }
      CHECK(recallOf(found.neighbors, truth) > 0.9, "recall of an old snapshot");
    }
    if (pinned.size() > 3) {
      index.closeSnapshot(pinned.front().sequence);
      pinned.erase(pinned.begin());
    }
  }
  for (const Pinned& old : pinned) index.closeSnapshot(old.sequence);
  index.seal();
  build(index);
  const Progress progress = index.progress();
  CHECK(progress.graphCount - progress.tombstoneCount == live.size(), "the graph holds what lives");
}

TEST("searches on several threads while two threads build and one writes") {
  Parameters parameters;
  parameters.dimensions = 32;
  parameters.batchLimit = 64;
  Index index(parameters);
  Source source(32, testSeed());
  std::vector<Bytes> vectors;
  for (int at = 0; at < 3000; at += 1) vectors.push_back(source.nextBytes());
  // Ids below 500 stay for good: whoever asks for them by their own vector must always find them.
  for (uint32_t id = 0; id < 500; id += 1) index.add(id, vectors[id].data());
  // All but every eighth id from 500 on.
  std::vector<uint32_t> words(48, 0x7f7f7f7f);
  std::fill_n(words.begin(), 16, ~0u);
  const IdFilter filter{words.data(), words.size()};
  std::atomic<bool> isDone{false};
  std::atomic<int> missed{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  startBuilders(threads, 2, index, isDone);
  for (uint64_t searcher = 0; searcher < 2; searcher += 1) {
    threads.emplace_back([&, searcher] {
      std::mt19937_64 random(testSeed() + searcher);
      while (!isDone.load()) {
        const uint32_t id = static_cast<uint32_t>(random() % 500);
        const SearchForce force = random() % 3 == 0 ? SearchForce::Exact : SearchForce::Auto;
        const IdFilter* only = random() % 2 == 0 ? &filter : nullptr;
        const SearchResult result = search(index, vectors[id], 10, 100, only, force);
        if (result.neighbors.size() != 10) wrong += 1;
        const auto isId = [id](const Neighbor& neighbor) { return neighbor.id == id; };
        missed += std::none_of(result.neighbors.begin(), result.neighbors.end(), isId);
        for (const Neighbor& neighbor : result.neighbors) {
          const bool isRight =
              neighbor.id >= 500 ||
              std::fabs(referenceDistance(parameters, vectors[id], vectors[neighbor.id]) -
                        neighbor.distance) < 1e-3;
          wrong += !isRight;
        }
      }
    });
  }
  std::mt19937_64 random(testSeed());
  for (int step = 0; step < 6000; step += 1) {
    const uint32_t id = 500 + static_cast<uint32_t>(random() % 1000);
    if (random() % 4 == 0) {
      index.remove(id);
    } else {
      index.add(id, vectors[random() % vectors.size()].data());
    }
    if (step % 16 == 0) std::this_thread::yield();
  }
  isDone.store(true);
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong.load() == 0, "%d wrong or short answers", wrong.load());
  CHECK(missed.load() == 0, "%d missed", missed.load());
  index.seal();
  build(index, 2);
  CHECK(index.countUnreachable() == 0, "%u unreachable", index.countUnreachable());
}
