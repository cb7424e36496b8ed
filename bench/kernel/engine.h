// What the bench asks of an engine: build, then answer all queries, one after another. An engine
// times itself, so that one in another process is not charged for the way there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "matrix.h"

constexpr size_t neighborCount = 10;

struct BuildOptions {
  uint32_t m = 16;
  uint32_t efConstruction = 200;
  uint32_t threads = 1;
  uint32_t signBits = 512;
  uint32_t batchLimit = 256;
  std::string python = "python3";
};

class Engine {
 public:
  virtual ~Engine() = default;
  virtual const char* name() const = 0;
  /// Empty, or why it cannot run here. `queries` are those that searches will ask.
  virtual std::string prepare(const Matrix<float>& vectors, const Matrix<float>& queries) = 0;
  /// Drops what was built before; returns seconds. Rows have unit length.
  virtual double build(const BuildOptions& options) = 0;
  /// Writes the rows of the nearest for every query; returns seconds of one thread.
  virtual double search(uint32_t ef, Matrix<uint32_t>& rows) = 0;
  /// A line about the graph, for the reader.
  virtual std::string describe() const { return ""; }
  /// Nodes visited by the searches so far, 0 if the engine does not count.
  virtual uint64_t hopCount() const { return 0; }
};

/// lodestone, hnswlib or symphonyqg.
std::unique_ptr<Engine> makeEngine(const std::string& name, const BuildOptions& options);
std::unique_ptr<Engine> makeKernelEngine();
std::unique_ptr<Engine> makeHnswlibEngine();
std::unique_ptr<Engine> makeSymphonyEngine(const std::string& python);

double secondsNow();
