// Counting who needs a slot; see float-store.h.
#include "float-store.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "parameters.h"

namespace lodestone {

namespace {

/// Sums run over sixteen values of at most eight bytes at a time, and read the zeros behind the last.
constexpr size_t paddingBytes = 16 * 8;

constexpr uint32_t slotsMax = 1u << 28;

}  // namespace

FloatSlots::FloatSlots(size_t vectorBytes)
    : vectorBytes_(vectorBytes), memory_(roundUp(vectorBytes, paddingBytes)) {}

uint32_t FloatSlots::put(const void* vector, Need need) {
  std::lock_guard<std::mutex> guard(mutex_);
  // The lowest free one, so that freed memory collects at the end and goes back.
  const bool isNew = free_.empty();
  const uint32_t slot = isNew ? static_cast<uint32_t>(needs_.size()) : free_.front();
  if (slot >= slotsMax) return none;
  if (isNew) {
    // Here, so that letting go of a slot never asks for memory.
    if (free_.capacity() <= needs_.size()) free_.reserve(2 * needs_.size() + 64);
    needs_.emplace_back();
  }
  memory_.allow(slot);
  uint8_t* bytes = memory_.take(slot);
  if (bytes == nullptr) {
    if (isNew) needs_.pop_back();
    return none;
  }
  if (!isNew) {
    std::pop_heap(free_.begin(), free_.end(), std::greater<uint32_t>());
    free_.pop_back();
  }
  std::memcpy(bytes, vector, vectorBytes_);
  needs_[slot] = need;
  usedCount_ += 1;
  heldCount_ += need.holders;
  return slot;
}

bool FloatSlots::pin(uint32_t slot) {
  std::lock_guard<std::mutex> guard(mutex_);
  if (slot >= needs_.size()) return false;
  Need& need = needs_[slot];
  if (need.holders == 0 || need.pins == needsMax) return false;
  need.pins += 1;
  return true;
}

void FloatSlots::unpin(uint32_t slot) {
  std::lock_guard<std::mutex> guard(mutex_);
  needs_[slot].pins -= 1;
  freeIfUnneeded(slot);
}

bool FloatSlots::share(uint32_t slot) {
  std::lock_guard<std::mutex> guard(mutex_);
  if (slot >= needs_.size()) return false;
  Need& need = needs_[slot];
  if (need.holders == 0 || need.holders == needsMax) return false;
  need.holders += 1;
  return true;
}

bool FloatSlots::release(uint32_t slot) {
  std::lock_guard<std::mutex> guard(mutex_);
  if (slot >= needs_.size() || needs_[slot].holders == 0) return false;
  Need& need = needs_[slot];
  need.holders -= 1;
  if (need.holders == 0) heldCount_ -= 1;
  freeIfUnneeded(slot);
  return true;
}

bool FloatSlots::releaseOwner(uint32_t owner, uint32_t& slot, size_t slotCountMax) {
  std::lock_guard<std::mutex> guard(mutex_);
  for (size_t left = slotCountMax; left > 0 && slot < needs_.size(); left -= 1, slot += 1) {
    Need& need = needs_[slot];
    if (need.owner != owner || need.holders == 0) continue;
    need.holders = 0;
    heldCount_ -= 1;
    freeIfUnneeded(slot);
  }
  return slot >= needs_.size();
}

bool FloatSlots::isHeld(uint32_t slot) const {
  std::lock_guard<std::mutex> guard(mutex_);
  return slot < needs_.size() && needs_[slot].holders > 0;
}

void FloatSlots::freeIfUnneeded(uint32_t slot) {
  const Need& need = needs_[slot];
  if (need.holders > 0 || need.pins > 0) return;
  usedCount_ -= 1;
  memory_.release(slot);
  if (usedCount_ == 0) {
    std::vector<Need>().swap(needs_);
    std::vector<uint32_t>().swap(free_);
    return;
  }
  memory_.forbid(slot);
  free_.push_back(slot);
  std::push_heap(free_.begin(), free_.end(), std::greater<uint32_t>());
}

size_t FloatSlots::usedCount() const {
  std::lock_guard<std::mutex> guard(mutex_);
  return usedCount_;
}

size_t FloatSlots::heldCount() const {
  std::lock_guard<std::mutex> guard(mutex_);
  return heldCount_;
}

std::shared_ptr<FloatSlots> FloatStore::slotsOf(size_t vectorBytes) {
  const auto found = slots_.find(vectorBytes);
  if (found != slots_.end()) return found->second;
  // Lengths that nobody uses any more go when a new one comes: so they never pile up.
  for (auto at = slots_.begin(); at != slots_.end();) {
    const bool isIdle = at->second.use_count() == 1 && at->second->usedCount() == 0;
    at = isIdle ? slots_.erase(at) : std::next(at);
  }
  return slots_.emplace(vectorBytes, std::make_shared<FloatSlots>(vectorBytes)).first->second;
}

FloatSlots* FloatStore::find(size_t vectorBytes) const {
  const auto found = slots_.find(vectorBytes);
  return found == slots_.end() ? nullptr : found->second.get();
}

uint32_t FloatStore::openOwner() {
  ownerCount_ += 1;
  return ownerCount_;
}

bool FloatStore::releaseOwner(uint32_t owner, size_t slotCountMax) {
  Release& release = releases_[owner];
  if (release.left.empty()) {
    for (const auto& [vectorBytes, slots] : slots_) release.left.push_back(slots);
  }
  for (size_t left = slotCountMax; left > 0 && !release.left.empty();) {
    const uint32_t from = release.slot;
    const bool isDone = release.left.back()->releaseOwner(owner, release.slot, left);
    left -= std::min<size_t>(left, release.slot - from + 1);
    if (!isDone) continue;
    release.left.pop_back();
    release.slot = 0;
  }
  if (!release.left.empty()) return false;
  releases_.erase(owner);
  return true;
}

FloatStore::Figures FloatStore::figures() const {
  Figures figures;
  for (const auto& [vectorBytes, slots] : slots_) {
    const size_t usedCount = slots->usedCount();
    const size_t heldCount = slots->heldCount();
    figures.usedCount += usedCount;
    figures.heldCount += heldCount;
    figures.usedBytes += usedCount * slots->slotBytes();
    figures.unheldBytes += (usedCount - heldCount) * slots->slotBytes();
  }
  return figures;
}

}  // namespace lodestone
