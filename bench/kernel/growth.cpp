// How cost grows: the first rows of one dataset in indexes of several sizes, searched in turns, and
// built in turns. Falls are given for a factor of ten, whatever the sizes are.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "commands.h"
#include "dataset.h"
#include "exact-scan.h"
#include "figures.h"
#include "kernel-index.h"

namespace {

struct Size {
  size_t count;
  Matrix<uint32_t> neighbors;
  std::unique_ptr<lodestone::Index> index;
  std::vector<double> buildSeconds;
  std::vector<Point> curve;
};

double perFactorOfTen(double fall, const Size& small, const Size& large) {
  const double factor = static_cast<double>(large.count) / static_cast<double>(small.count);
  return std::pow(fall, 1 / std::log10(factor));
}

double rate(const Size& size) {
  return static_cast<double>(size.count) / median(size.buildSeconds);
}

void searchSizes(std::vector<Size>& sizes, const Options& options, const Dataset& dataset) {
  Matrix<uint32_t> found(dataset.queries.rows, neighborCount);
  // The first searches find nothing in the cache.
  for (Size& size : sizes) searchAll(*size.index, dataset.queries, 100, 1, found);
  for (const uint32_t ef :
       options.numbers("ef", {10, 12, 14, 17, 20, 24, 28, 34, 40, 48, 56, 68, 80})) {
    std::vector<std::vector<double>> seconds(sizes.size());
    std::vector<double> recalls(sizes.size());
    for (uint32_t round = 0; round < options.repeat(); round += 1) {
      for (size_t at = 0; at < sizes.size(); at += 1) {
        seconds[at].push_back(searchAll(*sizes[at].index, dataset.queries, ef, 1, found));
        recalls[at] = recallOf(found, sizes[at].neighbors);
      }
    }
    for (size_t at = 0; at < sizes.size(); at += 1) {
      const double speed = static_cast<double>(dataset.queries.rows) / median(seconds[at]);
      sizes[at].curve.push_back({ef, recalls[at], speed});
      std::printf("  ef %3u  %7zu vectors  recall %.4f  %7.0f queries/s\n", ef, sizes[at].count,
                  recalls[at], speed);
    }
    std::fflush(stdout);
  }
}

}  // namespace

void runGrowth(const Options& options) {
  const Dataset dataset = openDataset(options);
  const BuildOptions build = options.build();
  std::vector<Size> sizes;
  for (const uint32_t count : options.numbers("sizes", {10000, 100000, 500000})) {
    Size size;
    size.count = std::min<size_t>(count, dataset.vectors.rows);
    size.neighbors =
        scanExactly(dataset.vectors, size.count, dataset.queries, neighborCount).rows;
    sizes.push_back(std::move(size));
  }
  for (uint32_t round = 0; round < options.buildRepeat(); round += 1) {
    for (Size& size : sizes) {
      size.index.reset();
      size.index = makeIndex(dataset.vectors.columns, build);
      size.buildSeconds.push_back(
          addAndBuild(*size.index, dataset.vectors, size.count, build.threads));
    }
  }
  searchSizes(sizes, options, dataset);
  Report report("growth", options);
  std::vector<Json> rows;
  for (const Size& size : sizes) {
    const double speed = speedAt(size.curve, 0.95);
    std::printf("%7zu vectors: %.0f queries/s at recall 0.95, %.0f vectors/s built\n", size.count,
                speed, rate(size));
    rows.push_back(curveJson(median(size.buildSeconds), size.curve).member("count", size.count));
  }
  for (size_t at = 1; at < sizes.size(); at += 1) {
    const Size& small = sizes[at - 1];
    const Size& large = sizes[at];
    const std::string where =
        " to " + std::to_string(large.count) + ", for a factor of ten";
    const double fall = speedAt(small.curve, 0.95) / speedAt(large.curve, 0.95);
    report.bar("fall of queries/s" + where, perFactorOfTen(fall, small, large), 1.3, true);
    report.bar("fall of the build rate" + where,
               perFactorOfTen(rate(small) / rate(large), small, large), 1.5, true);
  }
  report.json.member("dataset", dataset.name).member("sizes", rows);
  report.write();
}
