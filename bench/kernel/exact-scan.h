// Exact nearest neighbors by inner product, for rows of unit length: blocks of rows that stay in the
// cache are read by every query, on all threads, with vectors of the widest instructions here.
#pragma once

#include "matrix.h"

struct ExactNeighbors {
  /// Nearest first; ties by row. Distances are 1 - cosine.
  Matrix<uint32_t> rows;
  Matrix<float> distances;
};

/// Of the first `rowCount` vectors.
ExactNeighbors scanExactly(const Matrix<float>& vectors, size_t rowCount,
                           const Matrix<float>& queries, size_t perQuery);
