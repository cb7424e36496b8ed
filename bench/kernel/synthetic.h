// Clustered vectors that are made, not embedded, like what models make of a collection of texts:
//
// - Clusters lie around topics (one for sixteen clusters), and all of it off the origin; sizes fall
//   as a power of the rank, so the largest hold some hundred times as many as the smallest.
// - Within a cluster a vector is a sum of 16 to 48 directions with falling weights: its intrinsic
//   dimension is low. A third of the directions belong to the topic, so neighboring clusters
//   overlap. A little noise goes into all dimensions. Rows are normalized, and in random order.
// - Queries are drawn as the rows are, from clusters in proportion to their size, with twice the
//   noise: near the data, and not in it.
//
// Lengths were chosen so that hnswlib's recall at each ef, distances to the 1st, 10th and 100th
// neighbor, and angles between any two rows are about those of real passages (64,000 x 384).
// Values follow from the seed through integer hashes and sums, the same on every machine.
#pragma once

#include "matrix.h"

struct SyntheticOptions {
  size_t count = 100000;
  size_t dimensions = 384;
  size_t clusters = 0;
  size_t queryCount = 1000;
  uint32_t seed = 1;
};

/// About a root of the count, unless it is given.
size_t clusterCount(const SyntheticOptions& options);
void makeClustered(const SyntheticOptions& options, Matrix<float>& vectors, Matrix<float>& queries);
