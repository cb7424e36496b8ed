// See graph-check.h.
#include "graph-check.h"

#include <algorithm>
#include <vector>

namespace lodestone {

namespace {

bool isLive(const Graph& graph, uint32_t slot) {
  return graph.isUsed(slot) && graph.head(slot).isDead == 0;
}

}  // namespace

uint32_t countUnreachable(const IndexState& state) {
  const Graph& graph = state.graph;
  if (state.firstSlot.load() == none) return 0;
  std::vector<uint8_t> isReached(graph.slotLimit(), 0);
  std::vector<uint32_t> queue{state.upper.isEmpty() ? state.firstSlot.load()
                                                    : state.upper.entrySlot()};
  isReached[queue[0]] = 1;
  while (!queue.empty()) {
    const uint32_t slot = queue.back();
    queue.pop_back();
    for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
      const uint32_t next = graph.link(slot, lane);
      if (next >= graph.slotLimit() || isReached[next] != 0) continue;
      isReached[next] = 1;
      queue.push_back(next);
    }
  }
  uint32_t count = 0;
  for (uint32_t slot = 0; slot < graph.slotLimit(); slot += 1) {
    count += isLive(graph, slot) && isReached[slot] == 0;
  }
  return count;
}

namespace {

void checkLinks(const Graph& graph, GraphFaults& faults) {
  std::vector<uint32_t> inLinks(graph.slotLimit(), 0);
  std::vector<uint32_t> seen;
  for (uint32_t slot = 0; slot < graph.slotLimit(); slot += 1) {
    if (!graph.isUsed(slot)) continue;
    seen.clear();
    for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
      const uint32_t next = graph.link(slot, lane);
      if (next == none) continue;
      if (next >= graph.slotLimit() || !graph.isUsed(next)) {
        faults.brokenLinks += 1;
        continue;
      }
      inLinks[next] += 1;
      const bool isSecond = std::find(seen.begin(), seen.end(), next) != seen.end();
      faults.brokenLinks += isSecond || next == slot;
      seen.push_back(next);
    }
  }
  for (uint32_t slot = 0; slot < graph.slotLimit(); slot += 1) {
    if (!graph.isUsed(slot)) continue;
    faults.wrongInLinkCounts += graph.head(slot).linkedFrom.load() != inLinks[slot];
  }
}

void checkDocuments(const IndexState& state, GraphFaults& faults) {
  const Graph& graph = state.graph;
  const uint64_t sequence = state.applied.load();
  for (uint32_t slot = 0; slot < graph.slotLimit(); slot += 1) {
    if (!graph.isUsed(slot)) continue;
    const BlockHead& head = graph.head(slot);
    faults.wrongLevels += head.level != levelOf(head.id, state.parameters.seed);
    if (head.isDead != 0) continue;
    const Record& record = state.records.at(head.record);
    const bool isItself = record.id == head.id && record.slot == slot;
    faults.strayNodes += !isItself || !record.isVisible(sequence) || graph.idOf(slot) != head.id;
  }
}

}  // namespace

uint32_t UpperGraph::countFaults(const Graph& graph) const {
  uint32_t faults = 0;
  uint32_t top = 0;
  const uint32_t limit = static_cast<uint32_t>(nodeOf_.size());
  for (uint32_t node = 0; node < limit; node += 1) {
    if (nodeOf_[node] == none) continue;
    const uint32_t slot = head(node).slot;
    const uint32_t level = head(node).level;
    top = std::max(top, level);
    const bool isInGraph = slot < graph.slotLimit() && graph.isUsed(slot);
    faults += nodeOf_[node] != slot || !isInGraph || level == 0 || level > upperLevelsMax ||
              graph.head(slot).level != level;
    for (uint32_t at = 1; at <= std::min(level, upperLevelsMax); at += 1) {
      const uint32_t* list = links(node, at);
      for (uint32_t lane = 0; lane < upperLinksMax && list[lane] != none; lane += 1) {
        const uint32_t next = list[lane];
        faults += next >= limit || next == node || nodeOf_[next] == none || head(next).level < at;
      }
    }
  }
  if (isEmpty()) return faults + (top > 0);
  return faults + (entry_ >= limit || nodeOf_[entry_] == none || head(entry_).level < top);
}

GraphFaults findFaults(const IndexState& state) {
  GraphFaults faults;
  faults.unreachable = countUnreachable(state);
  checkLinks(state.graph, faults);
  checkDocuments(state, faults);
  faults.wrongLevels += state.upper.countFaults(state.graph);
  return faults;
}

}  // namespace lodestone
