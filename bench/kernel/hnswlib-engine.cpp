// hnswlib behind the bench's interface, over the headers that hnswlib-node ships.
#include <atomic>
#include <thread>
#include <vector>

#include "engine.h"
#include "hnswlib.h"

namespace {

class HnswlibEngine : public Engine {
 public:
  const char* name() const override { return "hnswlib"; }

  std::string prepare(const Matrix<float>& vectors, const Matrix<float>& queries) override {
    vectors_ = &vectors;
    queries_ = &queries;
    return "";
  }

  double build(const BuildOptions& options) override {
    graph_.reset();
    const double start = secondsNow();
    const size_t rows = vectors_->rows;
    space_ = std::make_unique<hnswlib::InnerProductSpace>(vectors_->columns);
    graph_ = std::make_unique<hnswlib::HierarchicalNSW<float>>(space_.get(), rows, options.m,
                                                               options.efConstruction);
    std::atomic<size_t> next{0};
    const auto help = [&] {
      for (size_t row; (row = next.fetch_add(1)) < rows;) {
        graph_->addPoint(vectors_->row(row), row);
      }
    };
    std::vector<std::thread> threads;
    for (uint32_t thread = 1; thread < options.threads; thread += 1) threads.emplace_back(help);
    help();
    for (std::thread& thread : threads) thread.join();
    return secondsNow() - start;
  }

  double search(uint32_t ef, Matrix<uint32_t>& rows) override {
    const double start = secondsNow();
    graph_->setEf(ef);
    for (size_t query = 0; query < queries_->rows; query += 1) {
      auto queue = graph_->searchKnn(queries_->row(query), neighborCount);
      while (!queue.empty()) {
        rows.row(query)[queue.size() - 1] = static_cast<uint32_t>(queue.top().second);
        queue.pop();
      }
    }
    return secondsNow() - start;
  }

 private:
  const Matrix<float>* vectors_ = nullptr;
  const Matrix<float>* queries_ = nullptr;
  std::unique_ptr<hnswlib::InnerProductSpace> space_;
  std::unique_ptr<hnswlib::HierarchicalNSW<float>> graph_;
};

}  // namespace

std::unique_ptr<Engine> makeHnswlibEngine() { return std::make_unique<HnswlibEngine>(); }
