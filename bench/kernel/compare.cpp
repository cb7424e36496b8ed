// Builds the engines in turns, then lets them answer in turns for each ef, so that a busy minute of
// the host falls on all of them; medians over the repetitions. Ratios are taken at equal recall.
#include <cstdio>

#include "commands.h"
#include "dataset.h"
#include "figures.h"

namespace {

struct Run {
  std::unique_ptr<Engine> engine;
  std::vector<double> buildSeconds;
  std::vector<Point> curve;
};

std::vector<Run> prepareAll(const Options& options, const Dataset& dataset) {
  std::vector<Run> runs;
  for (const std::string& name : split(options.text("engines", "lodestone,hnswlib"))) {
    Run run;
    run.engine = makeEngine(name, options.build());
    const std::string reason = run.engine->prepare(dataset.vectors, dataset.queries);
    if (reason.empty()) {
      runs.push_back(std::move(run));
    } else {
      std::printf("%s: skipped: %s\n", name.c_str(), reason.c_str());
    }
  }
  return runs;
}

void buildAll(std::vector<Run>& runs, const Options& options) {
  for (uint32_t round = 0; round < options.buildRepeat(); round += 1) {
    for (Run& run : runs) run.buildSeconds.push_back(run.engine->build(options.build()));
  }
  for (const Run& run : runs) {
    std::printf("%s: built in %.2f s, %u threads; %s\n", run.engine->name(),
                median(run.buildSeconds), options.build().threads,
                run.engine->describe().c_str());
  }
  std::fflush(stdout);
}

void searchAll(std::vector<Run>& runs, const Options& options, const Dataset& dataset) {
  const std::vector<uint32_t> efs = options.numbers(
      "ef", {10, 14, 20, 28, 40, 56, 80, 112, 128, 160, 224, 320, 400});
  Matrix<uint32_t> found(dataset.queries.rows, neighborCount);
  const double count = static_cast<double>(dataset.queries.rows);
  // The first searches find nothing in the cache.
  for (Run& run : runs) run.engine->search(efs.back(), found);
  for (const uint32_t ef : efs) {
    std::vector<std::vector<double>> seconds(runs.size());
    std::vector<double> recalls(runs.size());
    std::vector<double> hops(runs.size());
    for (uint32_t round = 0; round < options.repeat(); round += 1) {
      for (size_t at = 0; at < runs.size(); at += 1) {
        const uint64_t hopsBefore = runs[at].engine->hopCount();
        seconds[at].push_back(runs[at].engine->search(ef, found));
        hops[at] = static_cast<double>(runs[at].engine->hopCount() - hopsBefore) / count;
        recalls[at] = recallOf(found, dataset.neighbors);
      }
    }
    for (size_t at = 0; at < runs.size(); at += 1) {
      const Point point{ef, recalls[at], count / median(seconds[at])};
      runs[at].curve.push_back(point);
      std::printf("  ef %4u  %-10s recall %.4f  %7.0f queries/s", ef, runs[at].engine->name(),
                  point.recall, point.queriesPerSecond);
      std::printf(hops[at] > 0 ? "  %6.1f hops\n" : "\n", hops[at]);
    }
    std::fflush(stdout);
  }
}

void compareWith(const Run& ours, const Run& peer, Report& report) {
  const std::string name = peer.engine->name();
  const bool isHnswlib = name == "hnswlib";
  for (const auto& [recall, text, bar] :
       {std::tuple(0.95, "0.95", isHnswlib ? 3.0 : 1.0),
        std::tuple(0.99, "0.99", isHnswlib ? 4.0 : 1.0)}) {
    const double theirs = speedAt(peer.curve, recall);
    if (theirs == 0) {
      std::printf("%s does not reach recall %s at these ef\n", name.c_str(), text);
      continue;
    }
    report.bar("queries/s at recall " + std::string(text) + " over " + name,
               speedAt(ours.curve, recall) / theirs, bar);
  }
  if (!isHnswlib) return;
  report.bar("building, the same threads, over hnswlib",
             median(peer.buildSeconds) / median(ours.buildSeconds), 2);
}

}  // namespace

void runCompare(const Options& options) {
  const Dataset dataset = openDataset(options);
  std::vector<Run> runs = prepareAll(options, dataset);
  buildAll(runs, options);
  searchAll(runs, options, dataset);
  Report report("compare", options);
  Json engines;
  for (const Run& run : runs) {
    std::printf("%s: queries/s at recall 0.95 %.0f, 0.99 %.0f, 0.995 %.0f, 0.999 %.0f\n",
                run.engine->name(), speedAt(run.curve, 0.95), speedAt(run.curve, 0.99),
                speedAt(run.curve, 0.995), speedAt(run.curve, 0.999));
    engines.member(run.engine->name(), curveJson(median(run.buildSeconds), run.curve));
  }
  for (size_t at = 1; at < runs.size(); at += 1) compareWith(runs[0], runs[at], report);
  report.json.member("dataset", dataset.name).member("engines", engines);
  report.write();
}
