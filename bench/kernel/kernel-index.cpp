// Building and searching on threads; see kernel-index.h.
#include "kernel-index.h"

#include <thread>
#include <vector>

namespace {

/// Runs it on so many threads, this one among them.
template <typename Run>
void onThreads(uint32_t count, Run run) {
  std::vector<std::thread> threads;
  for (uint32_t thread = 1; thread < count; thread += 1) {
    threads.emplace_back([run, thread] { run(thread); });
  }
  run(0);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

std::unique_ptr<lodestone::Index> makeIndex(size_t dimensions, const BuildOptions& options) {
  lodestone::Parameters parameters;
  parameters.dimensions = static_cast<uint32_t>(dimensions);
  parameters.metric = lodestone::Metric::Cosine;
  parameters.m = options.m;
  parameters.efConstruction = options.efConstruction;
  parameters.signBits = options.signBits;
  parameters.batchLimit = options.batchLimit;
  return std::make_unique<lodestone::Index>(parameters);
}

void buildGraph(lodestone::Index& index, uint32_t threads) {
  onThreads(threads, [&index](uint32_t) {
    lodestone::BuildScratch scratch = index.makeBuildScratch();
    for (;;) {
      const lodestone::BuildStep step = index.buildStep(scratch);
      if (step == lodestone::BuildStep::OutOfMemory) fail("the kernel ran out of memory");
      if (step == lodestone::BuildStep::Idle) return;
      if (step == lodestone::BuildStep::Wait) std::this_thread::yield();
    }
  });
}

double addAndBuild(lodestone::Index& index, const Matrix<float>& vectors, size_t rowCount,
                   uint32_t threads) {
  const double start = secondsNow();
  for (uint32_t row = 0; row < rowCount; row += 1) {
    if (index.add(row, vectors.row(row)) != lodestone::AddResult::Added) {
      fail("the kernel ran out of memory");
    }
  }
  index.seal();
  buildGraph(index, threads);
  return secondsNow() - start;
}

double searchAll(const lodestone::Index& index, const Matrix<float>& queries, uint32_t ef,
                 uint32_t threads, Matrix<uint32_t>& rows, uint64_t* hopCount) {
  const double start = secondsNow();
  onThreads(threads, [&](uint32_t thread) {
    // Kept between runs: a server's threads have theirs for life.
    static thread_local lodestone::SearchScratch scratch;
    static thread_local lodestone::SearchResult result;
    lodestone::SearchRequest request;
    request.k = neighborCount;
    request.ef = ef;
    request.force = lodestone::SearchForce::Graph;
    for (size_t query = 0; query < queries.rows; query += 1) {
      request.query = queries.row(query);
      index.nearest(request, scratch, result);
      if (thread != 0) continue;
      if (hopCount != nullptr) *hopCount += result.hopCount;
      for (size_t at = 0; at < neighborCount; at += 1) {
        rows.row(query)[at] =
            at < result.neighbors.size() ? result.neighbors[at].id : lodestone::none;
      }
    }
  });
  return secondsNow() - start;
}
