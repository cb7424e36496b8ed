// What is wrong inside a graph is found: each kind of damage, done to a sound one, is counted under
// its own name, and a sound one has none.
#include "graph-check.h"
#include "samples.h"

namespace {

constexpr uint32_t count = 1500;

Parameters checkedParameters() {
  Parameters parameters;
  parameters.dimensions = 24;
  parameters.batchLimit = 64;
  return parameters;
}

void fill(Index& index, Source& source) {
  for (uint32_t id = 0; id < count; id += 1) index.add(id, source.nextBytes().data());
  for (uint32_t id = 0; id < count; id += 11) index.remove(id);
  for (uint32_t id = 5; id < count; id += 13) index.add(id, source.nextBytes().data());
  index.seal();
  build(index, 2);
}

bool isSound(const GraphFaults& faults) {
  return faults.unreachable + faults.brokenLinks + faults.wrongInLinkCounts + faults.strayNodes +
             faults.wrongLevels ==
         0;
}

/// The first live node that has a level above the lowest, or has none.
uint32_t nodeWith(const Graph& graph, bool hasUpperLevel) {
  for (uint32_t slot = 0; slot < graph.slotLimit(); slot += 1) {
    const bool isLive = graph.isUsed(slot) && graph.head(slot).isDead == 0;
    if (isLive && (graph.head(slot).level > 0) == hasUpperLevel) return slot;
  }
  return none;
}

}  // namespace

TEST("a sound graph has no faults, and each kind of damage is counted under its name") {
  Source source(24, testSeed());
  Index index(checkedParameters());
  fill(index, source);
  IndexState& state = index.state();
  Graph& graph = state.graph;
  CHECK(isSound(findFaults(state)), "a graph as it was built");
  CHECK(index.progress().tombstoneCount > 0, "there are tombstones in it");

  const uint32_t plain = nodeWith(graph, false);
  const uint32_t before = graph.link(plain, 0);
  graph.link(plain, 0) = graph.slotLimit() + 7;
  GraphFaults faults = findFaults(state);
  CHECK(faults.brokenLinks == 1 && faults.wrongInLinkCounts == 1, "a link that leads nowhere");
  graph.link(plain, 0) = plain;
  CHECK(findFaults(state).brokenLinks == 1, "a link to itself");
  graph.link(plain, 0) = graph.link(plain, 1);
  CHECK(findFaults(state).brokenLinks == 1, "the same link twice");
  graph.link(plain, 0) = before;

  BlockHead& head = graph.head(plain);
  head.linkedFrom += 1;
  CHECK(findFaults(state).wrongInLinkCounts == 1, "a wrong count of links");
  head.linkedFrom -= 1;

  const uint32_t record = head.record;
  head.record = graph.head(nodeWith(graph, true)).record;
  CHECK(findFaults(state).strayNodes == 1, "a vector of another document");
  head.record = record;
  index.remove(head.id);
  CHECK(isSound(findFaults(state)), "what is removed and not taken in yet is no fault");

  BlockHead& upper = graph.head(nodeWith(graph, true));
  upper.level += 1;
  CHECK(findFaults(state).wrongLevels >= 2, "another level than the document's");
  upper.level -= 1;

  for (uint32_t slot = 0; slot < graph.slotLimit(); slot += 1) {
    if (!graph.isUsed(slot) || slot == plain) continue;
    for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
      if (graph.link(slot, lane) == plain) graph.setLink(slot, lane, none);
    }
  }
  faults = findFaults(state);
  CHECK(faults.unreachable == 1, "%u that nobody links to", faults.unreachable);
  CHECK(faults.wrongInLinkCounts == 0, "links that are taken away are not counted any more");
}

TEST("a graph under churn has no faults between its batches") {
  Source source(24, testSeed() + 1);
  Index index(checkedParameters());
  std::mt19937_64 random(testSeed());
  for (uint32_t step = 0; step < 6000; step += 1) {
    const uint32_t id = static_cast<uint32_t>(random() % count);
    if (random() % 3 == 0) index.remove(id);
    else index.add(id, source.nextBytes().data());
    if (step % 1500 != 1499) continue;
    index.seal();
    build(index, 2);
    const GraphFaults faults = findFaults(index.state());
    CHECK(isSound(faults), "unreachable %u, links %u, counts %u, stray %u, levels %u",
          faults.unreachable, faults.brokenLinks, faults.wrongInLinkCounts, faults.strayNodes,
          faults.wrongLevels);
  }
}
