// Two groups take turns: any number of searches, or any number of threads that apply edits to
// different blocks, never both. A reader-writer lock would let one applying thread in at a time.
//
// Whoever waits gets the next turn, so that neither a stream of searches holds up the graph nor a
// build the searches; a turn of applying is kept to some ten microseconds by its caller.
// A turn is shorter than putting a thread to sleep and waking it, so waiting starts with spinning.
#pragma once

#include <condition_variable>
#include <mutex>

namespace lodestone {

class TurnLock {
 public:
  void beginSearch() {
    std::unique_lock<std::mutex> guard(mutex_);
    waitingSearches_ += 1;
    await(guard, [this] {
      return applying_ == 0 && (waitingAppliers_ == 0 || isTurnOfSearches_);
    });
    waitingSearches_ -= 1;
    searching_ += 1;
    if (waitingSearches_ == 0) isTurnOfSearches_ = false;
  }

  void endSearch() {
    std::lock_guard<std::mutex> guard(mutex_);
    searching_ -= 1;
    if (searching_ == 0 && sleepers_ > 0) changed_.notify_all();
  }

  void beginApply() {
    std::unique_lock<std::mutex> guard(mutex_);
    waitingAppliers_ += 1;
    await(guard, [this] {
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
    if (sleepers_ > 0) changed_.notify_all();
  }

 private:
  static constexpr int spinsMax = 400;

  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }

  template <typename IsTurn>
  void await(std::unique_lock<std::mutex>& guard, IsTurn isTurn) {
    for (int spins = 0; spins < spinsMax; spins += 1) {
      if (isTurn()) return;
      guard.unlock();
      for (int pauses = 0; pauses < 8; pauses += 1) pause();
      guard.lock();
    }
    sleepers_ += 1;
    changed_.wait(guard, isTurn);
    sleepers_ -= 1;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int sleepers_ = 0;
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
