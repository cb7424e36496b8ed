// Two groups take turns: any number of searches, or any number of threads that apply edits to
// different blocks, never both. A reader-writer lock would let one applying thread in at a time.
//
// Whoever waits gets the next turn, so that neither a stream of searches holds up the graph nor a
// build the searches; a turn of applying is kept to some ten microseconds by its caller.
#pragma once

#include <condition_variable>
#include <mutex>

namespace lodestone {

class TurnLock {
 public:
  void beginSearch() {
    std::unique_lock<std::mutex> guard(mutex_);
    waitingSearches_ += 1;
    changed_.wait(guard, [this] {
      return applying_ == 0 && (waitingAppliers_ == 0 || isTurnOfSearches_);
    });
    waitingSearches_ -= 1;
    searching_ += 1;
    if (waitingSearches_ == 0) isTurnOfSearches_ = false;
  }

  void endSearch() {
    std::lock_guard<std::mutex> guard(mutex_);
    searching_ -= 1;
    if (searching_ == 0 && waitingAppliers_ > 0) changed_.notify_all();
  }

  void beginApply() {
    std::unique_lock<std::mutex> guard(mutex_);
    waitingAppliers_ += 1;
    changed_.wait(guard, [this] {
      return searching_ == 0 && !(isTurnOfSearches_ && waitingSearches_ > 0);
    });
    waitingAppliers_ -= 1;
    applying_ += 1;
  }

  void endApply() {
    std::lock_guard<std::mutex> guard(mutex_);
    applying_ -= 1;
    if (applying_ > 0) return;
    isTurnOfSearches_ = waitingSearches_ > 0;
    if (isTurnOfSearches_ || waitingAppliers_ > 0) changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int searching_ = 0;
  int applying_ = 0;
  int waitingSearches_ = 0;
  int waitingAppliers_ = 0;
  bool isTurnOfSearches_ = false;
};

class SearchTurn {
 public:
  explicit SearchTurn(TurnLock& lock) : lock_(lock) { lock_.beginSearch(); }
  ~SearchTurn() { lock_.endSearch(); }
  SearchTurn(const SearchTurn&) = delete;

 private:
  TurnLock& lock_;
};

class ApplyTurn {
 public:
  explicit ApplyTurn(TurnLock& lock) : lock_(lock) { lock_.beginApply(); }
  ~ApplyTurn() { lock_.endApply(); }
  ApplyTurn(const ApplyTurn&) = delete;

 private:
  TurnLock& lock_;
};

}  // namespace lodestone
