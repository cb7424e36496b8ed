// What a unit of work costs on this host: starts as a guess, then follows what searches took. Only
// plans depend on it, never which answers are right.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace lodestone {

class CostMeter {
 public:
  explicit CostMeter(float guessNanoseconds) : nanoseconds_(guessNanoseconds) {}

  float nanoseconds() const { return nanoseconds_.load(std::memory_order_relaxed); }

  /// Short runs say more about the clock and the cache than about the unit.
  void note(std::chrono::steady_clock::time_point start, uint64_t units) {
    if (units < unitsMin) return;
    const std::chrono::duration<float, std::nano> spent = std::chrono::steady_clock::now() - start;
    const float measured = spent.count() / static_cast<float>(units);
    const float known = nanoseconds();
    // A thread that was put aside in between must not turn the plans upside down.
    const float held = measured < known * 4 ? measured : known * 4;
    // Threads that note together may lose one of the notes, which does not matter.
    nanoseconds_.store(known + (held - known) / 16, std::memory_order_relaxed);
  }

 private:
  static constexpr uint64_t unitsMin = 64;
  std::atomic<float> nanoseconds_;
};

/// How often something failed of late, 0 to 1; forgets while it is not tried, so that it is tried
/// again.
class FailureMeter {
 public:
  float share() const { return share_.load(std::memory_order_relaxed); }
  void note(bool hasFailed) { move(hasFailed ? 1 : 0, 1.0f / 16); }
  void noteUntried() { move(0, 1.0f / 512); }

 private:
  void move(float towards, float part) {
    const float known = share();
    share_.store(known + (towards - known) * part, std::memory_order_relaxed);
  }
  std::atomic<float> share_{0};
};

}  // namespace lodestone
