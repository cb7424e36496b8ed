// Writing, asking and waiting; see pooled-index.h.
#include "pooled-index.h"

#include <cstring>

#include "kernel-index.h"

namespace {

constexpr std::chrono::microseconds pollEvery(200);

lodestone::Parameters parametersOf(size_t dimensions, const BuildOptions& options) {
  return makeIndex(dimensions, options)->parameters();
}

}  // namespace

PooledIndex::PooledIndex(size_t dimensions, const BuildOptions& options)
    : dimensions_(dimensions),
      hosted_(std::make_shared<lodestone::PoolIndex>(parametersOf(dimensions, options))),
      pool_(options.threads, [this] {
        std::lock_guard<std::mutex> guard(mutex_);
        isTold_ = true;
        told_.notify_one();
      }) {
  pool_.host(hosted_);
}

void PooledIndex::waitForTail(uint64_t tailMax) {
  while (index().progress().tailCount > tailMax) std::this_thread::sleep_for(pollEvery);
}

void PooledIndex::add(uint32_t id, const float* vector, uint64_t tailMax) {
  if (index().add(id, vector) != lodestone::AddResult::Added) {
    fail("the kernel ran out of memory");
  }
  pool_.changed(*hosted_);
  waitForTail(tailMax);
}

void PooledIndex::flush() {
  index().seal();
  pool_.changed(*hosted_);
  waitForTail(0);
}

double PooledIndex::ask(const float* query, uint32_t ef) {
  const double start = secondsNow();
  lodestone::SearchTask task;
  task.k = neighborCount;
  task.ef = ef;
  task.query = reinterpret_cast<const uint8_t*>(query);
  task.lease = std::make_shared<lodestone::SnapshotLease>(hosted_);
  tasks_.push_back(std::move(task));
  pool_.submit(tasks_);
  {
    std::unique_lock<std::mutex> guard(mutex_);
    told_.wait(guard, [this] { return isTold_; });
    isTold_ = false;
  }
  pool_.takeAnswers(answers_);
  return secondsNow() - start;
}
