// Every live node stays reachable, which selecting links does not promise: a node whose in-links
// were all dropped for nearer ones would never be found again.
//
// After each batch, nodes that nobody links to are adopted by a near node. That leaves circles of
// nodes that only link to each other, so a sweep, when the graph has grown by a quarter, at a seal
// if more than a 64th is new, and after each repair, walks from the root over all links and has
// what it did not reach adopted by what it did. A parent without a free lane gives up its farthest
// link, but never one by which the sweep itself reached a node: so what was reached stays
// reachable, and one pass is enough.
#include <algorithm>

#include "builder.h"

namespace lodestone {

struct Builder::Reach {
  /// The node by which a slot was reached; itself for the root; none if it was not.
  std::vector<uint32_t> by;
  std::vector<uint32_t> queue;

  bool has(uint32_t slot) const { return by[slot] != none; }

  void spread(const Graph& graph) {
    while (!queue.empty()) {
      const uint32_t slot = queue.back();
      queue.pop_back();
      for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
        const uint32_t next = graph.link(slot, lane);
        if (next == none || has(next)) continue;
        by[next] = slot;
        queue.push_back(next);
      }
    }
  }
};

/// Whether `parent` links to `slot` now: in a free lane, or in that of a link that can be missed.
bool Builder::adopt(uint32_t slot, uint32_t parent, const Reach* reach) {
  Graph& graph = state_.graph;
  uint32_t chosen = none;
  float farthest = 0;
  for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
    const uint32_t child = graph.link(parent, lane);
    if (child == slot) return true;
    if (child == none) {
      chosen = lane;
      break;
    }
    if (graph.head(child).linkedFrom.load(std::memory_order_relaxed) < 2) continue;
    if (reach != nullptr && reach->by[child] == parent) continue;
    const float distance = graph.distance(parent, child);
    if (chosen != none && distance <= farthest) continue;
    chosen = lane;
    farthest = distance;
  }
  if (chosen == none) return false;
  ApplyTurn turn(state_.turns);
  graph.setLink(parent, chosen, slot);
  if (chosen / 32 < testedGroupsMax) graph.head(parent).tested[chosen / 32] &= ~(1u << chosen % 32);
  return true;
}

/// The node that links to `slot` now, or none.
uint32_t Builder::adoptByNearest(uint32_t slot, const Reach* reach) {
  const Graph& graph = state_.graph;
  std::vector<Candidate> parents;
  for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
    const uint32_t near = graph.link(slot, lane);
    if (near == none || graph.head(near).isDead != 0) continue;
    if (reach != nullptr && !reach->has(near)) continue;
    parents.push_back({graph.distance(slot, near), near});
  }
  std::sort(parents.begin(), parents.end());
  for (const Candidate& parent : parents) {
    if (adopt(slot, parent.slot, reach)) return parent.slot;
  }
  return none;
}

void Builder::adoptOrphans() {
  std::sort(orphans_.begin(), orphans_.end());
  orphans_.erase(std::unique(orphans_.begin(), orphans_.end()), orphans_.end());
  for (uint32_t slot : orphans_) {
    const BlockHead& head = state_.graph.head(slot);
    if (head.isDead == 0 && head.linkedFrom.load(std::memory_order_relaxed) == 0) {
      adoptByNearest(slot, nullptr);
    }
  }
}

bool Builder::isSweepDue() const {
  const uint32_t count = state_.graphCount.load();
  return linkedSinceSweep_ > (isSealed_ ? count / 64 : count / 5);
}

/// For nodes whose own links lead nowhere that was reached: what a walk from the root finds near.
uint32_t Builder::adoptByWalk(uint32_t slot, uint32_t root, const Reach* reach) {
  const Graph& graph = state_.graph;
  BuildScratch scratch(state_);
  scratch.query.reserve(graph.codeBytes(), graph.signBits());
  scratch.query.prepareFrom(graph.code(slot), graph.head(slot).factors);
  scratch.walker.walk(graph, {&scratch.query, root, state_.parameters.efConstruction, 1});
  std::sort(scratch.walker.found.begin(), scratch.walker.found.end());
  for (const Candidate& parent : scratch.walker.found) {
    if (graph.head(parent.slot).isDead != 0) continue;
    if (adopt(slot, parent.slot, reach)) return parent.slot;
  }
  return none;
}

void Builder::sweep() {
  const Graph& graph = state_.graph;
  linkedSinceSweep_ = 0;
  if (state_.firstSlot.load() == none) return;
  const uint32_t root = state_.upper.isEmpty() ? state_.firstSlot.load() : state_.upper.entrySlot();
  Reach reach;
  reach.by.assign(graph.slotLimit(), none);
  reach.by[root] = root;
  reach.queue.push_back(root);
  reach.spread(graph);
  std::vector<uint32_t> left;
  for (uint32_t slot = 0; slot < graph.slotLimit(); slot += 1) {
    const bool isLive = graph.isUsed(slot) && graph.head(slot).isDead == 0;
    if (isLive && !reach.has(slot)) left.push_back(slot);
  }
  // First those that know a reached node; from them others may be reached; the rest by walks.
  for (const bool isByWalk : {false, true}) {
    for (uint32_t slot : left) {
      if (reach.has(slot)) continue;
      const uint32_t parent =
          isByWalk ? adoptByWalk(slot, root, &reach) : adoptByNearest(slot, &reach);
      if (parent == none) continue;
      reach.by[slot] = parent;
      reach.queue.push_back(slot);
      reach.spread(graph);
    }
  }
}

}  // namespace lodestone
