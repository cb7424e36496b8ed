// The writer's side and the figures; searching and building have files of their own.
#include "index.h"

#include "graph-check.h"

namespace lodestone {

namespace {

/// Unpins the slot unless a record has taken it over: an allocation in between may throw.
struct Pin {
  ~Pin() {
    if (!isTaken) slots.unpin(slot);
  }
  FloatSlots& slots;
  const uint32_t slot;
  bool isTaken = false;
};

}  // namespace

Index::Index(const Parameters& parameters, std::shared_ptr<FloatSlots> slots)
    : state_(parameters, std::move(slots)),
      builder_(state_),
      flatBuilder_(state_),
      searcher_(state_) {}

AddResult Index::add(uint32_t id, const void* vector) {
  const uint32_t slot = state_.records.values().slots().putPinned(vector);
  return slot == none ? AddResult::OutOfMemory : addPinned(id, slot);
}

AddResult Index::addStored(uint32_t id, uint32_t slot) {
  if (!state_.records.values().slots().pin(slot)) return AddResult::NotHeld;
  return addPinned(id, slot);
}

AddResult Index::addPinned(uint32_t id, uint32_t slot) {
  Pin pin{state_.records.values().slots(), slot};
  if (state_.changes.isFull()) return AddResult::OutOfMemory;
  const uint32_t before = state_.records.live(id);
  const uint64_t sequence = state_.changes.pushed();
  const uint32_t record = state_.records.make(id, slot, sequence);
  if (record == none) return AddResult::OutOfMemory;
  pin.isTaken = true;
  state_.changes.push(ChangeKind::Add, record);
  if (before != none) {
    state_.records.markRemoved(before, sequence + 1);
    state_.changes.push(ChangeKind::Remove, before);
  }
  state_.changes.publish();
  return AddResult::Added;
}

bool Index::remove(uint32_t id) {
  const uint32_t record = state_.records.live(id);
  if (record == none) return false;
  state_.records.markRemoved(record, state_.changes.pushed());
  state_.changes.push(ChangeKind::Remove, record);
  state_.changes.publish();
  return true;
}

void Index::seal() {
  state_.changes.push(ChangeKind::Seal, 0);
  state_.changes.publish();
}

std::shared_ptr<LinkDump> Index::dump() {
  auto dump = std::make_shared<LinkDump>(state_.changes.published());
  builder_.dump(dump);
  return dump;
}

std::unique_ptr<LinkLoad> Index::holdForLinks() {
  if (state_.changes.published() > 0) return nullptr;
  builder_.hold();
  return std::make_unique<LinkLoad>(state_);
}

uint64_t Index::openSnapshot() { return state_.records.openSnapshot(state_.changes.published()); }

void Index::closeSnapshot(uint64_t sequence) { state_.records.closeSnapshot(sequence); }

void Index::nearest(const SearchRequest& request, SearchScratch& scratch,
                    SearchResult& result) const {
  searcher_.nearest(request, scratch, result);
}

void Index::withinRange(const SearchRequest& request, float radius, SearchScratch& scratch,
                        SearchResult& result) const {
  searcher_.withinRange(request, radius, scratch, result);
}

Progress Index::progress() const {
  return {state_.records.liveCount(),
          state_.graphCount.load(),
          state_.deadCount.load(),
          state_.changes.published() - state_.applied.load(),
          state_.records.values().mappedBytes(),
          state_.graph.mappedBytes() + state_.upper.mappedBytes(),
          state_.records.tableBytes()};
}

GraphChecksums Index::checksums() const {
  const Graph& graph = state_.graph;
  const uint32_t limit = graph.slotLimit();
  GraphChecksums sums;
  sums.whole = state_.upper.checksum();
  sums.sequence = state_.sequenceOf(state_.applied.load());
  sums.nodeCount = state_.graphCount.load();
  sums.tombstoneCount = state_.deadCount.load();
  sums.slotsPerRange = 1024;
  while ((limit + sums.slotsPerRange - 1) / sums.slotsPerRange > rangesMax) sums.slotsPerRange *= 2;
  for (uint32_t slot = 0; slot < limit; slot += 1) {
    if (slot % sums.slotsPerRange == 0) sums.ranges.push_back(0);
    const uint64_t sum = graph.checksum(slot);
    sums.whole = mixBits(sums.whole ^ sum);
    sums.ranges.back() = mixBits(sums.ranges.back() ^ sum);
  }
  return sums;
}

uint32_t Index::countUnreachable() const { return lodestone::countUnreachable(state_); }

}  // namespace lodestone
