// Steps and batches of an index without a graph; see flat-builder.h.
#include "flat-builder.h"

#include <algorithm>

namespace lodestone {

namespace {

constexpr uint64_t batchMax = 1024;
/// Codes that a step makes: some hundred microseconds.
constexpr size_t encodedPerStep = 64;

}  // namespace

BuildStep FlatBuilder::step() {
  std::unique_lock<std::mutex> guard(mutex_);
  if (isAdvancing_) return BuildStep::Wait;
  if (!isCollected_) {
    const bool hasChanges = state_.changes.published() > state_.applied.load();
    if (!hasChanges && removed_.empty()) return BuildStep::Idle;
    if (!hasChanges && !mayFree()) return BuildStep::Rest;
    isAdvancing_ = true;
    guard.unlock();
    collect();
    guard.lock();
    isAdvancing_ = false;
    isCollected_ = true;
  }
  if (next_ == batch_.size() && done_ < next_) return BuildStep::Wait;
  if (next_ < batch_.size()) {
    encodeNext(guard);
    if (done_ < batch_.size()) return BuildStep::Ran;
  }
  // Nobody else claims or finishes anything now, and searches may have to be waited for.
  isAdvancing_ = true;
  guard.unlock();
  const uint64_t changeCount = end_ - state_.applied.load();
  finishBatch();
  guard.lock();
  isAdvancing_ = false;
  isCollected_ = false;
  return changeCount < batchMax ? BuildStep::Rest : BuildStep::Ran;
}

/// Not for an empty batch: who let go of the lock then found another thread finishing it too.
void FlatBuilder::encodeNext(std::unique_lock<std::mutex>& guard) {
  const size_t first = next_;
  next_ = std::min(batch_.size(), first + encodedPerStep);
  const size_t end = next_;
  guard.unlock();
  for (size_t at = first; at < end; at += 1) {
    const uint32_t record = batch_[at];
    state_.encode(record, state_.flatCodes.code(record), state_.flatCodes.head(record));
  }
  guard.lock();
  done_ += end - first;
}

bool FlatBuilder::mayFree() const {
  return state_.records.at(removed_.front()).removedAt.load() < state_.records.oldestSnapshot();
}

void FlatBuilder::collect() {
  batch_.clear();
  next_ = 0;
  done_ = 0;
  const uint64_t first = state_.applied.load();
  end_ = std::min(state_.changes.published(), first + batchMax);
  for (uint64_t at = first; at < end_; at += 1) {
    const Change change = state_.changes.at(at);
    if (change.kind == ChangeKind::Add) plan(change.record);
    if (change.kind == ChangeKind::Remove) removed_.push_back(change.record);
  }
  if (hasCodes_ || !state_.flatCodes.areWorthFor(uncoded_.size())) return;
  hasCodes_ = true;
  for (const uint32_t record : uncoded_) plan(record);
  uncoded_.clear();
}

void FlatBuilder::plan(uint32_t record) {
  if (!state_.flatCodes.areWorthTheirBytes()) return;
  // Only searches that are late see it.
  if (state_.records.at(record).removedAt.load(std::memory_order_acquire) != never) return;
  if (!hasCodes_) {
    uncoded_.insert(record);
  } else if (state_.flatCodes.take(record)) {
    batch_.push_back(record);
  }
}

void FlatBuilder::finishBatch() {
  ApplyTurn turn(state_.turns);
  const uint64_t oldest = state_.records.oldestSnapshot();
  for (const uint32_t record : batch_) state_.records.at(record).slot = record;
  state_.applied.store(end_, std::memory_order_release);
  state_.changes.trim(end_);
  size_t kept = 0;
  for (const uint32_t record : removed_) {
    if (state_.records.at(record).removedAt.load() < oldest) {
      free(record);
    } else {
      removed_[kept++] = record;
    }
  }
  removed_.resize(kept);
}

void FlatBuilder::free(uint32_t record) {
  if (state_.records.at(record).slot != none) state_.flatCodes.release(record);
  uncoded_.erase(record);
  state_.records.free(record);
}

}  // namespace lodestone
