// Vectors, indexes and brute-force answers for the tests.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <thread>

#include "check.h"
#include "index.h"

using namespace lodestone;

using Bytes = std::vector<uint8_t>;
using Live = std::map<uint32_t, Bytes>;

inline const Operations* const* allPaths() {
  static const Operations* paths[5] = {};
  size_t count = 0;
  for (const char* name : {"plain", "avx2", "avx512", "neon"}) {
    const Operations* found = operationsNamed(name);
    if (found != nullptr) paths[count++] = found;
  }
  return paths;
}

/// Clustered values, so that neighbors mean something; as FLOAT32 unless another type is asked.
class Source {
 public:
  Source(uint32_t dimensions, uint64_t seed, uint32_t clusters = 40)
      : dimensions_(dimensions), random_(seed), centers_(clusters * dimensions) {
    for (float& value : centers_) value = normal_(random_);
  }

  std::vector<float> next() {
    std::vector<float> values(dimensions_);
    const size_t center = random_() % (centers_.size() / dimensions_) * dimensions_;
    for (uint32_t at = 0; at < dimensions_; at += 1) {
      values[at] = centers_[center + at] + 0.6f * normal_(random_);
    }
    return values;
  }

  Bytes nextBytes(ElementType type = ElementType::Float32) { return encode(next(), type); }

  static Bytes encode(const std::vector<float>& values, ElementType type) {
    Bytes bytes(values.size() * elementBytes(type));
    for (size_t at = 0; at < values.size(); at += 1) {
      uint8_t* to = &bytes[at * elementBytes(type)];
      const float value = values[at];
      uint32_t bits;
      std::memcpy(&bits, &value, 4);
      const double wide = value;
      const uint16_t half = static_cast<uint16_t>(
          (bits >> 16 & 0x8000) | ((bits >> 13) - (112u << 10)) % 0x8000u);
      const uint16_t bfloat = static_cast<uint16_t>(bits >> 16);
      const int8_t small = static_cast<int8_t>(std::max(-127.0f, std::min(127.0f, value * 30)));
      const uint8_t positive = static_cast<uint8_t>(small + 128);
      switch (type) {
        case ElementType::Float32: std::memcpy(to, &value, 4); break;
        case ElementType::Float64: std::memcpy(to, &wide, 8); break;
        // A value too small for a normal half becomes zero.
        case ElementType::Float16:
          if (std::fabs(value) < 1e-4f) std::memset(to, 0, 2);
          else std::memcpy(to, &half, 2);
          break;
        case ElementType::Bfloat16: std::memcpy(to, &bfloat, 2); break;
        case ElementType::Int8: std::memcpy(to, &small, 1); break;
        case ElementType::Uint8: std::memcpy(to, &positive, 1); break;
      }
    }
    return bytes;
  }

  std::mt19937_64& random() { return random_; }

 private:
  uint32_t dimensions_;
  std::mt19937_64 random_;
  std::normal_distribution<float> normal_;
  std::vector<float> centers_;
};

inline double decodeElement(const Bytes& bytes, size_t at, ElementType type) {
  const uint8_t* from = &bytes[at * elementBytes(type)];
  switch (type) {
    case ElementType::Float32: { float value; std::memcpy(&value, from, 4); return value; }
    case ElementType::Float64: { double value; std::memcpy(&value, from, 8); return value; }
    case ElementType::Float16: {
      uint16_t bits;
      std::memcpy(&bits, from, 2);
      const int exponent = bits >> 10 & 31;
      const double magnitude = exponent == 0 ? std::ldexp(bits & 1023, -24)
                                             : std::ldexp((bits & 1023) + 1024, exponent - 25);
      return bits & 0x8000 ? -magnitude : magnitude;
    }
    case ElementType::Bfloat16: {
      uint16_t bits;
      std::memcpy(&bits, from, 2);
      const uint32_t wide = static_cast<uint32_t>(bits) << 16;
      float value;
      std::memcpy(&value, &wide, 4);
      return value;
    }
    case ElementType::Int8: return static_cast<int8_t>(*from);
    case ElementType::Uint8: return *from;
  }
  return 0;
}

/// By the definition, in one lane; may differ from the kernel in the last bits.
inline double referenceDistance(const Parameters& parameters, const Bytes& a, const Bytes& b) {
  double product = 0, squares = 0, aa = 0, bb = 0;
  for (size_t at = 0; at < parameters.dimensions; at += 1) {
    const double x = decodeElement(a, at, parameters.type);
    const double y = decodeElement(b, at, parameters.type);
    product += x * y;
    squares += (x - y) * (x - y);
    aa += x * x;
    bb += y * y;
  }
  if (parameters.metric == Metric::L2) return squares;
  if (parameters.metric == Metric::InnerProduct) return 1 - product;
  return aa == 0 || bb == 0 ? 1 : std::max(0.0, 1 - product / std::sqrt(aa * bb));
}

inline std::vector<Neighbor> bruteForce(const Parameters& parameters, const Live& live,
                                        const Bytes& query, uint32_t k, const IdFilter* filter) {
  std::vector<Neighbor> all;
  for (const auto& entry : live) {
    if (filter != nullptr && !filter->has(entry.first)) continue;
    all.push_back({static_cast<float>(referenceDistance(parameters, query, entry.second)),
                   entry.first});
  }
  std::sort(all.begin(), all.end());
  if (all.size() > k) all.resize(k);
  return all;
}

/// Runs the builder on so many threads until nothing is left to do.
inline void build(Index& index, uint32_t threadCount = 1) {
  const auto help = [&index] {
    BuildScratch scratch = index.makeBuildScratch();
    for (;;) {
      const BuildStep step = index.buildStep(scratch);
      if (step == BuildStep::Idle || step == BuildStep::OutOfMemory) return;
      if (step == BuildStep::Wait) std::this_thread::yield();
    }
  };
  std::vector<std::thread> threads;
  for (uint32_t at = 1; at < threadCount; at += 1) threads.emplace_back(help);
  help();
  for (std::thread& thread : threads) thread.join();
}

/// Threads that build whatever comes, until it is done.
inline void startBuilders(std::vector<std::thread>& threads, int count, Index& index,
                          const std::atomic<bool>& isDone) {
  for (int builder = 0; builder < count; builder += 1) {
    threads.emplace_back([&index, &isDone] {
      BuildScratch scratch = index.makeBuildScratch();
      while (!isDone.load()) {
        if (index.buildStep(scratch) != BuildStep::Ran) std::this_thread::yield();
      }
    });
  }
}

inline SearchResult search(const Index& index, const Bytes& query, uint32_t k, uint32_t ef,
                           const IdFilter* filter = nullptr,
                           SearchForce force = SearchForce::Auto, uint64_t sequence = never) {
  static thread_local SearchScratch scratch;
  SearchRequest request;
  request.query = query.data();
  request.k = k;
  request.ef = ef;
  request.filter = filter;
  request.force = force;
  request.sequence = sequence;
  SearchResult result;
  index.nearest(request, scratch, result);
  return result;
}

/// The share of true neighbors found; ties at the last distance count as found.
inline double recallOf(const std::vector<Neighbor>& found, const std::vector<Neighbor>& truth) {
  if (truth.empty()) return 1;
  const float last = truth.back().distance + std::fabs(truth.back().distance) * 1e-6f + 1e-9f;
  size_t hits = 0;
  for (const Neighbor& neighbor : found) hits += neighbor.distance <= last;
  return std::min(1.0, static_cast<double>(hits) / static_cast<double>(truth.size()));
}
