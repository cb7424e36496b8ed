// hnswlib behind the bench's interface, over the headers that hnswlib-node ships.
#include <atomic>
#include <thread>

#include "engine.h"
#include "hnswlib.h"

namespace {

class HnswlibEngine : public Engine {
 public:
  const char* name() const override { return "hnswlib"; }

  void build(const Matrix<float>& vectors, const BuildOptions& options) override {
    space_ = std::make_unique<hnswlib::InnerProductSpace>(vectors.columns);
    graph_ = std::make_unique<hnswlib::HierarchicalNSW<float>>(space_.get(), vectors.rows,
                                                               options.m, options.efConstruction);
    std::atomic<size_t> next{0};
    const auto help = [&] {
      for (size_t row; (row = next.fetch_add(1)) < vectors.rows;) {
        graph_->addPoint(vectors.row(row), row);
      }
    };
    std::vector<std::thread> threads;
    for (uint32_t thread = 1; thread < options.threads; thread += 1) threads.emplace_back(help);
    help();
    for (std::thread& thread : threads) thread.join();
  }

  void search(const float* query, uint32_t ef, uint32_t* rows) override {
    graph_->setEf(ef);
    auto queue = graph_->searchKnn(query, 10);
    while (!queue.empty()) {
      rows[queue.size() - 1] = static_cast<uint32_t>(queue.top().second);
      queue.pop();
    }
  }

 private:
  std::unique_ptr<hnswlib::InnerProductSpace> space_;
  std::unique_ptr<hnswlib::HierarchicalNSW<float>> graph_;
};

}  // namespace

std::unique_ptr<Engine> makeHnswlibEngine() { return std::make_unique<HnswlibEngine>(); }
