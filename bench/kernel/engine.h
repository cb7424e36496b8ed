// What the bench asks of an engine: build once, then answer one query after another.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "npy-file.h"

struct BuildOptions {
  uint32_t m = 16;
  uint32_t efConstruction = 200;
  uint32_t threads = 1;
  uint32_t signBits = 512;
  uint32_t batchLimit = 256;
};

class Engine {
 public:
  virtual ~Engine() = default;
  virtual const char* name() const = 0;
  /// Rows have unit length.
  virtual void build(const Matrix<float>& vectors, const BuildOptions& options) = 0;
  /// Rows of the ten nearest.
  virtual void search(const float* query, uint32_t ef, uint32_t* rows) = 0;
  /// A line about the graph, for the reader.
  virtual std::string describe() const { return ""; }
  /// Nodes visited by the searches so far, 0 if the engine does not count.
  virtual uint64_t hopCount() const { return 0; }
};

std::unique_ptr<Engine> makeKernelEngine();
std::unique_ptr<Engine> makeHnswlibEngine();
