// An index in the pool that serves it: one caller who writes, and one who asks and waits for the
// answer, while the pool's threads search and build.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "engine.h"
#include "pool.h"

class PooledIndex {
 public:
  PooledIndex(size_t dimensions, const BuildOptions& options);
  ~PooledIndex() { pool_.stop(); }

  /// The writer waits while the tail is longer, as a server's clients do.
  void add(uint32_t id, const float* vector, uint64_t tailMax);
  /// Until everything is in the graph.
  void flush();
  /// Returns seconds until the answer was there.
  double ask(const float* query, uint32_t ef);
  lodestone::Index& index() { return hosted_->index; }

 private:
  void waitForTail(uint64_t tailMax);
  size_t dimensions_;
  std::shared_ptr<lodestone::PoolIndex> hosted_;
  std::mutex mutex_;
  std::condition_variable told_;
  bool isTold_ = false;
  std::vector<lodestone::SearchTask> tasks_;
  std::vector<lodestone::Answer> answers_;
  lodestone::Pool pool_;
};
