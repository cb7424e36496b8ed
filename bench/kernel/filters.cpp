// Filtered searches of the kernel beside hnswlib's and a plain scan of what passes, in turns. Each
// graph is asked at the smallest ef that finds 99 % of the true neighbors under that filter; where
// hnswlib finds them at none, its largest ef stands.
#include <algorithm>
#include <cstdio>
#include <functional>

#include "commands.h"
#include "figures.h"
#include "filter-cases.h"
#include "hnswlib-filters.h"
#include "kernel-index.h"

namespace {

constexpr double recallWanted = 0.99;

using Rows = std::vector<uint32_t>;
using Search = std::function<void(size_t query, uint32_t ef, const FilterCase& one, Rows& rows)>;

struct Runner {
  std::string name;
  std::vector<uint32_t> efs;
  Search search;
};

struct Figures {
  uint32_t ef = 0;
  double recall = 0;
  /// Queries that got fewer than ten, although ten pass.
  size_t shortCount = 0;
  double seconds = 0;
  std::vector<double> runs;
};

void runOnce(const Runner& runner, const FilterCase& one, uint32_t ef, Figures& figures) {
  std::vector<Rows> answers(one.truths.size());
  const double start = secondsNow();
  for (size_t query = 0; query < answers.size(); query += 1) {
    runner.search(query, ef, one, answers[query]);
  }
  figures.seconds = secondsNow() - start;
  figures.ef = ef;
  figures.shortCount = 0;
  size_t hits = 0;
  size_t wanted = 0;
  for (size_t query = 0; query < answers.size(); query += 1) {
    const Rows& truth = one.truths[query];
    const Rows& found = answers[query];
    figures.shortCount += found.size() < truth.size();
    wanted += truth.size();
    for (const uint32_t row : found) {
      hits += static_cast<size_t>(std::count(truth.begin(), truth.end(), row));
    }
  }
  figures.recall = wanted == 0 ? 1 : static_cast<double>(hits) / static_cast<double>(wanted);
}

Figures chooseEf(const Runner& runner, const FilterCase& one) {
  Figures figures;
  for (const uint32_t ef : runner.efs) {
    runOnce(runner, one, ef, figures);
    if (figures.recall >= recallWanted) break;
  }
  return figures;
}

void printCase(const FilterCase& one, const std::vector<Runner>& runners,
               const std::vector<Figures>& all, Json& json) {
  const double count = static_cast<double>(one.truths.size());
  const double ours = median(all[0].runs);
  std::printf("%-14s %6.2f %%", one.name.c_str(), one.share * 100);
  json.member("name", one.name).member("share", one.share);
  for (size_t at = 0; at < runners.size(); at += 1) {
    const Figures& figures = all[at];
    const double seconds = median(figures.runs);
    std::printf("  %s ef %4u recall %.4f short %zu %7.0f/s", runners[at].name.c_str(), figures.ef,
                figures.recall, figures.shortCount, count / seconds);
    if (at > 0) std::printf(" (%.1fx)", seconds / ours);
    Json engine;
    engine.member("ef", figures.ef).member("recall", figures.recall);
    engine.member("shortAnswers", static_cast<double>(figures.shortCount));
    json.member(runners[at].name, engine.member("queriesPerSecond", count / seconds));
  }
  std::printf("\n");
  std::fflush(stdout);
}

struct Kernel {
  std::unique_ptr<lodestone::Index> index;
  lodestone::SearchScratch scratch;
  lodestone::SearchResult result;
};

Runner kernelRunner(Kernel& kernel, const Dataset& dataset, const Options& options) {
  const Search search = [&](size_t query, uint32_t ef, const FilterCase& one, Rows& rows) {
    const std::vector<uint32_t>& words = one.filterOf(query);
    const lodestone::IdFilter filter{words.data(), words.size()};
    lodestone::SearchRequest request;
    request.query = dataset.queries.row(query);
    request.k = neighborCount;
    request.ef = ef;
    request.filter = &filter;
    kernel.index->nearest(request, kernel.scratch, kernel.result);
    rows.clear();
    for (const lodestone::Neighbor& one : kernel.result.neighbors) rows.push_back(one.id);
  };
  return {"lodestone", options.numbers("ef", {10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 400}),
          search};
}

void barsFor(const std::vector<FilterCase>& cases, const std::vector<Figures>& ours,
             const std::vector<double>& ratios, Report& report) {
  double leastRecall = 1;
  size_t shortCount = 0;
  for (const Figures& figures : ours) {
    leastRecall = std::min(leastRecall, figures.recall);
    shortCount += figures.shortCount;
  }
  report.bar("least recall of all filters", leastRecall, recallWanted);
  report.bar("answers of fewer than pass", static_cast<double>(shortCount), 0, true);
  for (size_t at = 0; at < ratios.size(); at += 1) {
    if (cases[at].share > 0.1) continue;
    report.bar("queries/s over hnswlib, " + cases[at].name, ratios[at], 10);
  }
}

}  // namespace

void runFilters(const Options& options) {
  Dataset dataset = openDataset(options);
  dataset.queries.keepRows(options.number("queries", 200));
  const std::vector<FilterCase> cases = makeFilterCases(options, dataset);
  Kernel kernel;
  kernel.index = makeIndex(dataset.vectors.columns, options.build());
  addAndBuild(*kernel.index, dataset.vectors, dataset.vectors.rows, options.build().threads);
  std::vector<Runner> runners{kernelRunner(kernel, dataset, options)};
  std::unique_ptr<HnswlibFilters> hnswlib;
  if (options.text("engines", "hnswlib").find("hnswlib") != std::string::npos) {
    hnswlib = std::make_unique<HnswlibFilters>(dataset.vectors, options.build());
    runners.push_back({"hnswlib", {10, 20, 40, 80, 160, 320, 640},
                       [&](size_t query, uint32_t ef, const FilterCase& one, Rows& rows) {
                         hnswlib->nearest(dataset.queries.row(query), ef, one.filterOf(query),
                                          rows);
                       }});
  }
  runners.push_back({"scan", {0}, [&](size_t query, uint32_t, const FilterCase& one, Rows& rows) {
                       rows = scanFiltered(dataset.vectors, dataset.queries.row(query),
                                           one.filterOf(query), neighborCount);
                     }});
  Report report("filters", options);
  std::vector<Json> lines;
  std::vector<Figures> ours;
  std::vector<double> ratios;
  for (const FilterCase& one : cases) {
    std::vector<Figures> all;
    for (const Runner& runner : runners) all.push_back(chooseEf(runner, one));
    for (uint32_t round = 0; round < options.repeat(); round += 1) {
      for (size_t at = 0; at < runners.size(); at += 1) {
        runOnce(runners[at], one, all[at].ef, all[at]);
        all[at].runs.push_back(all[at].seconds);
      }
    }
    lines.emplace_back();
    printCase(one, runners, all, lines.back());
    ours.push_back(all[0]);
    if (hnswlib) ratios.push_back(median(all[1].runs) / median(all[0].runs));
  }
  barsFor(cases, ours, ratios, report);
  report.json.member("dataset", dataset.name).member("cases", lines);
  report.write();
}
