// Everything replaced ten times, against a fresh build of what is there in the end: recall, nodes
// that no walk reaches, and memory, as the kernel counts it and as the system does.
//
// Each round gives every document another one's vector, in an order of its own, while the pool's
// threads build; the last round gives it its own. What waits for the graph holds memory twice, as
// the old version and the new one, so the writer waits while that is more than a fiftieth.
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <random>

#include <unistd.h>

#include "commands.h"
#include "dataset.h"
#include "figures.h"
#include "kernel-index.h"
#include "pooled-index.h"

namespace {

double residentBytes() {
  FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  double pages = 0;
  if (std::fscanf(file, "%*s %lf", &pages) != 1) pages = 0;
  std::fclose(file);
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double mappedBytes(const lodestone::Index& index) {
  const lodestone::Progress progress = index.progress();
  return static_cast<double>(progress.valueBytes + progress.graphBytes + progress.tableBytes);
}

void replaceAll(PooledIndex& pooled, const Dataset& dataset, uint32_t rounds, uint64_t tailMax) {
  const size_t count = dataset.vectors.rows;
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 random(1);
  for (uint32_t round = 0; round <= rounds; round += 1) {
    std::shuffle(order.begin(), order.end(), random);
    const size_t shift = count / (rounds + 1) * (rounds - round);
    const double start = secondsNow();
    for (const uint32_t id : order) {
      pooled.add(id, dataset.vectors.row((id + shift) % count), tailMax);
    }
    pooled.flush();
    std::printf("%s %u: %.2f s, %.1f MB\n", round == 0 ? "first build" : "replaced",
                round, secondsNow() - start, mappedBytes(pooled.index()) / 1e6);
    std::fflush(stdout);
  }
}

}  // namespace

void runChurn(const Options& options) {
  const Dataset dataset = openDataset(options);
  const BuildOptions build = options.build();
  const double residentBefore = residentBytes();
  const std::unique_ptr<lodestone::Index> fresh = makeIndex(dataset.vectors.columns, build);
  addAndBuild(*fresh, dataset.vectors, dataset.vectors.rows, build.threads);
  const double residentFresh = residentBytes() - residentBefore;
  PooledIndex pooled(dataset.vectors.columns, build);
  const uint32_t tail = std::max(512u, static_cast<uint32_t>(dataset.vectors.rows / 50));
  replaceAll(pooled, dataset, options.number("rounds", 10), options.number("tail", tail));
  lodestone::Index& churned = pooled.index();
  const double residentChurned = residentBytes() - residentBefore - residentFresh;

  Report report("churn", options);
  Matrix<uint32_t> found(dataset.queries.rows, neighborCount);
  double worst = -1;
  std::vector<Point> curves[2];
  for (const uint32_t ef : options.numbers("ef", {10, 20, 40, 80, 128, 400})) {
    for (const int which : {0, 1}) {
      const lodestone::Index& index = which == 0 ? *fresh : churned;
      std::vector<double> seconds;
      for (uint32_t round = 0; round < options.repeat(); round += 1) {
        seconds.push_back(searchAll(index, dataset.queries, ef, 1, found));
      }
      curves[which].push_back({ef, recallOf(found, dataset.neighbors),
                               static_cast<double>(dataset.queries.rows) / median(seconds)});
    }
    const Point& before = curves[0].back();
    const Point& after = curves[1].back();
    worst = std::max(worst, before.recall - after.recall);
    std::printf("  ef %4u  fresh %.4f at %.0f queries/s, replaced %.4f at %.0f\n", ef,
                before.recall, before.queriesPerSecond, after.recall, after.queriesPerSecond);
  }
  report.bar("recall lost to replacing, at the worst ef", worst, 0.005, true);
  report.bar("live vectors that no walk reaches", churned.countUnreachable(), 0, true);
  report.bar("memory over a fresh build's, as the kernel counts",
             mappedBytes(churned) / mappedBytes(*fresh), 1.05, true);
  report.bar("memory over a fresh build's, as the system counts",
             residentChurned / residentFresh, 1.05, true);
  report.json.member("dataset", dataset.name)
      .member("engines", Json()
                             .member("fresh", curveJson(0, curves[0]))
                             .member("replaced", curveJson(0, curves[1])));
  report.write();
}
