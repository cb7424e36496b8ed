// Filters as users have them, each with the exact answers under it.
//
// - random: documents by a hash of their row.
// - near: a cluster around the query, with answers in it: the documents nearest to one of the
//   query's own neighbors.
// - far: a cluster away from the query: those nearest to the document farthest from it.
// - tag and year, where the dataset has passages: the values nearest to 14 and 10 % of them, chosen
//   as bench/recall does.
#pragma once

#include "dataset.h"

struct FilterCase {
  std::string name;
  double share = 0;
  /// Words of each query's filter; one filter may serve all queries.
  std::vector<std::vector<uint32_t>> filters;
  /// The rows of the ten nearest that pass, for each query; fewer if fewer pass.
  std::vector<std::vector<uint32_t>> truths;
  const std::vector<uint32_t>& filterOf(size_t query) const {
    return filters[filters.size() == 1 ? 0 : query];
  }
};

std::vector<FilterCase> makeFilterCases(const Options& options, const Dataset& dataset);

/// The nearest that pass, best first, by measuring every one of them in float32.
std::vector<uint32_t> scanFiltered(const Matrix<float>& vectors, const float* query,
                                   const std::vector<uint32_t>& filter, size_t count);
