// The kernel behind the bench's interface, with as many building threads as asked.
#include <cstdio>

#include "kernel-index.h"

namespace {

class KernelEngine : public Engine {
 public:
  const char* name() const override { return "lodestone"; }

  std::string prepare(const Matrix<float>& vectors, const Matrix<float>& queries) override {
    vectors_ = &vectors;
    queries_ = &queries;
    return "";
  }

  double build(const BuildOptions& options) override {
    index_.reset();
    index_ = makeIndex(vectors_->columns, options);
    return addAndBuild(*index_, *vectors_, vectors_->rows, options.threads);
  }

  double search(uint32_t ef, Matrix<uint32_t>& rows) override {
    return searchAll(*index_, *queries_, ef, 1, rows, &hopCount_);
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
  const Matrix<float>* vectors_ = nullptr;
  const Matrix<float>* queries_ = nullptr;
  std::unique_ptr<lodestone::Index> index_;
  uint64_t hopCount_ = 0;
};

}  // namespace

std::unique_ptr<Engine> makeKernelEngine() { return std::make_unique<KernelEngine>(); }
