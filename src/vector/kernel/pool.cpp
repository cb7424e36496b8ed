// The threads' loops and what wakes them; see pool.h.
#include "pool.h"

#include <algorithm>
#include <new>

#if defined(__linux__)
#include <pthread.h>
#endif

#include "graph-check.h"

namespace lodestone {

namespace {

/// So long after a search another one is expected, and a processor is left to it.
constexpr std::chrono::milliseconds searchExpected(10);
/// Under searches this part of the threads builds, and at least one.
constexpr size_t buildShare = 4;
/// Shorter steps are over before another thread has woken up to help.
constexpr std::chrono::microseconds helpWorth(100);
/// Between two small batches of an index that asks for a rest.
constexpr std::chrono::milliseconds buildRest(10);
/// When a phase has nothing left to claim, or waits for an old search, and nobody says when it ends.
constexpr std::chrono::microseconds waitAtMost(500);

/// Whoever looks at a busy process sees who is busy.
void nameThread(const char* name) {
#if defined(__linux__)
  pthread_setname_np(pthread_self(), name);
#else
  (void)name;
#endif
}

void pushWide(uint64_t number, std::vector<uint32_t>& figures) {
  figures.push_back(static_cast<uint32_t>(number));
  figures.push_back(static_cast<uint32_t>(number >> 32));
}

uint32_t microseconds(PoolClock::duration duration) {
  using std::chrono::microseconds;
  const int64_t count = std::chrono::duration_cast<microseconds>(duration).count();
  return static_cast<uint32_t>(std::max<int64_t>(0, std::min<int64_t>(count, UINT32_MAX)));
}

void noteFigures(const SearchResult& result, PoolClock::duration waited,
                 PoolClock::duration searched, std::vector<uint32_t>& figures) {
  figures = {microseconds(waited), microseconds(searched)};
  for (const uint64_t count : {result.hopCount, result.codeDistanceCount, result.rerankedCount,
                               result.tailCount, result.scannedCount}) {
    figures.push_back(static_cast<uint32_t>(std::min<uint64_t>(count, UINT32_MAX)));
  }
}

void noteChecksums(const GraphChecksums& sums, const GraphFaults& faults,
                   std::vector<uint32_t>& figures) {
  pushWide(sums.whole, figures);
  pushWide(sums.sequence, figures);
  figures.insert(figures.end(), {sums.nodeCount, sums.tombstoneCount, sums.slotsPerRange});
  figures.insert(figures.end(), {faults.unreachable, faults.brokenLinks, faults.wrongInLinkCounts,
                                 faults.strayNodes, faults.wrongLevels});
  for (const uint64_t range : sums.ranges) pushWide(range, figures);
}

}  // namespace

struct Pool::Searcher {
  SearchScratch scratch;
  SearchResult result;
};

Pool::Pool(uint32_t threadCount, std::function<void()> tell)
    : threadCount_(threadCount), tell_(std::move(tell)) {}

void Pool::host(std::shared_ptr<PoolIndex> index) {
  std::lock_guard<std::mutex> guard(mutex_);
  hosted_.push_back(std::move(index));
  // Not before: most processes of tests and tools never have an index.
  while (!isStopping_ && threads_.size() < 2 * threadCount_) {
    threads_.emplace_back([this] { runSearches(); });
    threads_.emplace_back([this] { runBuilding(); });
  }
}

void Pool::retire(const std::shared_ptr<PoolIndex>& index) {
  std::lock_guard<std::mutex> guard(mutex_);
  const auto found = std::find(hosted_.begin(), hosted_.end(), index);
  if (found == hosted_.end()) return;
  retired_.push_back(std::move(*found));
  hosted_.erase(found);
  index->isRetired = true;
  wakeBuilder();
}

void Pool::submit(std::vector<SearchTask>& tasks) {
  std::lock_guard<std::mutex> guard(mutex_);
  for (SearchTask& task : tasks) tasks_.push_back(std::move(task));
  lastSearch_ = PoolClock::now();
  const size_t woken = std::min(tasks.size(), idleSearchers_);
  for (size_t count = 0; count < woken; count += 1) wakeSearch_.notify_one();
  tasks.clear();
}

void Pool::changed(PoolIndex& index) {
  std::lock_guard<std::mutex> guard(mutex_);
  index.wakeCount += 1;
  if (index.mayBuild || index.isBroken) return;
  index.mayBuild = true;
  wakeBuilder();
}

void Pool::watch(PoolIndex& index, uint64_t sequence, uint32_t ticket) {
  std::lock_guard<std::mutex> guard(mutex_);
  index.watches.push_back({sequence, ticket});
  answerWatches(index);
}

void Pool::checksum(PoolIndex& index, uint32_t ticket) {
  std::unique_lock<std::mutex> lock(mutex_);
  index.checksumTickets.push_back(ticket);
  if (index.isBroken) return answerChecksums(lock, index);
  // Even if there is nothing to build: a thread that builds is who looks for tickets.
  index.wakeCount += 1;
  index.mayBuild = true;
  wakeBuilder();
}

void Pool::dump(PoolIndex& index) {
  endDump(index);
  std::shared_ptr<LinkDump> dump = index.index.dump();
  {
    std::lock_guard<std::mutex> guard(mutex_);
    if (index.isBroken) dump->fail();
    index.dump = std::move(dump);
  }
  changed(index);
}

void Pool::endDump(PoolIndex& index) {
  std::lock_guard<std::mutex> guard(mutex_);
  if (index.dump != nullptr) index.dump->fail();
  answerPieces(index);
  index.dump.reset();
}

void Pool::dumpPiece(PoolIndex& index, uint32_t ticket) {
  {
    std::lock_guard<std::mutex> guard(mutex_);
    index.pieceTickets.push_back(ticket);
    answerPieces(index);
  }
  // There may be room for one more.
  changed(index);
}

void Pool::awaitLoad(PoolIndex& index, uint32_t ticket) {
  std::lock_guard<std::mutex> guard(mutex_);
  index.loadTickets.push_back(ticket);
  answerLoads(index);
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
    wakeSearch_.notify_all();
    wakeBuild_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  tasks_.clear();
  hosted_.clear();
  retired_.clear();
}

void Pool::runSearches() {
  nameThread("search");
  Searcher searcher;
  std::unique_lock<std::mutex> lock(mutex_);
  while (!isStopping_) {
    if (!tasks_.empty()) {
      answerNext(lock, searcher);
      continue;
    }
    idleSearchers_ += 1;
    wakeSearch_.wait(lock);
    idleSearchers_ -= 1;
  }
}

void Pool::answerNext(std::unique_lock<std::mutex>& lock, Searcher& searcher) {
  SearchTask task = std::move(tasks_.front());
  tasks_.pop_front();
  const bool isWanted = !task.lease->hosted->isRetired;
  lock.unlock();
  if (isWanted) {
    Answer answer;
    answer.ticket = task.ticket;
    if (PoolClock::now() > task.deadline) {
      answer.status = AnswerStatus::Late;
    } else {
      search(task, searcher, answer);
    }
    push(std::move(answer));
  }
  // The last to let go of an index frees it: here, without the lock.
  task = SearchTask();
  lock.lock();
}

void Pool::search(const SearchTask& task, Searcher& searcher, Answer& answer) {
  SearchRequest request;
  request.query = task.query;
  request.k = task.k;
  request.ef = task.ef;
  request.filter = task.hasFilter ? &task.filter : nullptr;
  request.sequence = task.lease->sequence;
  request.deadline = task.deadline;
  const Index& index = task.lease->hosted->index;
  const PoolClock::time_point start = task.wantsFigures ? PoolClock::now() : task.asked;
  try {
    if (task.kind == SearchKind::Nearest) {
      index.nearest(request, searcher.scratch, searcher.result);
    } else {
      index.withinRange(request, task.radius, searcher.scratch, searcher.result);
    }
    if (searcher.result.isLate) {
      answer.status = AnswerStatus::Late;
      return;
    }
    answer.method = searcher.result.method;
    if (task.wantsFigures) {
      noteFigures(searcher.result, start - task.asked, PoolClock::now() - start, answer.figures);
    }
    answer.neighbors.swap(searcher.result.neighbors);
  } catch (const std::bad_alloc&) {
    // What is left in a scratch after an allocation that failed is of no use to the next search.
    searcher.scratch = SearchScratch();
    searcher.result = SearchResult();
    answer.status = AnswerStatus::OutOfMemory;
  }
}

void Pool::runBuilding() {
  nameThread("build");
  std::unique_lock<std::mutex> lock(mutex_);
  while (!isStopping_) {
    if (!retired_.empty()) {
      freeRetired(lock);
      continue;
    }
    std::shared_ptr<PoolIndex> index = nextToBuild();
    const bool mayBuild = index != nullptr;
    const bool isTooMany = buildingCount_ >= buildersAllowed();
    if (mayBuild && !isTooMany && build(lock, std::move(index))) continue;
    if (!mayBuild) {
      idleBuilders_ += 1;
      if (hasResting_) {
        wakeBuild_.wait_for(lock, buildRest);
      } else {
        wakeBuild_.wait(lock);
      }
      idleBuilders_ -= 1;
    } else if (isTooMany) {
      wakeBuild_.wait_for(lock, searchExpected);
    } else {
      idleBuilders_ += 1;
      wakeBuild_.wait_for(lock, waitAtMost);
      idleBuilders_ -= 1;
    }
  }
}

size_t Pool::buildersAllowed() const {
  const size_t count = threadCount_;
  if (PoolClock::now() > lastSearch_ + searchExpected) return count;
  const size_t searching = count - std::min<size_t>(count, idleSearchers_);
  const size_t left = count > searching + 1 ? count - searching - 1 : 0;
  return std::max<size_t>({left, count / buildShare, 1});
}

void Pool::freeRetired(std::unique_lock<std::mutex>& lock) {
  std::vector<std::shared_ptr<PoolIndex>> retired;
  retired.swap(retired_);
  lock.unlock();
  retired.clear();
  lock.lock();
}

std::shared_ptr<PoolIndex> Pool::nextToBuild() {
  hasResting_ = false;
  for (size_t turn = 0; turn < hosted_.size(); turn += 1) {
    nextHosted_ = (nextHosted_ + 1) % hosted_.size();
    const std::shared_ptr<PoolIndex>& next = hosted_[nextHosted_];
    if (!next->mayBuild) continue;
    if (PoolClock::now() >= next->restsUntil) return next;
    hasResting_ = true;
  }
  return nullptr;
}

/// Whether the step did anything.
bool Pool::build(std::unique_lock<std::mutex>& lock, std::shared_ptr<PoolIndex> index) {
  const uint64_t wakeCount = index->wakeCount;
  buildingCount_ += 1;
  lock.unlock();
  const PoolClock::time_point start = PoolClock::now();
  BuildStep step = BuildStep::OutOfMemory;
  try {
    std::unique_ptr<BuildScratch> scratch = index->takeScratch();
    step = index->index.buildStep(*scratch);
    index->giveScratch(std::move(scratch));
  } catch (const std::bad_alloc&) {
    // The step is half done, and so is the graph's next batch: what is there stays as it is.
    step = BuildStep::OutOfMemory;
  }
  const bool isLong = PoolClock::now() - start >= helpWorth;
  lock.lock();
  buildingCount_ -= 1;
  noteStep(*index, step, wakeCount);
  if (!index->checksumTickets.empty()) answerChecksums(lock, *index);
  const bool hasRun = step == BuildStep::Ran || step == BuildStep::Rest;
  if (step == BuildStep::Ran && isLong) wakeBuilder();
  if (index.use_count() == 1) {
    lock.unlock();
    index.reset();
    lock.lock();
  }
  return hasRun;
}

void Pool::noteStep(PoolIndex& index, BuildStep step, uint64_t wakeCount) {
  index.isBroken |= step == BuildStep::OutOfMemory;
  if (step == BuildStep::Rest) index.restsUntil = PoolClock::now() + buildRest;
  const bool isIdle = step == BuildStep::Idle && index.wakeCount == wakeCount;
  if (isIdle || index.isBroken) index.mayBuild = false;
  if (index.isBroken && index.dump != nullptr) index.dump->fail();
  answerWatches(index);
  answerPieces(index);
  answerLoads(index);
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

void Pool::answerPieces(PoolIndex& index) {
  while (!index.pieceTickets.empty()) {
    Answer answer;
    const LinkDump::Taken taken =
        index.dump == nullptr ? LinkDump::Taken::Failed : index.dump->take(answer.figures);
    if (taken == LinkDump::Taken::NotYet) return;
    if (taken == LinkDump::Taken::Failed) answer.status = AnswerStatus::OutOfMemory;
    answer.ticket = index.pieceTickets.front();
    index.pieceTickets.erase(index.pieceTickets.begin());
    push(std::move(answer));
  }
}

void Pool::answerLoads(PoolIndex& index) {
  const LoadState state = index.index.state().loadState.load();
  const bool isKnown = state != LoadState::Held && state != LoadState::Loading;
  if (!isKnown && !index.isBroken) return;
  for (const uint32_t ticket : index.loadTickets) {
    Answer answer;
    answer.ticket = ticket;
    answer.status = isKnown ? AnswerStatus::Done : AnswerStatus::OutOfMemory;
    push(std::move(answer));
  }
  index.loadTickets.clear();
}

/// Whoever comes while a batch is under way tries again after the next step.
void Pool::answerChecksums(std::unique_lock<std::mutex>& lock, PoolIndex& index) {
  if (!index.isBroken && !index.index.builder().pause()) return;
  std::vector<uint32_t> tickets;
  tickets.swap(index.checksumTickets);
  Answer answer;
  answer.status = index.isBroken ? AnswerStatus::OutOfMemory : AnswerStatus::Done;
  lock.unlock();
  if (answer.status == AnswerStatus::Done) {
    const GraphFaults faults = findFaults(index.index.state());
    noteChecksums(index.index.checksums(), faults, answer.figures);
    index.index.builder().unpause();
  }
  for (const uint32_t ticket : tickets) {
    answer.ticket = ticket;
    push(answer);
  }
  lock.lock();
}

void Pool::wakeBuilder() {
  if (idleBuilders_ > 0) wakeBuild_.notify_one();
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
