// hnswlib under filters: its graph, asked with a functor that looks a row up in the same bitmap.
#pragma once

#include <memory>

#include "engine.h"

class HnswlibFilters {
 public:
  HnswlibFilters(const Matrix<float>& vectors, const BuildOptions& options);
  ~HnswlibFilters();
  void nearest(const float* query, uint32_t ef, const std::vector<uint32_t>& filter,
               std::vector<uint32_t>& rows);

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
};
