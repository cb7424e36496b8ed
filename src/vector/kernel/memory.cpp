// Mapping and unmapping of chunks; see memory.h.
#include "memory.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

namespace lodestone {

namespace {

constexpr size_t hugePageBytes = 2 << 20;
constexpr size_t chunkBytesAim = 8 << 20;

uint8_t* mapChunk(size_t bytes) {
  // Mapped with a page to spare, and cut back to a boundary of huge pages.
  const size_t asked = bytes + hugePageBytes;
  void* mapped = mmap(nullptr, asked, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  uint8_t* start = static_cast<uint8_t*>(mapped);
  const uintptr_t address = reinterpret_cast<uintptr_t>(start);
  const size_t before = (hugePageBytes - address % hugePageBytes) % hugePageBytes;
  if (before > 0) munmap(start, before);
  munmap(start + before + bytes, hugePageBytes - before);
#if defined(MADV_HUGEPAGE)
  madvise(start + before, bytes, MADV_HUGEPAGE);
#endif
  return start + before;
}

void unmapChunk(uint8_t* chunk, size_t bytes) {
  // What is mapped here next is not forbidden.
  ASAN_UNPOISON_MEMORY_REGION(chunk, bytes);
  munmap(chunk, bytes);
}

}  // namespace

void* mapZeroed(size_t bytes) {
  void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  return mapped;
}

void unmapZeroed(void* mapped, size_t bytes) { munmap(mapped, bytes); }

SlotMemory::SlotMemory(size_t slotBytes)
    : slotBytes_(slotBytes),
      chunks_(chunkCountMax),
      taken_(chunkCountMax) {
  while (shift_ < 16 && (slotBytes << (shift_ + 1)) <= chunkBytesAim) shift_ += 1;
  mask_ = (1u << shift_) - 1;
  const size_t bytes = slotBytes << shift_;
  chunkBytes_ = (bytes + hugePageBytes - 1) / hugePageBytes * hugePageBytes;
}

SlotMemory::~SlotMemory() {
  for (size_t chunk = 0; chunk < chunkCountMax; chunk += 1) {
    uint8_t* mapped = chunks_[chunk].load(std::memory_order_relaxed);
    if (mapped != nullptr) unmapChunk(mapped, chunkBytes_);
  }
}

uint8_t* SlotMemory::take(uint32_t slot) {
  uint8_t* bytes = reserve(slot);
  if (bytes != nullptr) std::memset(bytes, 0, slotBytes_);
  return bytes;
}

uint8_t* SlotMemory::reserve(uint32_t slot) {
  const size_t chunk = slot >> shift_;
  if (chunk >= chunkCountMax) return nullptr;
  if (chunks_[chunk].load(std::memory_order_relaxed) == nullptr) {
    uint8_t* mapped = mapChunk(chunkBytes_);
    if (mapped == nullptr) return nullptr;
    mappedBytes_.fetch_add(chunkBytes_, std::memory_order_relaxed);
    chunks_[chunk].store(mapped, std::memory_order_release);
  }
  taken_[chunk] += 1;
  return at(slot);
}

void SlotMemory::release(uint32_t slot) {
  const size_t chunk = slot >> shift_;
  taken_[chunk] -= 1;
  if (taken_[chunk] > 0) return;
  unmapChunk(chunks_[chunk].load(std::memory_order_relaxed), chunkBytes_);
  chunks_[chunk].store(nullptr, std::memory_order_release);
  mappedBytes_.fetch_sub(chunkBytes_, std::memory_order_relaxed);
}

void SlotMemory::forbid(uint32_t slot) {
  if (isMapped(slot)) ASAN_POISON_MEMORY_REGION(at(slot), slotBytes_);
}

void SlotMemory::allow(uint32_t slot) {
  if (isMapped(slot)) ASAN_UNPOISON_MEMORY_REGION(at(slot), slotBytes_);
}

}  // namespace lodestone
