// The blocked scan; see exact-scan.h.
#include "exact-scan.h"

#include <algorithm>
#include <cstring>
#include <thread>
#include <utility>

namespace {

constexpr size_t lanes = 16;
typedef float Lanes __attribute__((vector_size(lanes * sizeof(float))));

constexpr size_t rowsPerBlock = 256;
/// Rows measured at a time, so that a query's values are loaded once for all of them.
constexpr size_t rowsTogether = 4;

inline Lanes load(const float* from) {
  Lanes value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

inline float sumOf(const Lanes& value) {
  float sum = 0;
  for (size_t lane = 0; lane < lanes; lane += 1) sum += value[lane];
  return sum;
}

void multiply(const float* query, const float* const* rows, size_t columns, float* products) {
  Lanes sums[rowsTogether] = {};
  size_t at = 0;
  for (; at + lanes <= columns; at += lanes) {
    const Lanes value = load(query + at);
    for (size_t row = 0; row < rowsTogether; row += 1) sums[row] += value * load(rows[row] + at);
  }
  for (size_t row = 0; row < rowsTogether; row += 1) {
    products[row] = sumOf(sums[row]);
    for (size_t rest = at; rest < columns; rest += 1) {
      products[row] += query[rest] * rows[row][rest];
    }
  }
}

/// The nearest so far, in order; pairs of negated product and row, so that ties go to lower rows.
class Nearest {
 public:
  explicit Nearest(size_t limit) : limit_(limit) {}
  void offer(float product, uint32_t row) {
    const std::pair<float, uint32_t> found{-product, row};
    if (list.size() == limit_ && !(found < list.back())) return;
    if (list.size() == limit_) list.pop_back();
    list.insert(std::upper_bound(list.begin(), list.end(), found), found);
  }
  std::vector<std::pair<float, uint32_t>> list;

 private:
  const size_t limit_;
};

void scanFor(const Matrix<float>& vectors, size_t rowCount, const Matrix<float>& queries,
             size_t firstQuery, size_t endQuery, ExactNeighbors& into) {
  const size_t perQuery = into.rows.columns;
  std::vector<Nearest> nearest(endQuery - firstQuery, Nearest(perQuery));
  for (size_t block = 0; block < rowCount; block += rowsPerBlock) {
    const size_t end = std::min(rowCount, block + rowsPerBlock);
    for (size_t query = firstQuery; query < endQuery; query += 1) {
      for (size_t first = block; first < end; first += rowsTogether) {
        const float* rows[rowsTogether];
        float products[rowsTogether];
        for (size_t row = 0; row < rowsTogether; row += 1) {
          rows[row] = vectors.row(std::min(first + row, end - 1));
        }
        multiply(queries.row(query), rows, vectors.columns, products);
        for (size_t row = 0; row < rowsTogether && first + row < end; row += 1) {
          nearest[query - firstQuery].offer(products[row], static_cast<uint32_t>(first + row));
        }
      }
    }
  }
  for (size_t query = firstQuery; query < endQuery; query += 1) {
    for (size_t at = 0; at < perQuery; at += 1) {
      const auto& [negated, row] = nearest[query - firstQuery].list[at];
      into.rows.row(query)[at] = row;
      into.distances.row(query)[at] = 1 + negated;
    }
  }
}

}  // namespace

ExactNeighbors scanExactly(const Matrix<float>& vectors, size_t rowCount,
                           const Matrix<float>& queries, size_t perQuery) {
  const size_t count = std::min(perQuery, rowCount);
  ExactNeighbors found{Matrix<uint32_t>(queries.rows, count), Matrix<float>(queries.rows, count)};
  const size_t threadCount = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < threadCount; thread += 1) {
    const size_t first = queries.rows * thread / threadCount;
    const size_t end = queries.rows * (thread + 1) / threadCount;
    threads.emplace_back([&, first, end] {
      scanFor(vectors, rowCount, queries, first, end, found);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return found;
}
