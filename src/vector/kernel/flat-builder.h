// Takes the sequence of changes into an index without a graph: new vectors get codes, removed ones
// are freed once no search can see them.
//
// Steps are run by any threads. A batch is cut wherever the sequence is just then: nothing that a
// search answers depends on it, unlike a graph. Whatever has no code yet is measured on its values.
//
// A turn of applying waits for every scan that runs and holds up the next, so after a small batch
// the pool lets the index rest for a while.
#pragma once

#include <mutex>
#include <set>
#include <vector>

#include "builder.h"

namespace lodestone {

class FlatBuilder {
 public:
  explicit FlatBuilder(IndexState& state) : state_(state) {}

  BuildStep step();

 private:
  void encodeNext(std::unique_lock<std::mutex>& guard);
  bool mayFree() const;
  void collect();
  void plan(uint32_t record);
  void finishBatch();
  void free(uint32_t record);

  IndexState& state_;
  std::mutex mutex_;
  bool isAdvancing_ = false;
  bool isCollected_ = false;
  /// Of the batch: where it ends, records that get a code, and how many of them are claimed and
  /// done.
  uint64_t end_ = 0;
  std::vector<uint32_t> batch_;
  size_t next_ = 0;
  size_t done_ = 0;
  /// Removed, in order, and maybe visible to a search that runs.
  std::vector<uint32_t> removed_;
  bool hasCodes_ = false;
  /// Live records before the first code.
  std::set<uint32_t> uncoded_;
};

}  // namespace lodestone
