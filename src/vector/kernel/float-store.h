// The float store: the bytes of vectors, each once, however many fields and indexes need them.
//
// - A slot holds one vector and counts who needs it: *pins*, of records of any index, and *holders*,
//   fields of the caller's. It is free once both are zero, and then at once.
// - Its bytes neither move nor change before that, so whoever pins or holds it reads without a lock.
// - The caller's thread puts, holds and pins; any thread unpins: the builder lets go of what no
//   search can see any more, and who frees an index lets go of all of it.
// - An owner is a group of holders that can go at once, as a database does when it is flushed.
// Slots that belong to the caller, in its own memory, were rejected: each slot that a thread lets go
// of would have to cross back before it can be used again.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "memory.h"

namespace lodestone {

/// All vectors of one length.
class FloatSlots {
 public:
  explicit FloatSlots(size_t vectorBytes);
  FloatSlots(const FloatSlots&) = delete;

  /// A slot with these bytes and zeros behind them; none without memory.
  uint32_t putPinned(const void* vector) { return put(vector, {0, 0, 1}); }
  uint32_t putHeld(const void* vector, uint32_t owner) { return put(vector, {owner, 1, 0}); }
  /// False where nobody holds the slot, or too many pin it.
  bool pin(uint32_t slot);
  void unpin(uint32_t slot);
  /// One more holder beside those there are; false where there is none, or too many.
  bool share(uint32_t slot);
  /// One holder less; false where there is none.
  bool release(uint32_t slot);
  /// All holders of the owner among so many slots from this one on, which it moves; whether those
  /// were the last.
  bool releaseOwner(uint32_t owner, uint32_t& slot, size_t slotCountMax);

  bool isHeld(uint32_t slot) const;
  const uint8_t* at(uint32_t slot) const { return memory_.at(slot); }
  size_t vectorBytes() const { return vectorBytes_; }
  size_t slotBytes() const { return memory_.slotBytes(); }
  size_t mappedBytes() const { return memory_.mappedBytes(); }
  /// Slots that are not free, and those of them that are held.
  size_t usedCount() const;
  size_t heldCount() const;

 private:
  struct Need {
    uint32_t owner = 0;
    uint16_t holders = 0;
    uint16_t pins = 0;
  };
  static constexpr uint16_t needsMax = 0xffff;

  uint32_t put(const void* vector, Need need);
  void freeIfUnneeded(uint32_t slot);

  const size_t vectorBytes_;
  SlotMemory memory_;
  mutable std::mutex mutex_;
  std::vector<Need> needs_;
  /// A heap, the lowest first; its memory is there before it is needed.
  std::vector<uint32_t> free_;
  size_t usedCount_ = 0;
  size_t heldCount_ = 0;
};

/// Vectors of every length. The caller's thread alone.
class FloatStore {
 public:
  /// Made where there are none yet; whoever has them may outlive the store.
  std::shared_ptr<FloatSlots> slotsOf(size_t vectorBytes);
  /// Null where there are none.
  FloatSlots* find(size_t vectorBytes) const;
  /// Never the same twice; not 0.
  uint32_t openOwner();
  /// Looks at no more than so many slots; whether it was done, or is to be called again.
  bool releaseOwner(uint32_t owner, size_t slotCountMax = SIZE_MAX);

  struct Figures {
    size_t usedCount = 0;
    size_t heldCount = 0;
    size_t usedBytes = 0;
    /// Of slots that indexes alone still need.
    size_t unheldBytes = 0;
  };
  Figures figures() const;

 private:
  /// What is left to look at of an owner that is being released, and from which slot on.
  struct Release {
    std::vector<std::shared_ptr<FloatSlots>> left;
    uint32_t slot = 0;
  };

  std::unordered_map<size_t, std::shared_ptr<FloatSlots>> slots_;
  std::unordered_map<uint32_t, Release> releases_;
  uint32_t ownerCount_ = 0;
};

}  // namespace lodestone
