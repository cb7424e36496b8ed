// One engine as JavaScript holds it: a pool, its indexes by number, and the way back to the event loop.
//
// It lives until its environment ends, since JavaScript may keep its functions that long; closed, it
// is an empty shell whose functions do nothing, but those of its float store. All of it runs on the
// event loop except `tell`.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include <node_api.h>

#include "batch-memory.h"
#include "batch.h"

namespace lodestone {

class EngineBinding {
 public:
  EngineBinding(napi_env env, uint32_t threadCount);
  ~EngineBinding() { close(); }
  EngineBinding(const EngineBinding&) = delete;

  /// False, with an exception in JavaScript, where the environment gives no function.
  bool open(napi_value onAnswers);
  /// Joins the threads.
  void close();

  bool isOpen() const { return pool_ != nullptr; }
  uint32_t create(const Parameters& parameters);
  void drop(uint32_t number);
  std::shared_ptr<PoolIndex> find(uint32_t number) const;
  Pool& pool() { return *pool_; }
  FloatStore& store() { return store_; }
  const char* submit(const uint32_t* words, size_t count);
  /// The number of a copy, which never changes.
  uint32_t keepFilter(const uint32_t* words, size_t count);
  void dropFilter(uint32_t number) { filters_.erase(number); }
  /// Words written; where the next answer needs more than there is room for, that many, negative.
  double takeAnswers(uint32_t* into, size_t room);

 private:
  const napi_env env_;
  napi_threadsafe_function tell_ = nullptr;
  /// Kept when the engine is closed: fields of the caller's still lie in it.
  FloatStore store_;
  std::unique_ptr<Pool> pool_;
  std::unordered_map<uint32_t, std::shared_ptr<PoolIndex>> indexes_;
  uint32_t nextNumber_ = 1;
  std::unordered_map<uint32_t, std::shared_ptr<const FilterWords>> filters_;
  uint32_t nextFilter_ = 1;
  const std::shared_ptr<BatchMemory> memory_ = std::make_shared<BatchMemory>();
  /// Taken from the pool, and from `taken_[first_]` on not yet by JavaScript.
  std::vector<Answer> taken_;
  size_t first_ = 0;
};

}  // namespace lodestone
