// Repair: tombstones are unlinked, and their slots and records freed.
//
// It comes at fixed places of the sequence, when tombstones are 1 % of the nodes or 1,024: often
// enough that walks do not lose their way among the dead, seldom enough that one pass over all
// blocks pays. Every node with a link to a tombstone chooses again among its own links and those of
// its dead neighbors, which lie where the links led.
#include <algorithm>

#include "builder.h"

namespace lodestone {

namespace {

constexpr uint32_t deadMax = 1024;
constexpr uint32_t rangeSlots = 256;
constexpr size_t editsPerTurn = 16;

}  // namespace

bool Builder::isRepairDue() const {
  const uint32_t due = std::max(1u, std::min(deadMax, state_.graphCount.load() / 100));
  return dead_.size() >= due;
}

void Builder::startRepair() {
  std::sort(dead_.begin(), dead_.end());
  const size_t ranges = (state_.graph.slotLimit() + rangeSlots - 1) / rangeSlots;
  planned_.clear();
  planned_.resize(ranges);
  setItems(ranges, 4);
}

void Builder::planRepair(size_t range, BuildScratch& scratch) {
  const Graph& graph = state_.graph;
  const uint32_t first = static_cast<uint32_t>(range) * rangeSlots;
  const uint32_t end = std::min(first + rangeSlots, graph.slotLimit());
  for (uint32_t slot = first; slot < end; slot += 1) {
    if (!graph.isUsed(slot) || graph.head(slot).isDead != 0) continue;
    bool hasDead = false;
    scratch.added.clear();
    for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
      const uint32_t neighbor = graph.link(slot, lane);
      if (neighbor == none || graph.head(neighbor).isDead == 0) continue;
      hasDead = true;
      for (uint32_t theirs = 0; theirs < graph.linksMax(); theirs += 1) {
        const uint32_t reached = graph.link(neighbor, theirs);
        if (reached == none || graph.head(reached).isDead != 0) continue;
        scratch.added.push_back(reached);
      }
    }
    if (!hasDead) continue;
    std::sort(scratch.added.begin(), scratch.added.end());
    scratch.added.erase(std::unique(scratch.added.begin(), scratch.added.end()),
                        scratch.added.end());
    PlannedEdit planned{slot, {}};
    scratch.selector.addTo(slot, scratch.added, true, planned.edit);
    planned_[range].push_back(std::move(planned));
  }
}

void Builder::applyRepair(size_t range, BuildScratch& scratch) {
  const std::vector<PlannedEdit>& edits = planned_[range];
  for (size_t first = 0; first < edits.size(); first += editsPerTurn) {
    ApplyTurn turn(state_.turns);
    const size_t end = std::min(first + editsPerTurn, edits.size());
    for (size_t at = first; at < end; at += 1) {
      applyEdit(edits[at].slot, edits[at].edit, scratch);
    }
  }
  scratch.dropped.clear();
}

void Builder::finishRepair() {
  planned_.clear();
  {
    ApplyTurn turn(state_.turns);
    state_.upper.remove(dead_);
    for (uint32_t slot : dead_) {
      // A tombstone that was loaded has no record.
      const uint32_t record = state_.graph.head(slot).record;
      if (record != none) state_.records.free(record);
      state_.graph.freeSlot(slot);
    }
    state_.graphCount.fetch_sub(static_cast<uint32_t>(dead_.size()));
    state_.deadCount.store(0);
    dead_.clear();
    uint32_t slot = 0;
    while (slot < state_.graph.slotLimit() && !state_.graph.isUsed(slot)) slot += 1;
    state_.firstSlot.store(slot < state_.graph.slotLimit() ? slot : none);
  }
  sweep();
}

}  // namespace lodestone
