// The builder's phases after links were loaded: codes from the vectors, neighbor codes from codes,
// both over ranges of slots. Everything stays in the tail until they are through.
#include <algorithm>

#include "builder.h"

namespace lodestone {

namespace {

constexpr uint32_t rangeSlots = 64;

}  // namespace

void Builder::load(std::vector<uint32_t> dead, uint32_t linkedSinceSweep,
                   UpperGraph::Image upper) {
  std::lock_guard<std::mutex> guard(mutex_);
  dead_ = std::move(dead);
  linkedSinceSweep_ = linkedSinceSweep;
  loadedUpper_ = std::move(upper);
  scanned_ = state_.changes.published();
  end_ = scanned_;
  phase_ = Phase::LoadCodes;
  setItems((state_.graph.slotLimit() + rangeSlots - 1) / rangeSlots, 1);
}

void Builder::loadCodes(size_t range) {
  const uint32_t first = static_cast<uint32_t>(range) * rangeSlots;
  const uint32_t end = std::min(first + rangeSlots, state_.graph.slotLimit());
  for (uint32_t slot = first; slot < end; slot += 1) {
    if (state_.graph.isUsed(slot) && state_.graph.head(slot).isDead == 0) encode(slot);
  }
}

void Builder::loadLanes(size_t range) {
  const Graph& graph = state_.graph;
  const uint32_t first = static_cast<uint32_t>(range) * rangeSlots;
  const uint32_t end = std::min(first + rangeSlots, graph.slotLimit());
  for (uint32_t slot = first; slot < end; slot += 1) {
    if (!graph.isUsed(slot)) continue;
    for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
      const uint32_t link = graph.link(slot, lane);
      if (link != none) graph.prefetchCode(link);
    }
    for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
      const uint32_t link = graph.link(slot, lane);
      if (link == none) continue;
      state_.graph.head(link).linkedFrom.fetch_add(1, std::memory_order_relaxed);
      state_.graph.encodeLane(slot, lane);
    }
  }
}

/// Nobody uses them before there is a slot to start from.
void Builder::putLoadedSketches() {
  const Graph& graph = state_.graph;
  for (uint32_t first = 0; first < graph.slotLimit(); first += rangeSlots) {
    ApplyTurn turn(state_.turns);
    const uint32_t end = std::min(first + rangeSlots, graph.slotLimit());
    for (uint32_t slot = first; slot < end; slot += 1) {
      if (graph.isUsed(slot) && graph.head(slot).isDead == 0) state_.graph.putSketch(slot, end_);
    }
  }
}

void Builder::finishLoad() {
  putLoadedSketches();
  ApplyTurn turn(state_.turns);
  // Upper levels that do not fit leave walks to start from the lowest slot.
  state_.upper.load(state_.graph, loadedUpper_);
  loadedUpper_ = UpperGraph::Image{{}, {}, none};
  const Graph& graph = state_.graph;
  uint32_t count = 0;
  for (uint32_t slot = graph.slotLimit(); slot > 0; slot -= 1) {
    if (!graph.isUsed(slot - 1)) continue;
    count += 1;
    state_.firstSlot.store(slot - 1);
  }
  state_.graphCount.store(count);
  state_.deadCount.store(static_cast<uint32_t>(dead_.size()));
  state_.applied.store(end_, std::memory_order_release);
  state_.changes.trim(end_);
  state_.tailCodes.trim(end_);
}

}  // namespace lodestone
