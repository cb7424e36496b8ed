// Latency of one caller's searches through the pool, idle and while a writer adds vectors as fast
// as the graph takes them in; in turns, so that both see the same sizes and the same host.
#include <atomic>
#include <cstdio>
#include <thread>

#include "commands.h"
#include "dataset.h"
#include "figures.h"
#include "pooled-index.h"

namespace {

struct Percentiles {
  std::vector<double> median;
  std::vector<double> p99;
  void take(const std::vector<double>& seconds) {
    median.push_back(percentile(seconds, 0.5) * 1e6);
    p99.push_back(percentile(seconds, 0.99) * 1e6);
  }
};

}  // namespace

void runLatency(const Options& options) {
  const Dataset dataset = openDataset(options);
  const size_t count = dataset.vectors.rows;
  const uint32_t rounds = options.repeat();
  const uint32_t ef = options.number("ef", 64);
  const uint32_t searches = options.number("searches", 5000);
  const uint64_t tailMax = options.number("tail", 1024);
  PooledIndex pooled(dataset.vectors.columns, options.build());
  uint32_t added = 0;
  const auto addUpTo = [&](size_t end) {
    for (; added < end; added += 1) pooled.add(added, dataset.vectors.row(added), tailMax);
    pooled.flush();
  };
  addUpTo(count / 2);
  Percentiles idle;
  Percentiles busy;
  std::vector<double> rates;
  std::vector<double> seconds;
  for (uint32_t round = 0; round < rounds; round += 1) {
    seconds.clear();
    while (seconds.size() < searches) {
      seconds.push_back(pooled.ask(dataset.queries.row(seconds.size() % dataset.queries.rows), ef));
    }
    idle.take(seconds);
    seconds.clear();
    std::atomic<bool> isBuilding{true};
    const double start = secondsNow();
    const uint32_t before = added;
    std::thread writer([&] {
      addUpTo(count / 2 + count / 2 * (round + 1) / rounds);
      isBuilding = false;
    });
    while (isBuilding) {
      seconds.push_back(pooled.ask(dataset.queries.row(seconds.size() % dataset.queries.rows), ef));
    }
    writer.join();
    rates.push_back((added - before) / (secondsNow() - start));
    busy.take(seconds);
    std::printf("  idle p50 %4.0f us, p99 %4.0f us; building p50 %4.0f us, p99 %4.0f us (%zu)\n",
                idle.median.back(), idle.p99.back(), busy.median.back(), busy.p99.back(),
                seconds.size());
    std::fflush(stdout);
  }
  Report report("latency", options);
  std::printf("idle p99 %.0f us; while %.0f vectors/s come in p99 %.0f us\n", median(idle.p99),
              median(rates), median(busy.p99));
  report.bar("p99 while building over idle p99", median(busy.p99) / median(idle.p99), 3, true);
  report.json.member("dataset", dataset.name)
      .member("idleP99Microseconds", median(idle.p99))
      .member("buildingP99Microseconds", median(busy.p99))
      .member("vectorsPerSecond", median(rates));
  report.write();
}
