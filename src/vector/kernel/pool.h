// The threads of all indexes: some search, as many others build, fewer of them under searches.
//
// - Searches come in batches, and so do answers: whoever finds the list of answers empty tells the
//   caller, who takes all there are.
// - While searches come, a processor is left to them, but some threads go on building: else a tail
//   would stay long, each search would scan all of it, and no time would be left to shorten it.
//   Rejected, measured: one set of threads that turns to searches between two steps (searches wait
//   for steps, and longer for the ends of phases), and a lower priority for those who build (a load
//   without searches came into the graph at two thirds of the speed).
// - An index that nobody uses any more is freed here, not where it was closed: unmapping takes long.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "pool-index.h"

namespace lodestone {

using PoolClock = std::chrono::steady_clock;

enum class SearchKind : uint32_t { Nearest, WithinRange };
enum class AnswerStatus : uint32_t { Done, Late, OutOfMemory };

using FilterWords = std::vector<uint32_t>;

struct SearchTask {
  uint32_t ticket = 0;
  SearchKind kind = SearchKind::Nearest;
  uint32_t k = 0;
  uint32_t ef = 0;
  float radius = 0;
  bool hasFilter = false;
  IdFilter filter;
  const uint8_t* query = nullptr;
  PoolClock::time_point asked;
  PoolClock::time_point deadline = PoolClock::time_point::max();
  bool wantsFigures = false;
  std::shared_ptr<SnapshotLease> lease;
  /// What `query` and `filter` point into; shared by the searches that came together.
  std::shared_ptr<std::vector<uint32_t>> memory;
  /// What `filter` points into where it is one that searches share.
  std::shared_ptr<const FilterWords> kept;
};

struct Answer {
  uint32_t ticket = 0;
  AnswerStatus status = AnswerStatus::Done;
  SearchMethod method = SearchMethod::Empty;
  std::vector<Neighbor> neighbors;
  /// What else was asked for; see addon/batch.h.
  std::vector<uint32_t> figures;
};

class Pool {
 public:
  /// `tell` runs on the pool's threads.
  Pool(uint32_t threadCount, std::function<void()> tell);
  ~Pool() { stop(); }

  void host(std::shared_ptr<PoolIndex> index);
  /// Its searches end unanswered.
  void retire(const std::shared_ptr<PoolIndex>& index);
  void submit(std::vector<SearchTask>& tasks);
  /// The index has changes that no thread knows of yet.
  void changed(PoolIndex& index);
  /// Answers the ticket once everything before `sequence` is in the graph.
  void watch(PoolIndex& index, uint64_t sequence, uint32_t ticket);
  /// Answers the ticket with the graph's checksums, once no batch is under way.
  void checksum(PoolIndex& index, uint32_t ticket);
  /// Begins a dump, where the caller has sealed; the one before it fails.
  void dump(PoolIndex& index);
  void endDump(PoolIndex& index);
  /// Answers the ticket with the next piece of the dump; with none where it ends.
  void dumpPiece(PoolIndex& index, uint32_t ticket);
  /// Answers the ticket once it is known whether the links were taken.
  void awaitLoad(PoolIndex& index, uint32_t ticket);
  /// All there are, oldest first; nothing throws.
  void takeAnswers(std::vector<Answer>& into);
  bool isBroken(const PoolIndex& index);
  /// Ends and joins the threads; nothing is answered any more.
  void stop();

 private:
  struct Searcher;
  void runSearches();
  void runBuilding();
  void answerNext(std::unique_lock<std::mutex>& lock, Searcher& searcher);
  void search(const SearchTask& task, Searcher& searcher, Answer& answer);
  void freeRetired(std::unique_lock<std::mutex>& lock);
  size_t buildersAllowed() const;
  std::shared_ptr<PoolIndex> nextToBuild();
  bool build(std::unique_lock<std::mutex>& lock, std::shared_ptr<PoolIndex> index);
  void noteStep(PoolIndex& index, BuildStep step, uint64_t wakeCount);
  void answerWatches(PoolIndex& index);
  void answerPieces(PoolIndex& index);
  void answerLoads(PoolIndex& index);
  void answerChecksums(std::unique_lock<std::mutex>& lock, PoolIndex& index);
  void wakeBuilder();
  void push(Answer answer);

  const uint32_t threadCount_;
  const std::function<void()> tell_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable wakeSearch_;
  std::condition_variable wakeBuild_;
  bool isStopping_ = false;
  size_t idleSearchers_ = 0;
  size_t idleBuilders_ = 0;
  size_t buildingCount_ = 0;
  PoolClock::time_point lastSearch_ = PoolClock::time_point::min();
  std::deque<SearchTask> tasks_;
  std::vector<std::shared_ptr<PoolIndex>> hosted_;
  std::vector<std::shared_ptr<PoolIndex>> retired_;
  size_t nextHosted_ = 0;
  /// Whether the last look for an index to build met one that rests.
  bool hasResting_ = false;
  std::mutex answersMutex_;
  std::vector<Answer> answers_;
};

}  // namespace lodestone
