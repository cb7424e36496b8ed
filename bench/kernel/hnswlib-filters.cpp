// See hnswlib-filters.h; compiled for this host like the other engine of hnswlib.
#include "hnswlib-filters.h"

#include <atomic>
#include <thread>
#include <vector>

#include "hnswlib.h"

namespace {

class RowFilter : public hnswlib::BaseFilterFunctor {
 public:
  explicit RowFilter(const std::vector<uint32_t>& words) : words_(words) {}
  bool operator()(hnswlib::labeltype row) override { return words_[row / 32] >> row % 32 & 1; }

 private:
  const std::vector<uint32_t>& words_;
};

}  // namespace

struct HnswlibFilters::Graph {
  Graph(size_t columns, size_t rows, const BuildOptions& options)
      : space(columns), index(&space, rows, options.m, options.efConstruction) {}
  hnswlib::InnerProductSpace space;
  hnswlib::HierarchicalNSW<float> index;
};

HnswlibFilters::HnswlibFilters(const Matrix<float>& vectors, const BuildOptions& options)
    : graph_(std::make_unique<Graph>(vectors.columns, vectors.rows, options)) {
  std::atomic<size_t> next{0};
  const auto help = [&] {
    for (size_t row; (row = next.fetch_add(1)) < vectors.rows;) {
      graph_->index.addPoint(vectors.row(row), row);
    }
  };
  std::vector<std::thread> threads;
  for (uint32_t thread = 1; thread < options.threads; thread += 1) threads.emplace_back(help);
  help();
  for (std::thread& thread : threads) thread.join();
}

HnswlibFilters::~HnswlibFilters() = default;

void HnswlibFilters::nearest(const float* query, uint32_t ef, const std::vector<uint32_t>& filter,
                             std::vector<uint32_t>& rows) {
  RowFilter functor(filter);
  graph_->index.setEf(ef);
  auto queue = graph_->index.searchKnn(query, neighborCount, &functor);
  rows.clear();
  for (; !queue.empty(); queue.pop()) rows.push_back(static_cast<uint32_t>(queue.top().second));
}
