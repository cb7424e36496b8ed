// Answers against brute force: every type and metric, any dimension, K of K under filters.
#include "samples.h"

namespace {

const ElementType types[] = {ElementType::Float32, ElementType::Float64, ElementType::Float16,
                             ElementType::Bfloat16, ElementType::Int8, ElementType::Uint8};
const Metric metrics[] = {Metric::L2, Metric::InnerProduct, Metric::Cosine};

void compareExact(const Parameters& parameters, const std::vector<Neighbor>& found,
                  const std::vector<Neighbor>& truth, const char* what) {
  CHECK(found.size() == truth.size(), "%s: %zu answers, not %zu", what, found.size(), truth.size());
  for (size_t at = 0; at < std::min(found.size(), truth.size()); at += 1) {
    const float tolerance = 1e-5f * std::max(1.0f, std::fabs(truth[at].distance));
    CHECK(std::fabs(found[at].distance - truth[at].distance) <= tolerance,
          "%s: place %zu is %u at %.9g, not %u at %.9g (type %d, metric %d)", what, at,
          found[at].id, found[at].distance, truth[at].id, truth[at].distance,
          static_cast<int>(parameters.type), static_cast<int>(parameters.metric));
  }
}

struct Sample {
  Parameters parameters;
  std::unique_ptr<Index> index;
  Live live;
  std::unique_ptr<Source> source;
};

Sample makeSample(uint32_t dimensions, uint32_t count, ElementType type, Metric metric,
                  uint32_t m = 16, uint32_t signBits = 512) {
  Sample sample;
  sample.parameters.dimensions = dimensions;
  sample.parameters.type = type;
  sample.parameters.metric = metric;
  sample.parameters.m = m;
  sample.parameters.signBits = signBits;
  sample.index = std::make_unique<Index>(sample.parameters);
  sample.source = std::make_unique<Source>(dimensions, testSeed());
  for (uint32_t id = 0; id < count; id += 1) {
    const Bytes vector = sample.source->nextBytes(type);
    sample.index->add(id, vector.data());
    sample.live[id] = vector;
  }
  return sample;
}

double graphRecall(Sample& sample, uint32_t ef, int queries, const IdFilter* filter = nullptr,
                   SearchForce force = SearchForce::Graph) {
  double sum = 0;
  for (int at = 0; at < queries; at += 1) {
    const Bytes query = sample.source->nextBytes(sample.parameters.type);
    const auto truth = bruteForce(sample.parameters, sample.live, query, 10, filter);
    const SearchResult result = search(*sample.index, query, 10, ef, filter, force);
    if (force == SearchForce::Auto) {
      CHECK(result.neighbors.size() == truth.size(), "%zu of %zu", result.neighbors.size(),
            truth.size());
    }
    sum += recallOf(result.neighbors, truth);
  }
  return sum / queries;
}

}  // namespace

TEST("tail, exact scan and graph agree with brute force for every type and metric") {
  for (const ElementType type : types) {
    for (const Metric metric : metrics) {
      Sample sample = makeSample(48, 600, type, metric);
      const Bytes query = sample.source->nextBytes(type);
      const auto truth = bruteForce(sample.parameters, sample.live, query, 10, nullptr);
      compareExact(sample.parameters, search(*sample.index, query, 10, 10).neighbors, truth, "tail");
      build(*sample.index);
      const SearchResult exact = search(*sample.index, query, 10, 10, nullptr, SearchForce::Exact);
      compareExact(sample.parameters, exact.neighbors, truth, "exact");
      const double recall = graphRecall(sample, 128, 30);
      CHECK(recall > (metric == Metric::InnerProduct ? 0.9 : 0.98), "recall %.3f, type %d, metric %d",
            recall, static_cast<int>(type), static_cast<int>(metric));
    }
  }
}

TEST("any dimension, m and length of neighbor codes") {
  for (const uint32_t dimensions : {1u, 2u, 7u, 64u, 130u, 600u}) {
    Sample sample = makeSample(dimensions, 500, ElementType::Float32, Metric::L2);
    sample.index->seal();
    build(*sample.index);
    const double recall = graphRecall(sample, 200, 20);
    CHECK(recall > 0.95, "recall %.3f at %u dimensions", recall, dimensions);
  }
  for (const uint32_t m : {2u, 5u, 20u, 40u, 512u}) {
    Sample sample = makeSample(64, 400, ElementType::Float32, Metric::Cosine, m);
    sample.index->seal();
    build(*sample.index);
    CHECK(sample.index->countUnreachable() == 0, "unreachable with m %u", m);
    const double recall = graphRecall(sample, 200, 20);
    CHECK(recall > (m == 2 ? 0.5 : 0.95), "recall %.3f with m %u", recall, m);
  }
  for (const uint32_t signBits : {0u, 64u, 128u, 256u}) {
    Sample sample = makeSample(256, 1500, ElementType::Float32, Metric::L2, 16, signBits);
    sample.index->seal();
    build(*sample.index);
    const double recall = graphRecall(sample, 200, 20);
    CHECK(recall > 0.95, "recall %.3f with %u sign bits", recall, signBits);
  }
}

