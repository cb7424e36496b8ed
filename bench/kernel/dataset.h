// The vectors that all engines of a run get: from a dataset folder or made (synthetic.h), cut,
// rotated into more dimensions if asked, normalized; with the exact neighbors of each query.
#pragma once

#include "options.h"

struct Dataset {
  std::string name;
  Matrix<float> vectors;
  Matrix<float> queries;
  /// At least ten for each query, nearest first.
  Matrix<uint32_t> neighbors;
};

/// By --dataset, or --synthetic with --count, --dimensions, --clusters, --seed and --cache; then
/// --limit, --queries and --rotate-to.
Dataset openDataset(const Options& options);

/// A folder of the layout that every bench reads, made if it is not there.
std::string syntheticFolder(const Options& options);
