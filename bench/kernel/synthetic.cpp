// Topics, clusters, and rows drawn from them; see synthetic.h.
#include "synthetic.h"

#include <algorithm>
#include <cmath>
#include <thread>

namespace {

constexpr size_t clustersPerTopic = 16;
constexpr size_t ranksMin = 16;
constexpr size_t ranksMax = 48;
/// Lengths of the parts of a vector: what all share, its topic's, its cluster's, its own, noise.
constexpr float commonLength = 0.4f;
constexpr float topicLength = 0.45f;
constexpr float clusterLength = 0.5f;
constexpr float ownLength = 0.75f;
constexpr float noiseLength = 0.15f;
constexpr float sizeExponent = 0.8f;

/// Numbers from a place in a stream, so that any row can be made on any thread.
class Random {
 public:
  Random(uint64_t seed, uint64_t stream, uint64_t number)
      : state_(mix(mix(mix(seed) + stream) + number)) {}

  uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15ull); }
  float uniform() { return static_cast<float>(next() >> 40) * 0x1p-24f; }
  /// A sum of twelve uniform numbers: mean 0, variance 1, and no function of the library's.
  float normal() {
    uint32_t sum = 0;
    for (int word = 0; word < 3; word += 1) {
      for (uint64_t bits = next(), part = 0; part < 4; part += 1, bits >>= 16) sum += bits & 0xffff;
    }
    return (static_cast<float>(sum) - 6 * 65535.0f) / 65536.0f;
  }

 private:
  static uint64_t mix(uint64_t bits) {
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ull;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebull;
    return bits ^ (bits >> 31);
  }
  uint64_t state_;
};

enum Stream : uint64_t { Common, Topic, TopicDirections, Cluster, Directions, Ranks, Row, Query };

/// Adds a random vector of about this length.
void addRandom(Random random, float length, size_t dimensions, float* to) {
  const float each = length / std::sqrt(static_cast<float>(dimensions));
  for (size_t at = 0; at < dimensions; at += 1) to[at] += each * random.normal();
}

class Clusters {
 public:
  explicit Clusters(const SyntheticOptions& options)
      : options_(options),
        centers_(clusterCount(options), options.dimensions),
        directions_(centers_.rows * ranksMax, options.dimensions) {
    const size_t dimensions = options.dimensions;
    float total = 0;
    for (size_t cluster = 0; cluster < centers_.rows; cluster += 1) {
      const uint64_t topic = cluster / clustersPerTopic;
      float* center = centers_.row(cluster);
      addRandom({options.seed, Common, 0}, commonLength, dimensions, center);
      addRandom({options.seed, Topic, topic}, topicLength, dimensions, center);
      addRandom({options.seed, Cluster, cluster}, clusterLength, dimensions, center);
      Random random(options.seed, Ranks, cluster);
      ranks_.push_back(ranksMin + random.next() % (ranksMax - ranksMin + 1));
      makeDirections(cluster, topic);
      // Ranks by a stride, so that a topic has large clusters and small ones.
      const size_t rank = 1 + cluster * 7919 % centers_.rows;
      total += 1 / std::pow(static_cast<float>(rank), sizeExponent);
      ends_.push_back(total);
    }
  }

  void draw(Random random, float noise, float* to) const {
    const float at = random.uniform() * ends_.back();
    const size_t cluster = std::min<size_t>(
        static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), at) - ends_.begin()),
        ends_.size() - 1);
    std::copy_n(centers_.row(cluster), options_.dimensions, to);
    for (size_t rank = 0; rank < ranks_[cluster]; rank += 1) {
      const float weight = random.normal();
      const float* direction = directions_.row(cluster * ranksMax + rank);
      for (size_t column = 0; column < options_.dimensions; column += 1) {
        to[column] += weight * direction[column];
      }
    }
    addRandom(random, noise, options_.dimensions, to);
    float sum = 0;
    for (size_t column = 0; column < options_.dimensions; column += 1) {
      sum += to[column] * to[column];
    }
    for (size_t column = 0; column < options_.dimensions; column += 1) to[column] /= std::sqrt(sum);
  }

 private:
  /// Their squares fall as the root of the rank, and add up to that of `ownLength`.
  void makeDirections(size_t cluster, uint64_t topic) {
    float sum = 0;
    for (size_t rank = 1; rank <= ranks_[cluster]; rank += 1) sum += squareAt(rank);
    for (size_t rank = 1; rank <= ranks_[cluster]; rank += 1) {
      const bool isShared = rank % 3 == 0;
      const Random random(options_.seed, isShared ? TopicDirections : Directions,
                          (isShared ? topic : cluster) * ranksMax + rank);
      addRandom(random, ownLength * std::sqrt(squareAt(rank) / sum), options_.dimensions,
                directions_.row(cluster * ranksMax + rank - 1));
    }
  }
  static float squareAt(size_t rank) { return 1 / std::sqrt(static_cast<float>(rank)); }

  const SyntheticOptions options_;
  Matrix<float> centers_;
  Matrix<float> directions_;
  std::vector<size_t> ranks_;
  std::vector<float> ends_;
};

}  // namespace

size_t clusterCount(const SyntheticOptions& options) {
  if (options.clusters > 0) return options.clusters;
  return std::max<size_t>(16, static_cast<size_t>(2 * std::sqrt(options.count)));
}

void makeClustered(const SyntheticOptions& options, Matrix<float>& vectors,
                   Matrix<float>& queries) {
  const Clusters clusters(options);
  vectors = Matrix<float>(options.count, options.dimensions);
  queries = Matrix<float>(options.queryCount, options.dimensions);
  const size_t threadCount = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < threadCount; thread += 1) {
    threads.emplace_back([&, thread] {
      for (size_t row = thread; row < options.count; row += threadCount) {
        clusters.draw({options.seed, Row, row}, noiseLength, vectors.row(row));
      }
      for (size_t row = thread; row < options.queryCount; row += threadCount) {
        clusters.draw({options.seed, Query, row}, 2 * noiseLength, queries.row(row));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}