TEST("the largest dimension, m and ef") {
  Sample sample = makeSample(32768, 60, ElementType::Float32, Metric::Cosine, 512);
  sample.index->seal();
  build(*sample.index);
  CHECK(graphRecall(sample, 4096, 3) == 1, "of so few all are found");
  Parameters wrong;
  for (const uint32_t dimensions : {0u, 32769u}) {
    wrong.dimensions = dimensions;
    CHECK(problemWith(wrong) != nullptr, "%u dimensions", dimensions);
  }
  wrong.dimensions = 32768;
  CHECK(problemWith(wrong) == nullptr, "%s", problemWith(wrong));
  wrong.m = 513;
  CHECK(problemWith(wrong) != nullptr, "m 513");
}

TEST("K of K under filters of any selectivity") {
  for (const Metric metric : {Metric::L2, Metric::InnerProduct}) {
    Sample sample = makeSample(64, 6000, ElementType::Float32, metric);
    sample.index->seal();
    build(*sample.index);
    for (const uint32_t inThousand : {500u, 200u, 100u, 50u, 10u, 2u, 1u}) {
      std::vector<uint32_t> words(6000 / 32 + 1, 0);
      for (uint32_t id = 0; id < 6000; id += 1) {
        if (sample.source->random()() % 1000 < inThousand) words[id / 32] |= 1u << id % 32;
      }
      const IdFilter filter{words.data(), words.size()};
      const double recall = graphRecall(sample, 64, 30, &filter, SearchForce::Auto);
      CHECK(recall > 0.97, "recall %.3f at %u in 1,000", recall, inThousand);
    }
    // Matching documents far from the query: the walk is given up for a scan.
    const Bytes query = sample.source->nextBytes();
    std::vector<Neighbor> all = bruteForce(sample.parameters, sample.live, query, 6000, nullptr);
    std::vector<uint32_t> words(6000 / 32 + 1, 0);
    for (size_t at = 5000; at < 6000; at += 1) words[all[at].id / 32] |= 1u << all[at].id % 32;
    const IdFilter filter{words.data(), words.size()};
    const auto truth = bruteForce(sample.parameters, sample.live, query, 10, &filter);
    const SearchResult result = search(*sample.index, query, 10, 32, &filter);
    CHECK(result.neighbors.size() == 10, "%zu found", result.neighbors.size());
    CHECK(recallOf(result.neighbors, truth) >= 0.9, "far filter: %.2f",
          recallOf(result.neighbors, truth));
  }
}

TEST("filters find what is live, while versions come, go and wait for the graph") {
  for (const Metric metric : {Metric::L2, Metric::InnerProduct, Metric::Cosine}) {
    Sample sample = makeSample(96, 5000, ElementType::Float32, metric);
    sample.index->seal();
    build(*sample.index);
    std::mt19937_64& random = sample.source->random();
    std::vector<uint32_t> words(5400 / 32 + 1, 0);
    for (uint32_t& word : words) word = static_cast<uint32_t>(random());
    const IdFilter filter{words.data(), words.size()};
    BuildScratch scratch = sample.index->makeBuildScratch();
    double sum = 0;
    for (int round = 0; round < 60; round += 1) {
      for (int change = 0; change < 30; change += 1) {
        const uint32_t id = static_cast<uint32_t>(random() % 5400);
        if (random() % 3 == 0) {
          sample.index->remove(id);
          sample.live.erase(id);
        } else {
          sample.live[id] = sample.source->nextBytes();
          sample.index->add(id, sample.live[id].data());
        }
        sample.index->buildStep(scratch);
      }
      const Bytes query = sample.source->nextBytes();
      const auto truth = bruteForce(sample.parameters, sample.live, query, 10, &filter);
      // Walks and scans by sketches: the one is dear at a large ef.
      const SearchResult result = search(*sample.index, query, 10, round % 2 == 0 ? 400 : 40, &filter);
      CHECK(result.neighbors.size() == 10, "%zu found", result.neighbors.size());
      for (const Neighbor& one : result.neighbors) {
        CHECK(filter.has(one.id) && sample.live.count(one.id) == 1, "%u is not asked for", one.id);
      }
      sum += recallOf(result.neighbors, truth);
    }
    CHECK(sum / 60 > 0.97, "recall %.3f, metric %d", sum / 60, static_cast<int>(metric));
  }
}

TEST("empty indexes, k of 0, k beyond the count, zero vectors and equal ones") {
  Sample sample = makeSample(16, 0, ElementType::Float32, Metric::Cosine);
  const Bytes query = sample.source->nextBytes();
  CHECK(search(*sample.index, query, 10, 10).neighbors.empty(), "nothing is there");
  const Bytes zero(64, 0);
  for (uint32_t id = 0; id < 300; id += 1) {
    sample.live[id] = id % 3 == 0 ? zero : query;
    sample.index->add(id, sample.live[id].data());
  }
  sample.index->seal();
  build(*sample.index, 2);
  CHECK(search(*sample.index, query, 0, 10).neighbors.empty(), "k of 0");
  CHECK(search(*sample.index, query, 1000, 10).neighbors.size() == 300, "k beyond the count");
  const SearchResult result = search(*sample.index, query, 5, 400, nullptr);
  CHECK(result.neighbors.size() == 5 && result.neighbors[0].id == 1, "ties go to lower ids");
  CHECK(sample.index->countUnreachable() == 0, "equal vectors are all reachable");
  SearchScratch scratch;
  SearchResult range;
  SearchRequest request;
  request.query = query.data();
  sample.index->withinRange(request, 0.5f, scratch, range);
  CHECK(range.neighbors.size() == 200, "%zu within the range", range.neighbors.size());
}
