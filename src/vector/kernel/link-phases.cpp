// The builder's phases that write links down, and those that take them in; see link-dump.h and
// link-load.h. A dump falls where the sequence was cut, and only reads, so searches go on; while
// links are taken in everything is in the tail, which is all that searches see.
#include <algorithm>

#include "builder.h"

namespace lodestone {

namespace {

constexpr uint32_t rangeSlots = 64;

}  // namespace

void Builder::dump(std::shared_ptr<LinkDump> dump) {
  std::lock_guard<std::mutex> guard(mutex_);
  // One at a time: whoever asks again has no use for the first.
  if (dump_ != nullptr && phase_ == Phase::Dump) return dump->fail();
  if (dump_ != nullptr) dump_->fail();
  dump_ = std::move(dump);
}

bool Builder::mayDump() const {
  return dump_ != nullptr && state_.applied.load() >= dump_->place();
}

Builder::Phase Builder::beginDump() {
  if (state_.applied.load() > dump_->place()) dump_->fail();
  const size_t pieces = dump_->begin(state_, linkedSinceSweep_);
  if (pieces == 0) {
    dump_.reset();
    return Phase::Collect;
  }
  setItems(pieces, 1);
  return Phase::Dump;
}

void Builder::hold() {
  std::lock_guard<std::mutex> guard(mutex_);
  isHeld_ = true;
  state_.loadState.store(LoadState::Held);
}

void Builder::load(std::unique_ptr<LinkLoad> links) {
  std::lock_guard<std::mutex> guard(mutex_);
  links_ = std::move(links);
  links_->setPlace(state_.changes.published(), state_.records.liveCount());
  isHeld_ = false;
  phase_ = Phase::LoadBegin;
  setItems(0, 1);
  state_.loadState.store(LoadState::Loading);
}

void Builder::giveUpLinks(const char* problem) {
  std::lock_guard<std::mutex> guard(mutex_);
  isHeld_ = false;
  state_.loadProblem.store(problem);
  state_.loadState.store(LoadState::Refused);
}

void Builder::loadNodes(size_t piece, BuildScratch& scratch) {
  scratch.added.clear();
  links_->placeNodes(piece, scratch.added);
  for (const uint32_t slot : scratch.added) encode(slot);
  links_->checkCodes(piece);
}

void Builder::loadLanes(size_t range) {
  const uint32_t first = static_cast<uint32_t>(range) * rangeSlots;
  links_->placeLanes(first, std::min(first + rangeSlots, state_.graph.slotLimit()));
}

/// Where anything is wrong the changes are built in from the first on, as if nothing had come.
Builder::Phase Builder::advanceLoad(Phase finished) {
  const bool isSound = (finished == Phase::LoadBegin && links_->begin()) ||
                       (finished == Phase::LoadNodes && links_->haveAllNodes()) ||
                       (finished == Phase::LoadLanes && links_->finish());
  if (isSound && finished == Phase::LoadBegin) {
    setItems(links_->nodePieces(), 1);
    return Phase::LoadNodes;
  }
  if (isSound && finished == Phase::LoadNodes) {
    setItems((state_.graph.slotLimit() + rangeSlots - 1) / rangeSlots, 1);
    return Phase::LoadLanes;
  }
  if (isSound) {
    finishLoad();
    state_.loadState.store(LoadState::Loaded);
  } else {
    links_->undo();
    state_.loadProblem.store(links_->problem());
    state_.loadState.store(LoadState::Refused);
  }
  links_.reset();
  setItems(0, 1);
  return Phase::Collect;
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
  dead_ = links_->dead();
  linkedSinceSweep_ = links_->linkedSinceSweep();
  end_ = links_->place();
  scanned_ = end_;
  putLoadedSketches();
  const Graph& graph = state_.graph;
  uint32_t count = 0;
  uint32_t lowest = none;
  for (uint32_t slot = graph.slotLimit(); slot > 0; slot -= 1) {
    if (!graph.isUsed(slot - 1)) continue;
    count += 1;
    lowest = slot - 1;
  }
  ApplyTurn turn(state_.turns);
  state_.upper.open(links_->entry());
  state_.firstSlot.store(lowest);
  state_.graphCount.store(count);
  state_.deadCount.store(static_cast<uint32_t>(dead_.size()));
  state_.sequenceOffset.store(links_->dumpedSequence() - end_);
  state_.applied.store(end_, std::memory_order_release);
  state_.changes.trim(end_);
  state_.tailCodes.trim(end_);
}

}  // namespace lodestone
