// Reading, making, cutting and rotating; see dataset.h.
#include "dataset.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <random>
#include <thread>

#include "exact-scan.h"
#include "synthetic.h"

namespace {

namespace files = std::filesystem;

/// As many as a dataset folder holds for each query.
constexpr size_t storedNeighbors = 100;
constexpr uint64_t rotationSeed = 7;

void normalize(Matrix<float>& matrix) {
  for (size_t row = 0; row < matrix.rows; row += 1) {
    double sum = 0;
    for (size_t at = 0; at < matrix.columns; at += 1) {
      sum += matrix.row(row)[at] * matrix.row(row)[at];
    }
    const float factor = sum > 0 ? static_cast<float>(1 / std::sqrt(sum)) : 0;
    for (size_t at = 0; at < matrix.columns; at += 1) matrix.row(row)[at] *= factor;
  }
}

/// Rows are orthonormal: random directions, each made perpendicular to those before.
Matrix<float> randomFrame(size_t rows, size_t columns) {
  std::mt19937_64 random(rotationSeed);
  std::normal_distribution<double> normal;
  std::vector<std::vector<double>> frame(rows, std::vector<double>(columns));
  Matrix<float> result(rows, columns);
  for (size_t row = 0; row < rows; row += 1) {
    std::vector<double>& direction = frame[row];
    for (double& value : direction) value = normal(random);
    for (size_t before = 0; before < row; before += 1) {
      double product = 0;
      for (size_t at = 0; at < columns; at += 1) product += direction[at] * frame[before][at];
      for (size_t at = 0; at < columns; at += 1) direction[at] -= product * frame[before][at];
    }
    double sum = 0;
    for (const double value : direction) sum += value * value;
    for (size_t at = 0; at < columns; at += 1) {
      direction[at] /= std::sqrt(sum);
      result.row(row)[at] = static_cast<float>(direction[at]);
    }
  }
  return result;
}

/// The same distances in more dimensions: each old one becomes a random direction of the new space.
void rotateTo(Matrix<float>& matrix, const Matrix<float>& frame) {
  Matrix<float> wide(matrix.rows, frame.columns);
  const size_t threadCount = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < threadCount; thread += 1) {
    threads.emplace_back([&, thread] {
      for (size_t row = thread; row < matrix.rows; row += threadCount) {
        float* to = wide.row(row);
        for (size_t old = 0; old < matrix.columns; old += 1) {
          const float value = matrix.row(row)[old];
          const float* direction = frame.row(old);
          for (size_t at = 0; at < frame.columns; at += 1) to[at] += value * direction[at];
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  matrix = std::move(wide);
}

SyntheticOptions syntheticOptions(const Options& options) {
  SyntheticOptions synthetic;
  synthetic.count = options.number("count", 100000);
  synthetic.dimensions = options.number("dimensions", 384);
  synthetic.clusters = options.number("clusters", 0);
  synthetic.queryCount = options.number("queries", 1000);
  synthetic.seed = options.number("seed", 1);
  return synthetic;
}

}  // namespace

std::string syntheticFolder(const Options& options) {
  const SyntheticOptions synthetic = syntheticOptions(options);
  const std::string name = options.text("synthetic") + "-" + std::to_string(synthetic.count) +
                           "x" + std::to_string(synthetic.dimensions) + "-c" +
                           std::to_string(clusterCount(synthetic)) + "-q" +
                           std::to_string(synthetic.queryCount) + "-s" +
                           std::to_string(synthetic.seed);
  const std::string folder = options.text("cache") + "/" + name;
  // Written last, so a folder that has it is whole.
  if (files::exists(folder + "/neighbors.npy")) return folder;
  std::printf("making %s ...\n", folder.c_str());
  std::fflush(stdout);
  files::create_directories(folder);
  Matrix<float> vectors;
  Matrix<float> queries;
  makeClustered(synthetic, vectors, queries);
  const ExactNeighbors exact = scanExactly(vectors, vectors.rows, queries, storedNeighbors);
  writeNpy(folder + "/vectors.npy", vectors);
  writeNpy(folder + "/queries.npy", queries);
  writeNpy(folder + "/distances.npy", exact.distances);
  writeNpy(folder + "/neighbors.npy.part", exact.rows);
  files::rename(folder + "/neighbors.npy.part", folder + "/neighbors.npy");
  return folder;
}

Dataset openDataset(const Options& options) {
  const bool isMade = options.has("synthetic");
  const std::string folder = isMade ? syntheticFolder(options) : options.text("dataset");
  Dataset dataset;
  dataset.name = files::path(folder).lexically_normal().filename().string();
  dataset.vectors = readNpy<float>(folder + "/vectors.npy");
  dataset.queries = readNpy<float>(folder + "/queries.npy");
  dataset.neighbors = readNpy<uint32_t>(folder + "/neighbors.npy");
  normalize(dataset.vectors);
  normalize(dataset.queries);
  dataset.queries.keepRows(options.number("queries", ~0u));
  dataset.neighbors.keepRows(dataset.queries.rows);
  const size_t limit = options.number("limit", ~0u);
  if (limit < dataset.vectors.rows) {
    dataset.vectors.keepRows(limit);
    dataset.neighbors = scanExactly(dataset.vectors, limit, dataset.queries, storedNeighbors).rows;
  }
  if (dataset.neighbors.columns < neighborCount) fail(folder + " holds fewer than ten vectors");
  const size_t columns = options.number("rotate-to", 0);
  if (columns > 0) {
    if (columns < dataset.vectors.columns) fail("--rotate-to takes more dimensions, not fewer");
    const Matrix<float> frame = randomFrame(dataset.vectors.columns, columns);
    rotateTo(dataset.vectors, frame);
    rotateTo(dataset.queries, frame);
    dataset.name += "-rotated";
  }
  std::printf("%s: %zu x %zu, %zu queries\n", dataset.name.c_str(), dataset.vectors.rows,
              dataset.vectors.columns, dataset.queries.rows);
  std::fflush(stdout);
  return dataset;
}
