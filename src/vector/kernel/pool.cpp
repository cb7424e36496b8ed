// The threads' loop and what wakes them; see pool.h.
#include "pool.h"

#include <algorithm>
#include <new>

#if defined(__linux__)
#include <pthread.h>
#endif

namespace lodestone {

namespace {

using Nanoseconds = std::chrono::nanoseconds;

/// For each second of searching, so much of building while there is something to build.
constexpr double buildShare = 0.5;
/// Below it the share is saved up.
constexpr Nanoseconds buildSlice = std::chrono::milliseconds(1);
/// Shorter steps are over before another thread has woken up to help.
constexpr Nanoseconds helpWorth = std::chrono::microseconds(100);
/// When a phase has nothing left to claim, or waits for an old search, and nobody says when it ends.
constexpr Nanoseconds waitAtMost = std::chrono::microseconds(500);

}  // namespace

struct Pool::Worker {
  SearchScratch scratch;
  SearchResult result;
  Nanoseconds owed{0};
};

Pool::Pool(uint32_t threadCount, std::function<void()> tell)
    : threadCount_(threadCount), tell_(std::move(tell)) {}

void Pool::host(std::shared_ptr<PoolIndex> index) {
  std::lock_guard<std::mutex> guard(mutex_);
  hosted_.push_back(std::move(index));
  // Not before: most processes of tests and tools never have an index.
  while (!isStopping_ && threads_.size() < threadCount_) threads_.emplace_back([this] { run(); });
}

void Pool::retire(const std::shared_ptr<PoolIndex>& index) {
  std::lock_guard<std::mutex> guard(mutex_);
  const auto found = std::find(hosted_.begin(), hosted_.end(), index);
  if (found == hosted_.end()) return;
  retired_.push_back(std::move(*found));
  hosted_.erase(found);
  index->isRetired = true;
  wakeOne();
}

void Pool::submit(std::vector<SearchTask>& tasks) {
  std::lock_guard<std::mutex> guard(mutex_);
  for (SearchTask& task : tasks) tasks_.push_back(std::move(task));
  for (size_t woken = 0; woken < std::min(tasks.size(), sleeperCount_); woken += 1) {
    wake_.notify_one();
  }
  tasks.clear();
}

void Pool::changed(PoolIndex& index) {
  std::lock_guard<std::mutex> guard(mutex_);
  index.wakeCount += 1;
  if (index.mayBuild || index.isBroken) return;
  index.mayBuild = true;
  wakeOne();
}

void Pool::watch(PoolIndex& index, uint64_t sequence, uint32_t ticket) {
  std::lock_guard<std::mutex> guard(mutex_);
  index.watches.push_back({sequence, ticket});
  answerWatches(index);
}

bool Pool::isBroken(const PoolIndex& index) {
  std::lock_guard<std::mutex> guard(mutex_);
  return index.isBroken;
}

void Pool::takeAnswers(std::vector<Answer>& into) {
  into.clear();
  std::lock_guard<std::mutex> guard(answersMutex_);
  into.swap(answers_);
}

void Pool::stop() {
  {
    std::lock_guard<std::mutex> guard(mutex_);
    isStopping_ = true;
    wake_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  tasks_.clear();
  hosted_.clear();
  retired_.clear();
}

void Pool::run() {
#if defined(__linux__)
  // Whoever looks at a busy process sees who is busy.
  pthread_setname_np(pthread_self(), "search");
#endif
  Worker worker;
  std::unique_lock<std::mutex> lock(mutex_);
  while (!isStopping_) {
    if (runNext(lock, worker)) continue;
    // What has just been built in may have left a helper, or a phase, waiting.
    const bool mayBuild = std::any_of(hosted_.begin(), hosted_.end(),
                                      [](const auto& index) { return index->mayBuild; });
    sleeperCount_ += 1;
    if (mayBuild) {
      wake_.wait_for(lock, waitAtMost);
    } else {
      wake_.wait(lock);
    }
    sleeperCount_ -= 1;
  }
}

/// Whether there was anything to do.
bool Pool::runNext(std::unique_lock<std::mutex>& lock, Worker& worker) {
  if (!retired_.empty()) {
    std::vector<std::shared_ptr<PoolIndex>> retired;
    retired.swap(retired_);
    lock.unlock();
    retired.clear();
    lock.lock();
    return true;
  }
  if (tasks_.empty() || worker.owed >= buildSlice) {
    std::shared_ptr<PoolIndex> index = nextToBuild();
    if (index != nullptr && build(lock, std::move(index), worker)) return true;
    worker.owed = Nanoseconds(0);
  }
  if (tasks_.empty()) return false;
  SearchTask task = std::move(tasks_.front());
  tasks_.pop_front();
  if (!tasks_.empty()) wakeOne();
  const bool isWanted = !task.lease->hosted->isRetired;
  lock.unlock();
  if (isWanted) answerSearch(task, worker);
  // The last to let go of an index frees it: here, without the lock.
  task = SearchTask();
  lock.lock();
  return true;
}

void Pool::answerSearch(const SearchTask& task, Worker& worker) {
  const PoolClock::time_point start = PoolClock::now();
  Answer answer;
  answer.ticket = task.ticket;
  if (start > task.deadline) {
    answer.status = AnswerStatus::Late;
  } else {
    search(task, worker, answer);
  }
  push(std::move(answer));
  worker.owed += std::chrono::duration_cast<Nanoseconds>((PoolClock::now() - start) * buildShare);
}

void Pool::search(const SearchTask& task, Worker& worker, Answer& answer) {
  SearchRequest request;
  request.query = task.query;
  request.k = task.k;
  request.ef = task.ef;
  request.filter = task.hasFilter ? &task.filter : nullptr;
  request.sequence = task.lease->sequence;
  const Index& index = task.lease->hosted->index;
  try {
    if (task.kind == SearchKind::Nearest) {
      index.nearest(request, worker.scratch, worker.result);
    } else {
      index.withinRange(request, task.radius, worker.scratch, worker.result);
    }
    answer.method = worker.result.method;
    answer.neighbors.swap(worker.result.neighbors);
  } catch (const std::bad_alloc&) {
    // What is left in a scratch after an allocation that failed is of no use to the next search.
    worker.scratch = SearchScratch();
    worker.result = SearchResult();
    answer.status = AnswerStatus::OutOfMemory;
  }
}

std::shared_ptr<PoolIndex> Pool::nextToBuild() {
  for (size_t turn = 0; turn < hosted_.size(); turn += 1) {
    nextHosted_ = (nextHosted_ + 1) % hosted_.size();
    if (hosted_[nextHosted_]->mayBuild) return hosted_[nextHosted_];
  }
  return nullptr;
}

/// Whether the step did anything.
bool Pool::build(std::unique_lock<std::mutex>& lock, std::shared_ptr<PoolIndex> index,
                 Worker& worker) {
  const uint64_t wakeCount = index->wakeCount;
  lock.unlock();
  const PoolClock::time_point start = PoolClock::now();
  BuildStep step = BuildStep::OutOfMemory;
  bool isBroken = false;
  try {
    std::unique_ptr<BuildScratch> scratch = index->takeScratch();
    step = index->index.buildStep(*scratch);
    index->giveScratch(std::move(scratch));
  } catch (const std::bad_alloc&) {
    isBroken = true;
  }
  const Nanoseconds spent = PoolClock::now() - start;
  worker.owed = std::max(Nanoseconds(0), worker.owed - spent);
  lock.lock();
  index->isBroken |= isBroken;
  noteStep(*index, step, wakeCount);
  const bool hasRun = step == BuildStep::Ran;
  if (hasRun && spent >= helpWorth) wakeOne();
  if (index.use_count() == 1) {
    lock.unlock();
    index.reset();
    lock.lock();
  }
  return hasRun;
}

void Pool::noteStep(PoolIndex& index, BuildStep step, uint64_t wakeCount) {
  index.isBroken |= step == BuildStep::OutOfMemory;
  const bool isIdle = step == BuildStep::Idle && index.wakeCount == wakeCount;
  if (isIdle || index.isBroken) index.mayBuild = false;
  answerWatches(index);
}

void Pool::answerWatches(PoolIndex& index) {
  if (index.watches.empty()) return;
  const uint64_t applied = index.index.state().applied.load();
  std::vector<GraphWatch>& watches = index.watches;
  for (size_t at = 0; at < watches.size();) {
    const bool isReached = applied >= watches[at].sequence;
    if (!isReached && !index.isBroken) {
      at += 1;
      continue;
    }
    Answer answer;
    answer.ticket = watches[at].ticket;
    answer.status = isReached ? AnswerStatus::Done : AnswerStatus::OutOfMemory;
    watches.erase(watches.begin() + static_cast<ptrdiff_t>(at));
    push(std::move(answer));
  }
}

void Pool::wakeOne() {
  if (sleeperCount_ > 0) wake_.notify_one();
}

void Pool::push(Answer answer) {
  bool isFirst;
  {
    std::lock_guard<std::mutex> guard(answersMutex_);
    isFirst = answers_.empty();
    answers_.push_back(std::move(answer));
  }
  if (isFirst) tell_();
}

}  // namespace lodestone
