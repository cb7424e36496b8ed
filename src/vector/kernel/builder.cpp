// Steps, cuts and the phases of a batch; see builder.h.
#include "builder.h"

#include <algorithm>
#include <cstring>

namespace lodestone {

namespace {

/// Of the nodes in the same batch, the nearest ones are candidates too.
constexpr size_t matesMax = 24;
/// Nodes whose edits one turn of applying writes: some ten microseconds.
constexpr size_t editsPerTurn = 16;
/// Codes of the tail that a step makes: some hundred microseconds.
constexpr uint64_t encodedPerStep = 64;

uint32_t batchSize(uint32_t graphCount, uint32_t limit) {
  return std::max(1u, std::min(limit, graphCount / 50));
}

/// By target; links to one target stay in their order. One thread does it while the others wait, so
/// digit by digit: comparing took a twentieth of a build on two threads.
void sortByTarget(std::vector<BackLink>& links, std::vector<BackLink>& room, uint32_t limit) {
  constexpr uint32_t digitBits = 11;
  room.resize(links.size());
  for (uint32_t shift = 0; shift < 32 && limit >> shift > 0; shift += digitBits) {
    uint32_t starts[(1u << digitBits) + 1] = {};
    const auto digitOf = [shift](const BackLink& link) {
      return link.target >> shift & ((1u << digitBits) - 1);
    };
    for (const BackLink& link : links) starts[digitOf(link) + 1] += 1;
    for (uint32_t digit = 0; digit < 1u << digitBits; digit += 1) {
      starts[digit + 1] += starts[digit];
    }
    for (const BackLink& link : links) room[starts[digitOf(link)]++] = link;
    links.swap(room);
  }
}

}  // namespace

/// One thread that encodes ahead, without the lock; ends well if memory runs out meanwhile.
struct Builder::AheadTurn {
  AheadTurn(Builder& of, std::unique_lock<std::mutex>& held) : builder(of), guard(held) {
    builder.encodersAhead_ += 1;
    guard.unlock();
  }
  ~AheadTurn() {
    guard.lock();
    builder.encodersAhead_ -= 1;
    if (builder.encodersAhead_ == 0) builder.encodersGone_.notify_all();
  }
  AheadTurn(const AheadTurn&) = delete;
  Builder& builder;
  std::unique_lock<std::mutex>& guard;
};

BuildStep Builder::step(BuildScratch& scratch) {
  std::unique_lock<std::mutex> guard(mutex_);
  if (isHeld_) return BuildStep::Idle;
  if (isAdvancing_ || isPaused_) return BuildStep::Wait;
  if (encodeAhead(guard)) return BuildStep::Ran;
  if (phase_ == Phase::Collect && mayDump()) phase_ = beginDump();
  if (phase_ == Phase::Dump && next_ < itemCount_ && !dump_->hasRoomFor(next_)) {
    return BuildStep::Wait;
  }
  if (phase_ == Phase::Collect) {
    if (isOutOfMemory_) return BuildStep::OutOfMemory;
    if (!findCut()) return BuildStep::Idle;
    startAdvancing(guard);
    const bool isCollected = collect();
    guard.lock();
    isAdvancing_ = false;
    isOutOfMemory_ = !isCollected;
    if (!isCollected) return BuildStep::OutOfMemory;
    phase_ = Phase::Encode;
    return BuildStep::Ran;
  }
  if (phase_ == Phase::RepairWait && state_.records.oldestSnapshot() < end_) {
    return BuildStep::Wait;
  }
  if (next_ == itemCount_ && done_ < itemCount_) return BuildStep::Wait;
  const Phase phase = phase_;
  if (itemCount_ > 0) {
    const size_t first = next_;
    next_ = std::min(itemCount_, next_ + chunk_);
    const size_t end = next_;
    guard.unlock();
    run(phase, first, end, scratch);
    guard.lock();
    done_ += end - first;
    if (done_ < itemCount_) return BuildStep::Ran;
  }
  // Nobody else claims or finishes anything now, so the rest may take its time without the lock.
  startAdvancing(guard);
  const Phase next = advance(phase);
  guard.lock();
  isAdvancing_ = false;
  phase_ = next;
  return BuildStep::Ran;
}

/// Leaves the guard unlocked. Whoever encodes ahead reads vectors that the end of a batch may free.
void Builder::startAdvancing(std::unique_lock<std::mutex>& guard) {
  isAdvancing_ = true;
  encodersGone_.wait(guard, [this] { return encodersAhead_ == 0; });
  guard.unlock();
}

bool Builder::encodeAhead(std::unique_lock<std::mutex>& guard) {
  TailCodes& codes = state_.tailCodes;
  uint64_t first = 0;
  const uint64_t end = codes.claim(state_.applied.load(), state_.changes.published(),
                                   encodedPerStep, first);
  if (end == first) return false;
  const AheadTurn turn(*this, guard);
  for (uint64_t place = first; place < end; place += 1) {
    const Change change = state_.changes.at(place);
    if (change.kind != ChangeKind::Add) continue;
    state_.encode(change.record, codes.code(place), codes.head(place));
    codes.setReady(place);
  }
  return true;
}

bool Builder::pause() {
  std::lock_guard<std::mutex> guard(mutex_);
  if (phase_ != Phase::Collect || isAdvancing_ || isPaused_) return false;
  isPaused_ = true;
  return true;
}

void Builder::unpause() {
  std::lock_guard<std::mutex> guard(mutex_);
  isPaused_ = false;
}

void Builder::setItems(size_t count, size_t chunk) {
  itemCount_ = count;
  chunk_ = chunk;
  next_ = 0;
  done_ = 0;
}

/// Whether the sequence has a cut beyond what was applied; looks at each change once.
bool Builder::findCut() {
  const uint32_t limit = batchSize(state_.graphCount.load(), state_.parameters.batchLimit);
  const uint64_t published = state_.changes.published();
  while (scanned_ < published) {
    const ChangeKind kind = state_.changes.at(scanned_).kind;
    scanned_ += 1;
    scannedAdds_ += kind == ChangeKind::Add;
    scannedRemoves_ += kind == ChangeKind::Remove;
    if (kind == ChangeKind::Seal || scannedAdds_ == limit || scannedRemoves_ == limit) {
      end_ = scanned_;
      isSealed_ = kind == ChangeKind::Seal;
      scannedAdds_ = 0;
      scannedRemoves_ = 0;
      return true;
    }
  }
  return false;
}

bool Builder::collect() {
  batch_.clear();
  batchRecords_.clear();
  orphans_.clear();
  for (uint64_t at = state_.applied.load(); at < end_; at += 1) {
    const Change change = state_.changes.at(at);
    if (change.kind == ChangeKind::Seal) continue;
    Record& record = state_.records.at(change.record);
    if (change.kind == ChangeKind::Remove) {
      if (record.slot == none) {
        retired_.push_back(change.record);
      } else {
        state_.graph.head(record.slot).isDead = 1;
        dead_.push_back(record.slot);
      }
      continue;
    }
    // Added and removed again within the batch: it never comes into the graph.
    if (record.removedAt.load(std::memory_order_acquire) < end_) continue;
    const uint32_t slot = state_.graph.takeSlot(record.id);
    if (slot == none) return false;
    record.slot = slot;
    batch_.push_back(slot);
    batchRecords_.push_back(change.record);
  }
  setItems(batch_.size(), 8);
  return true;
}

void Builder::run(Phase phase, size_t first, size_t end, BuildScratch& scratch) {
  if (phase == Phase::Edit) return edit(first, end, scratch);
  for (size_t item = first; item < end; item += 1) {
    if (phase == Phase::Encode) begin(item);
    if (phase == Phase::Link) link(item, scratch);
    if (phase == Phase::RepairPlan) planRepair(item, scratch);
    if (phase == Phase::RepairApply) applyRepair(item, scratch);
    if (phase == Phase::LoadNodes) loadNodes(item, scratch);
    if (phase == Phase::LoadLanes) loadLanes(item);
    if (phase == Phase::Dump) dump_->write(state_, item);
  }
}

void Builder::begin(size_t item) {
  const uint32_t slot = batch_[item];
  state_.graph.beginBlock(slot, batchRecords_[item]);
  BlockHead& head = state_.graph.head(slot);
  head.level = static_cast<uint8_t>(levelOf(head.id, state_.parameters.seed));
  encode(slot);
}

void Builder::encode(uint32_t slot) {
  const uint32_t number = state_.graph.head(slot).record;
  int8_t* code = state_.graph.code(slot);
  CodeHead& head = state_.graph.head(slot);
  const int8_t* made = state_.tailCodes.find(state_.records.at(number).addedAt);
  if (made == nullptr) return state_.encode(number, code, head);
  const size_t count = state_.graph.codeBytes();
  std::memcpy(code, made, count);
  head = *reinterpret_cast<const CodeHead*>(made + count);
}

void Builder::gatherMates(size_t item, BuildScratch& scratch) {
  std::vector<Candidate>& mates = scratch.mates;
  mates.clear();
  for (size_t other = 0; other < batch_.size(); other += 1) {
    if (other == item) continue;
    mates.push_back({state_.graph.distance(batch_[item], batch_[other]), batch_[other]});
  }
  const size_t count = std::min(mates.size(), matesMax);
  std::partial_sort(mates.begin(), mates.begin() + static_cast<ptrdiff_t>(count), mates.end());
  mates.resize(count);
}

void Builder::link(size_t item, BuildScratch& scratch) {
  const Graph& graph = state_.graph;
  const uint32_t slot = batch_[item];
  std::vector<Candidate>& candidates = scratch.candidates;
  candidates.clear();
  if (state_.firstSlot.load() != none) {
    scratch.query.reserve(graph.codeBytes(), graph.signBits());
    scratch.query.prepareFrom(graph.code(slot), graph.head(slot).factors);
    uint64_t count = 0;
    const uint32_t start = state_.startOf(scratch.query, count);
    // Candidates need not be in exact order, so the beam may be narrower than a search's.
    const uint32_t ef = std::max(1u, state_.parameters.efConstruction * 3 / 4);
    WalkRequest walk{&scratch.query, start, ef, 1};
    if (graph.signBits() > 0) walk.keys = ef + ef * 7 / 8 + 4;
    scratch.walker.walk(graph, walk);
    for (const Candidate& found : scratch.walker.found) {
      if (graph.head(found.slot).isDead == 0) candidates.push_back(found);
    }
    const size_t limit = state_.parameters.efConstruction;
    if (candidates.size() > limit) {
      std::nth_element(candidates.begin(), candidates.begin() + static_cast<ptrdiff_t>(limit),
                       candidates.end());
      candidates.resize(limit);
    }
  }
  gatherMates(item, scratch);
  candidates.insert(candidates.end(), scratch.mates.begin(), scratch.mates.end());
  LaneEdit edit;
  scratch.selector.selectFirst(slot, candidates, edit);
  // Its own block: nobody can reach it, and mates read no more of it than its code.
  LinkSelector::apply(state_.graph, slot, edit);
}

/// Links back, by target and then by slot, as a batch's slots ascend: the order in which threads
/// finished must not matter.
void Builder::groupEdits() {
  backLinks_.clear();
  for (uint32_t slot : batch_) {
    for (uint32_t lane = 0; lane < state_.graph.linksMax(); lane += 1) {
      const uint32_t target = state_.graph.link(slot, lane);
      if (target != none) backLinks_.push_back({target, slot});
    }
  }
  sortByTarget(backLinks_, sortRoom_, state_.graph.slotLimit());
  groups_.clear();
  for (uint32_t at = 0; at < backLinks_.size(); at += 1) {
    if (groups_.empty() || groups_.back().target != backLinks_[at].target) {
      groups_.push_back({backLinks_[at].target, at, at});
    }
    groups_.back().end = at + 1;
  }
}

void Builder::applyEdit(uint32_t slot, const LaneEdit& edit, BuildScratch& scratch) {
  for (uint32_t lane = 0; lane < edit.lanes.size(); lane += 1) {
    const uint32_t old = state_.graph.link(slot, lane);
    if (old != none && old != edit.lanes[lane]) scratch.dropped.push_back(old);
  }
  LinkSelector::apply(state_.graph, slot, edit);
}

void Builder::edit(size_t first, size_t end, BuildScratch& scratch) {
  // Selecting reads the target's own links and codes, which nobody else changes, so it needs no
  // turn.
  scratch.edits.resize(std::max(scratch.edits.size(), end - first));
  for (size_t item = first; item < end; item += 1) {
    const Group& group = groups_[item];
    scratch.added.clear();
    for (uint32_t at = group.first; at < group.end; at += 1) {
      scratch.added.push_back(backLinks_[at].slot);
    }
    scratch.selector.addTo(group.target, scratch.added, false, scratch.edits[item - first]);
  }
  scratch.dropped.clear();
  {
    ApplyTurn turn(state_.turns);
    for (size_t item = first; item < end; item += 1) {
      applyEdit(groups_[item].target, scratch.edits[item - first], scratch);
    }
  }
  std::lock_guard<std::mutex> guard(mutex_);
  orphans_.insert(orphans_.end(), scratch.dropped.begin(), scratch.dropped.end());
}

Builder::Phase Builder::advance(Phase finished) {
  switch (finished) {
    case Phase::Encode:
      setItems(batch_.size(), 2);
      if (!batch_.empty()) return Phase::Link;
      finishBatch();
      break;
    case Phase::Link:
      groupEdits();
      setItems(groups_.size(), editsPerTurn);
      return Phase::Edit;
    case Phase::Edit:
      finishBatch();
      break;
    case Phase::RepairWait:
      startRepair();
      return Phase::RepairPlan;
    case Phase::RepairPlan:
      setItems(planned_.size(), 1);
      return Phase::RepairApply;
    case Phase::RepairApply:
      finishRepair();
      setItems(0, 1);
      return Phase::Collect;
    case Phase::LoadBegin:
    case Phase::LoadNodes:
    case Phase::LoadLanes:
      return advanceLoad(finished);
    case Phase::Dump:
      dump_.reset();
      setItems(0, 1);
      return Phase::Collect;
    case Phase::Collect:
      break;
  }
  setItems(0, 1);
  return isRepairDue() ? Phase::RepairWait : Phase::Collect;
}

void Builder::finishBatch() {
  orphans_.insert(orphans_.end(), batch_.begin(), batch_.end());
  if (state_.firstSlot.load() != none || batch_.size() > 1) adoptOrphans();
  for (uint32_t slot : batch_) {
    const uint32_t level = state_.graph.head(slot).level;
    if (level == 0) continue;
    ApplyTurn turn(state_.turns);
    // Without memory for it the node is found on the lowest level all the same.
    state_.upper.insert(state_.graph, slot, level);
  }
  for (size_t first = 0; first < batch_.size(); first += editsPerTurn) {
    ApplyTurn turn(state_.turns);
    const size_t end = std::min(first + editsPerTurn, batch_.size());
    for (size_t at = first; at < end; at += 1) state_.graph.putSketch(batch_[at], end_);
  }
  {
    ApplyTurn turn(state_.turns);
    for (uint32_t slot : batch_) {
      if (slot < state_.firstSlot.load()) state_.firstSlot.store(slot);
    }
    state_.deadCount.store(static_cast<uint32_t>(dead_.size()));
    state_.graphCount.fetch_add(static_cast<uint32_t>(batch_.size()));
    state_.applied.store(end_, std::memory_order_release);
    state_.changes.trim(end_);
    state_.tailCodes.trim(end_);
    retire();
  }
  linkedSinceSweep_ += static_cast<uint32_t>(batch_.size());
  if (isSweepDue()) sweep();
}

/// Frees what was removed before it came into the graph, in a turn of applying.
void Builder::retire() {
  const uint64_t oldest = state_.records.oldestSnapshot();
  std::vector<uint32_t> kept;
  for (uint32_t record : retired_) {
    if (state_.records.at(record).removedAt.load() < oldest) {
      state_.records.free(record);
    } else {
      kept.push_back(record);
    }
  }
  retired_.swap(kept);
}

}  // namespace lodestone
