// A graph that was dumped and loaded is the same graph, and goes on as the first does; damage is
// noticed, and leaves an index that answers.
#include "link-image.h"
#include "samples.h"

namespace {

Parameters smallParameters() {
  Parameters parameters;
  parameters.dimensions = 40;
  parameters.batchLimit = 32;
  return parameters;
}

/// With changes left in the tail, tombstones and free slots.
void fill(Index& index, Live& live, Source& source) {
  for (uint32_t id = 0; id < 2500; id += 1) {
    live[id] = source.nextBytes();
    index.add(id, live[id].data());
  }
  for (uint32_t id = 0; id < 300; id += 1) {
    live.erase(id * 7);
    index.remove(id * 7);
  }
  index.seal();
  build(index, 2);
}

std::vector<Bytes> dump(Index& index) {
  std::vector<Bytes> blocks;
  LinkDump links(index);
  CHECK(links.begin(), "the builder is between batches");
  for (Bytes block; links.next(block);) blocks.push_back(block);
  return blocks;
}

const char* load(Index& index, const std::vector<Bytes>& blocks) {
  LinkLoad links(index);
  for (const Bytes& block : blocks) {
    const char* problem = links.take(block.data(), block.size());
    if (problem != nullptr) return problem;
  }
  return links.finish();
}

void addAll(Index& index, const Live& live) {
  for (auto entry = live.rbegin(); entry != live.rend(); ++entry) {
    index.add(entry->first, entry->second.data());
  }
}

}  // namespace

TEST("a loaded graph is the dumped one, and takes what comes next the same way") {
  Source source(40, testSeed());
  Live live;
  Index first(smallParameters());
  fill(first, live, source);
  const std::vector<Bytes> blocks = dump(first);
  CHECK(first.progress().tombstoneCount > 0, "the dump has tombstones in it");
  Index second(smallParameters());
  addAll(second, live);
  CHECK(load(second, blocks) == nullptr, "%s", load(second, blocks));
  const Bytes query = source.nextBytes();
  const auto truth = bruteForce(smallParameters(), live, query, 10, nullptr);
  CHECK(recallOf(search(second, query, 10, 10).neighbors, truth) == 1, "complete before codes are");
  build(second, 2);
  CHECK(second.progress().tailCount == 0, "everything is in the graph");
  CHECK(second.checksum() == first.checksum(), "the same links");
  for (uint32_t step = 0; step < 1500; step += 1) {
    const Bytes vector = source.nextBytes();
    const uint32_t id = static_cast<uint32_t>(source.random()() % 3000);
    for (Index* index : {&first, &second}) {
      if (step % 5 == 0) index->remove(id);
      else index->add(id, vector.data());
    }
  }
  for (Index* index : {&first, &second}) {
    index->seal();
    build(*index, 2);
  }
  CHECK(second.checksum() == first.checksum(), "the same links after more changes");
  CHECK(second.countUnreachable() == 0, "all reachable");
}

TEST("damaged, cut and foreign links are refused, and the index is built instead") {
  Source source(40, testSeed());
  Live live;
  Index first(smallParameters());
  fill(first, live, source);
  const std::vector<Bytes> blocks = dump(first);
  for (int round = 0; round < 60; round += 1) {
    std::vector<Bytes> damaged = blocks;
    Bytes& block = damaged[source.random()() % damaged.size()];
    if (round % 3 == 0) block.resize(source.random()() % block.size());
    else if (round % 3 == 1) block[source.random()() % block.size()] ^= 1 << source.random()() % 8;
    else damaged.erase(damaged.begin() + static_cast<ptrdiff_t>(source.random()() % damaged.size()));
    Index second(smallParameters());
    if (round < 6) addAll(second, live);
    CHECK(load(second, damaged) != nullptr, "round %d was taken", round);
    if (round >= 6) continue;
    second.seal();
    build(second, 2);
    CHECK(second.progress().graphCount == live.size(), "built instead");
  }
  Index other(smallParameters());
  addAll(other, live);
  other.remove(1);
  CHECK(load(other, blocks) != nullptr, "a document is missing");
  Parameters parameters = smallParameters();
  parameters.seed = 9;
  Index foreign(parameters);
  addAll(foreign, live);
  CHECK(load(foreign, blocks) != nullptr, "another seed");
}
