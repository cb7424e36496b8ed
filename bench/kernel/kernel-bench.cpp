// Builds each engine once over a dataset folder, then lets them answer in turns, so that a busy
// minute of the host falls on all of them. Prints seconds of building and, for each ef, the
// recall@10 and queries per second of one thread: medians over the repetitions.
//
// Options: --dataset DIR [--engines lodestone,hnswlib] [--threads N] [--repeat N] [--m N]
// [--ef-construction N] [--sign-bits N] [--batch N] [--ef 10,20,…] [--spread D] [--limit N]
// [--queries N] [--json FILE].
#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

#include "engine.h"

namespace {

struct Options {
  std::string dataset;
  std::string engines = "lodestone,hnswlib";
  std::string json;
  BuildOptions build;
  int repeat = 5;
  size_t spread = 0;
  size_t limit = 0;
  size_t queries = 0;
  std::vector<uint32_t> efs = {10, 14, 20, 28, 40, 56, 80, 112, 128, 160, 224, 320, 400};
};

struct Point {
  uint32_t ef;
  double recall;
  double queriesPerSecond;
  double hops;
};

struct Run {
  std::unique_ptr<Engine> engine;
  double buildSeconds = 0;
  std::vector<Point> curve;
};

double secondsNow() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char letter : text) {
    if (letter == ',') {
      parts.emplace_back();
    } else {
      parts.back() += letter;
    }
  }
  return parts;
}

Options readOptions(int count, char** words) {
  Options options;
  for (int at = 1; at + 1 < count; at += 2) {
    const std::string name = words[at];
    const std::string value = words[at + 1];
    const uint32_t number = static_cast<uint32_t>(std::strtoul(value.c_str(), nullptr, 10));
    if (name == "--dataset") options.dataset = value;
    if (name == "--engines") options.engines = value;
    if (name == "--json") options.json = value;
    if (name == "--threads") options.build.threads = number;
    if (name == "--repeat") options.repeat = static_cast<int>(number);
    if (name == "--m") options.build.m = number;
    if (name == "--ef-construction") options.build.efConstruction = number;
    if (name == "--sign-bits") options.build.signBits = number;
    if (name == "--batch") options.build.batchLimit = number;
    if (name == "--spread") options.spread = number;
    if (name == "--limit") options.limit = number;
    if (name == "--queries") options.queries = number;
    if (name == "--ef") {
      options.efs.clear();
      for (const std::string& part : split(value)) {
        options.efs.push_back(static_cast<uint32_t>(std::strtoul(part.c_str(), nullptr, 10)));
      }
    }
  }
  if (options.dataset.empty()) {
    std::fprintf(stderr, "--dataset DIR is missing\n");
    std::exit(2);
  }
  return options;
}

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

/// The same distances in more dimensions: each old one becomes a random direction, by Householder
/// reflections, of the new space.
void spreadOver(Matrix<float>& matrix, size_t columns) {
  Matrix<float> wide{matrix.rows, columns, std::vector<float>(matrix.rows * columns, 0.0f)};
  std::mt19937_64 random(7);
  std::normal_distribution<float> normal;
  std::vector<std::vector<float>> mirrors(16, std::vector<float>(columns));
  for (std::vector<float>& mirror : mirrors) {
    double sum = 0;
    for (float& value : mirror) {
      value = normal(random);
      sum += value * value;
    }
    for (float& value : mirror) value /= static_cast<float>(std::sqrt(sum));
  }
  for (size_t row = 0; row < matrix.rows; row += 1) {
    float* to = wide.row(row);
    std::copy(matrix.row(row), matrix.row(row) + matrix.columns, to);
    for (const std::vector<float>& mirror : mirrors) {
      float product = 0;
      for (size_t at = 0; at < columns; at += 1) product += mirror[at] * to[at];
      for (size_t at = 0; at < columns; at += 1) to[at] -= 2 * product * mirror[at];
    }
  }
  matrix = std::move(wide);
}

