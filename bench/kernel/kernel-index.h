// What the kernel's benches share: an index over a dataset's vectors, threads that build it, and
// threads that ask it all queries.
#pragma once

#include <memory>

#include "engine.h"
#include "index.h"

std::unique_ptr<lodestone::Index> makeIndex(size_t dimensions, const BuildOptions& options);

/// Takes everything up to the last seal into the graph, on so many threads.
void buildGraph(lodestone::Index& index, uint32_t threads);

/// Adds the first rows under their numbers, seals and builds; returns seconds.
double addAndBuild(lodestone::Index& index, const Matrix<float>& vectors, size_t rowCount,
                   uint32_t threads);

/// Each thread asks every query, so that two threads do twice the work; rows come from the first.
/// Returns seconds.
double searchAll(const lodestone::Index& index, const Matrix<float>& queries, uint32_t ef,
                 uint32_t threads, Matrix<uint32_t>& rows, uint64_t* hopCount = nullptr);
