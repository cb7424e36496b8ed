// The kernel behind the bench's interface, with as many building threads as asked.
#include <cstdio>
#include <thread>

#include "engine.h"
#include "index.h"

namespace {

class KernelEngine : public Engine {
 public:
  const char* name() const override { return "lodestone"; }

  void build(const Matrix<float>& vectors, const BuildOptions& options) override {
    lodestone::Parameters parameters;
    parameters.dimensions = static_cast<uint32_t>(vectors.columns);
    parameters.metric = lodestone::Metric::Cosine;
    parameters.m = options.m;
    parameters.efConstruction = options.efConstruction;
    parameters.signBits = options.signBits;
    parameters.batchLimit = options.batchLimit;
    index_ = std::make_unique<lodestone::Index>(parameters);
    for (uint32_t row = 0; row < vectors.rows; row += 1) index_->add(row, vectors.row(row));
    index_->seal();
    std::vector<std::thread> threads;
    for (uint32_t thread = 1; thread < options.threads; thread += 1) {
      threads.emplace_back([this] { help(); });
    }
    help();
    for (std::thread& thread : threads) thread.join();
  }

  void search(const float* query, uint32_t ef, uint32_t* rows) override {
    lodestone::SearchRequest request;
    request.query = query;
    request.ef = ef;
    request.force = lodestone::SearchForce::Graph;
    index_->nearest(request, scratch_, result_);
    hopCount_ += result_.hopCount;
    for (size_t at = 0; at < 10; at += 1) {
      rows[at] = at < result_.neighbors.size() ? result_.neighbors[at].id : lodestone::none;
    }
  }

  uint64_t hopCount() const override { return hopCount_; }

  std::string describe() const override {
    const lodestone::Graph& graph = index_->state().graph;
    uint64_t links = 0;
    for (uint32_t slot = 0; slot < graph.slotLimit(); slot += 1) {
      for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
        links += graph.link(slot, lane) != lodestone::none;
      }
    }
    char line[200];
    std::snprintf(line, sizeof line,
                  "%s, %.1f links, block %zu bytes, checksum %016llx, unreachable %u",
                  lodestone::operations().name,
                  static_cast<double>(links) / graph.slotLimit(), graph.blockBytes(),
                  static_cast<unsigned long long>(index_->checksum()),
                  index_->countUnreachable());
    return line;
  }

 private:
  void help() {
    lodestone::BuildScratch scratch = index_->makeBuildScratch();
    for (;;) {
      const lodestone::BuildStep step = index_->buildStep(scratch);
      if (step == lodestone::BuildStep::Idle || step == lodestone::BuildStep::OutOfMemory) return;
      if (step == lodestone::BuildStep::Wait) std::this_thread::yield();
    }
  }

  std::unique_ptr<lodestone::Index> index_;
  lodestone::SearchScratch scratch_;
  lodestone::SearchResult result_;
  uint64_t hopCount_ = 0;
};

}  // namespace

std::unique_ptr<Engine> makeKernelEngine() { return std::make_unique<KernelEngine>(); }