/// Exact neighbors of a part of the set, for --limit.
void findNeighbors(const Matrix<float>& vectors, const Matrix<float>& queries,
                   Matrix<uint32_t>& neighbors) {
  std::vector<std::pair<float, uint32_t>> all(vectors.rows);
  for (size_t query = 0; query < queries.rows; query += 1) {
    for (uint32_t row = 0; row < vectors.rows; row += 1) {
      float product = 0;
      for (size_t at = 0; at < vectors.columns; at += 1) {
        product += vectors.row(row)[at] * queries.row(query)[at];
      }
      all[row] = {-product, row};
    }
    std::partial_sort(all.begin(), all.begin() + 10, all.end());
    for (size_t at = 0; at < 10; at += 1) neighbors.row(query)[at] = all[at].second;
  }
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Point measure(Engine& engine, uint32_t ef, const Matrix<float>& queries,
              const Matrix<uint32_t>& neighbors) {
  std::vector<uint32_t> rows(queries.rows * 10);
  const uint64_t hopsBefore = engine.hopCount();
  const double start = secondsNow();
  for (size_t query = 0; query < queries.rows; query += 1) {
    engine.search(queries.row(query), ef, &rows[query * 10]);
  }
  const double seconds = secondsNow() - start;
  size_t hits = 0;
  for (size_t query = 0; query < queries.rows; query += 1) {
    const uint32_t* truth = neighbors.row(query);
    for (size_t at = 0; at < 10; at += 1) {
      hits += std::find(truth, truth + 10, rows[query * 10 + at]) != truth + 10;
    }
  }
  const double count = static_cast<double>(queries.rows);
  return {ef, static_cast<double>(hits) / (count * 10), count / seconds,
          static_cast<double>(engine.hopCount() - hopsBefore) / count};
}

/// Queries per second at a recall, between the curve's points (logarithmic in speed); 0 if beyond.
double speedAt(const std::vector<Point>& curve, double recall) {
  for (size_t at = 0; at < curve.size(); at += 1) {
    if (curve[at].recall < recall) continue;
    if (at == 0) return curve[0].queriesPerSecond;
    const Point& low = curve[at - 1];
    const Point& high = curve[at];
    const double part = (recall - low.recall) / (high.recall - low.recall);
    return std::exp(std::log(low.queriesPerSecond) * (1 - part) +
                    std::log(high.queriesPerSecond) * part);
  }
  return 0;
}

void writeJson(const std::string& path, const std::vector<Run>& runs, const Options& options) {
  FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) std::exit(2);
  std::fprintf(file, "{\"threads\":%u,\"m\":%u,\"efConstruction\":%u,\"engines\":{",
               options.build.threads, options.build.m, options.build.efConstruction);
  for (size_t at = 0; at < runs.size(); at += 1) {
    std::fprintf(file, "%s\"%s\":{\"buildSeconds\":%.3f,\"curve\":[", at > 0 ? "," : "",
                 runs[at].engine->name(), runs[at].buildSeconds);
    for (size_t point = 0; point < runs[at].curve.size(); point += 1) {
      const Point& found = runs[at].curve[point];
      std::fprintf(file, "%s{\"ef\":%u,\"recall\":%.5f,\"queriesPerSecond\":%.1f}",
                   point > 0 ? "," : "", found.ef, found.recall, found.queriesPerSecond);
    }
    std::fprintf(file, "]}");
  }
  std::fprintf(file, "}}\n");
  std::fclose(file);
}

void measureAll(std::vector<Run>& runs, const Options& options, const Matrix<float>& queries,
                const Matrix<uint32_t>& neighbors) {
  for (const uint32_t ef : options.efs) {
    std::vector<std::vector<double>> speeds(runs.size());
    std::vector<Point> points(runs.size());
    for (int round = 0; round < options.repeat; round += 1) {
      for (size_t at = 0; at < runs.size(); at += 1) {
        points[at] = measure(*runs[at].engine, ef, queries, neighbors);
        speeds[at].push_back(points[at].queriesPerSecond);
      }
    }
    for (size_t at = 0; at < runs.size(); at += 1) {
      points[at].queriesPerSecond = median(speeds[at]);
      runs[at].curve.push_back(points[at]);
      std::printf("  ef %4u  %-10s recall %.4f  %7.0f queries/s  %6.1f hops\n", ef,
                  runs[at].engine->name(), points[at].recall, points[at].queriesPerSecond,
                  points[at].hops);
    }
    std::fflush(stdout);
  }
}

}  // namespace

int main(int count, char** words) {
  const Options options = readOptions(count, words);
  Matrix<float> vectors = readNpy<float>(options.dataset + "/vectors.npy");
  Matrix<float> queries = readNpy<float>(options.dataset + "/queries.npy");
  Matrix<uint32_t> neighbors = readNpy<uint32_t>(options.dataset + "/neighbors.npy");
  if (options.limit > 0 && options.limit < vectors.rows) {
    vectors.rows = options.limit;
    queries.rows = std::min<size_t>(queries.rows, 500);
    findNeighbors(vectors, queries, neighbors);
  }
  if (options.queries > 0) queries.rows = std::min(queries.rows, options.queries);
  if (options.spread > vectors.columns) {
    spreadOver(vectors, options.spread);
    spreadOver(queries, options.spread);
  }
  normalize(vectors);
  normalize(queries);
  std::vector<Run> runs;
  for (const std::string& name : split(options.engines)) {
    Run run;
    run.engine = name == "hnswlib" ? makeHnswlibEngine() : makeKernelEngine();
    const double start = secondsNow();
    run.engine->build(vectors, options.build);
    run.buildSeconds = secondsNow() - start;
    std::printf("%s: built in %.2f s, %u threads; %s\n", name.c_str(), run.buildSeconds,
                options.build.threads, run.engine->describe().c_str());
    std::fflush(stdout);
    runs.push_back(std::move(run));
  }
  measureAll(runs, options, queries, neighbors);
  for (const Run& run : runs) {
    std::printf("%s: queries/s at recall 0.95 %.0f, 0.99 %.0f, 0.995 %.0f, 0.999 %.0f\n",
                run.engine->name(), speedAt(run.curve, 0.95), speedAt(run.curve, 0.99),
                speedAt(run.curve, 0.995), speedAt(run.curve, 0.999));
  }
  if (!options.json.empty()) writeJson(options.json, runs, options);
  return 0;
}
