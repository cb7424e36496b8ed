// Choosing and answering; see filter-cases.h.
#include "filter-cases.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <numeric>

namespace {

constexpr double shares[] = {50, 10, 5, 1, 0.1, 0.01};
/// The near cluster's middle: a neighbor of the query, but not the nearest.
constexpr size_t nearAnchor = 10;

struct Scored {
  float product;
  uint32_t row;
  bool operator<(const Scored& other) const {
    return product > other.product || (product == other.product && row < other.row);
  }
};

float multiply(const float* left, const float* right, size_t count) {
  float sums[32] = {};
  size_t at = 0;
  for (; at + 32 <= count; at += 32) {
    for (size_t lane = 0; lane < 32; lane += 1) sums[lane] += left[at + lane] * right[at + lane];
  }
  for (; at < count; at += 1) sums[0] += left[at] * right[at];
  return std::accumulate(sums, sums + 32, 0.0f);
}

bool passes(const std::vector<uint32_t>& filter, uint32_t row) {
  return (filter[row / 32] >> row % 32 & 1) != 0;
}

void multiplyAll(const Matrix<float>& vectors, const float* query, std::vector<Scored>& into) {
  into.resize(vectors.rows);
  for (uint32_t row = 0; row < vectors.rows; row += 1) {
    into[row] = {multiply(vectors.row(row), query, vectors.columns), row};
  }
}

std::vector<uint32_t> filterOfRows(const std::vector<Scored>& rows, size_t count, size_t total) {
  std::vector<uint32_t> words(total / 32 + 1, 0);
  for (size_t at = 0; at < count; at += 1) words[rows[at].row / 32] |= 1u << rows[at].row % 32;
  return words;
}

std::vector<uint32_t> randomFilter(size_t total, double share) {
  std::vector<uint32_t> words(total / 32 + 1, 0);
  for (uint32_t row = 0; row < total; row += 1) {
    const double place = static_cast<double>(row * 2654435761u) / 4294967296.0;
    if (place < share) words[row / 32] |= 1u << row % 32;
  }
  return words;
}

std::string valueOf(const std::string& line, const std::string& name) {
  const size_t at = line.find("\"" + name + "\": ");
  if (at == std::string::npos) return "";
  size_t first = at + name.size() + 4;
  if (line[first] == '"') first += 1;
  return line.substr(first, line.find_first_of("\",}", first) - first);
}

/// The rows whose value is the one that a share nearest to the wanted one has.
FilterCase valueFilter(const std::string& path, const std::string& name, double wanted,
                       size_t total) {
  std::ifstream file(path);
  std::vector<std::string> values;
  std::map<std::string, size_t> counts;
  for (std::string line; values.size() < total && std::getline(file, line);) {
    values.push_back(valueOf(line, name));
    counts[values.back()] += 1;
  }
  std::string best;
  double bestGap = 2;
  for (const auto& [value, count] : counts) {
    const double gap = std::fabs(static_cast<double>(count) / static_cast<double>(total) - wanted);
    if (value.empty() || gap >= bestGap) continue;
    best = value;
    bestGap = gap;
  }
  FilterCase one;
  one.name = name + " " + best;
  one.share = static_cast<double>(counts[best]) / static_cast<double>(total);
  one.filters.emplace_back(total / 32 + 1, 0);
  for (uint32_t row = 0; row < values.size(); row += 1) {
    if (values[row] == best) one.filters[0][row / 32] |= 1u << row % 32;
  }
  return one;
}

std::string percentText(double percent) {
  char text[32];
  std::snprintf(text, sizeof text, "%g %%", percent);
  return text;
}

void addClusterFilters(const Dataset& dataset, const std::vector<Scored>& sorted, bool isNear,
                       std::vector<FilterCase>& cases) {
  const Matrix<float>& vectors = dataset.vectors;
  const uint32_t anchor = sorted[isNear ? nearAnchor : sorted.size() - 1].row;
  std::vector<Scored> around;
  multiplyAll(vectors, vectors.row(anchor), around);
  std::sort(around.begin(), around.end());
  for (FilterCase& one : cases) {
    if (one.name.compare(0, 4, isNear ? "near" : "far ") != 0) continue;
    const size_t count = static_cast<size_t>(one.share * static_cast<double>(vectors.rows));
    one.filters.push_back(filterOfRows(around, count, vectors.rows));
  }
}

}  // namespace

std::vector<uint32_t> scanFiltered(const Matrix<float>& vectors, const float* query,
                                   const std::vector<uint32_t>& filter, size_t count) {
  std::vector<Scored> best;
  for (size_t word = 0; word < filter.size(); word += 1) {
    for (uint32_t bits = filter[word]; bits != 0; bits &= bits - 1) {
      const uint32_t row = static_cast<uint32_t>(word * 32) +
                           static_cast<uint32_t>(__builtin_ctz(bits));
      const Scored scored{multiply(vectors.row(row), query, vectors.columns), row};
      if (best.size() == count && !(scored < best.back())) continue;
      if (best.size() == count) best.pop_back();
      best.insert(std::upper_bound(best.begin(), best.end(), scored), scored);
    }
  }
  std::vector<uint32_t> rows;
  for (const Scored& scored : best) rows.push_back(scored.row);
  return rows;
}

std::vector<FilterCase> makeFilterCases(const Options& options, const Dataset& dataset) {
  const size_t total = dataset.vectors.rows;
  std::vector<FilterCase> cases;
  for (const double percent : shares) {
    cases.push_back({"random " + percentText(percent), percent / 100,
                     {randomFilter(total, percent / 100)}, {}});
  }
  for (const std::string kind : {"near ", "far "}) {
    for (const double percent : shares) {
      cases.push_back({kind + percentText(percent), percent / 100, {}, {}});
    }
  }
  const std::string passages = options.text("dataset") + "/passages.jsonl";
  if (std::ifstream(passages).good()) {
    cases.push_back(valueFilter(passages, "source", 0.14, total));
    cases.push_back(valueFilter(passages, "year", 0.1, total));
  }
  std::vector<Scored> sorted;
  for (size_t query = 0; query < dataset.queries.rows; query += 1) {
    multiplyAll(dataset.vectors, dataset.queries.row(query), sorted);
    std::sort(sorted.begin(), sorted.end());
    addClusterFilters(dataset, sorted, true, cases);
    addClusterFilters(dataset, sorted, false, cases);
    for (FilterCase& one : cases) {
      std::vector<uint32_t> truth;
      for (size_t at = 0; at < total && truth.size() < neighborCount; at += 1) {
        if (passes(one.filterOf(query), sorted[at].row)) truth.push_back(sorted[at].row);
      }
      one.truths.push_back(std::move(truth));
    }
  }
  return cases;
}
