// Exact scans in two stages: bounds hold whatever the vectors, and what comes back is bit for bit
// what measuring everything gives, before, while and after vectors come into the graph.
#include "samples.h"

#include "code-bounds.h"

namespace {

const ElementType types[] = {ElementType::Float32, ElementType::Float64, ElementType::Float16,
                             ElementType::Bfloat16, ElementType::Int8, ElementType::Uint8};
const Metric metrics[] = {Metric::L2, Metric::InnerProduct, Metric::Cosine};

/// As the kernel encodes it: for COSINE of unit length.
CodeHead encode(const Parameters& parameters, const Rotation& rotation, const Bytes& vector,
                AlignedArray<int8_t>& code) {
  const ValueStore values(parameters);
  ExactQuery wide;
  values.prepare(vector.data(), wide);
  AlignedArray<float> rotated(rotation.count());
  values.decodeWide(wide, rotated.data());
  rotation.apply(rotated.data());
  code.resize(rotation.count());
  CodeHead head;
  encodeRotated(rotated.data(), rotation.count(), code.data(), head);
  return head;
}

void checkBounds(const Parameters& parameters, const Bytes& a, const Bytes& b, const char* what) {
  const Rotation rotation(parameters.dimensions);
  AlignedArray<int8_t> codes[2];
  const CodeHead query = encode(parameters, rotation, a, codes[0]);
  const CodeHead stored = encode(parameters, rotation, b, codes[1]);
  const int32_t product = operations().dot(codes[0].data(), codes[1].data(),
                                           stored.factors.codeSum, rotation.count());
  float lower, upper;
  CodeBounds(parameters.metric, query).of(product, stored, lower, upper);
  const ValueStore values(parameters);
  const uint32_t slot = values.slots().putPinned(b.data());
  ExactQuery wide;
  values.prepare(a.data(), wide);
  const float distance = values.distance(wide, slot, values.inverseNormOf(values.at(slot)));
  CHECK(!(lower > distance) && !(upper < distance), "%s, metric %d, %u dimensions: %.9g not in [%.9g, %.9g]",
        what, static_cast<int>(parameters.metric), parameters.dimensions, distance, lower, upper);
}

bool isSame(const std::vector<Neighbor>& a, const std::vector<Neighbor>& b) {
  if (a.size() != b.size()) return false;
  for (size_t at = 0; at < a.size(); at += 1) {
    if (a[at].id != b[at].id || a[at].distance != b[at].distance) return false;
  }
  return true;
}

/// The k nearest as a scan finds them, against the first of all, which are all measured.
void compareWithAll(const Index& index, const Bytes& query, const IdFilter* filter,
                    const char* what) {
  SearchResult all = search(index, query, 100000, 10, filter, SearchForce::Exact);
  for (const uint32_t k : {1u, 10u, 100u}) {
    const SearchResult found = search(index, query, k, 10, filter, SearchForce::Exact);
    std::vector<Neighbor> first = all.neighbors;
    if (first.size() > k) first.resize(k);
    CHECK(isSame(found.neighbors, first), "%s: k %u of %zu, type %d, metric %d", what, k,
          all.neighbors.size(), static_cast<int>(index.parameters().type),
          static_cast<int>(index.parameters().metric));
  }
  if (all.neighbors.empty()) return;
  const float radius = all.neighbors[all.neighbors.size() / 7].distance;
  SearchRequest request;
  request.query = query.data();
  request.filter = filter;
  SearchScratch scratch;
  SearchResult range;
  index.withinRange(request, radius, scratch, range);
  std::vector<Neighbor> within;
  for (const Neighbor& one : all.neighbors) {
    if (one.distance <= radius) within.push_back(one);
  }
  CHECK(isSame(range.neighbors, within), "%s: %zu within the range, not %zu", what,
        range.neighbors.size(), within.size());
}

}  // namespace

TEST("bounds from codes hold for vectors of any length, spread and likeness") {
  std::mt19937_64 random(testSeed());
  std::normal_distribution<float> normal;
  Parameters parameters;
  for (const uint32_t dimensions : {1u, 3u, 64u, 100u, 384u, 1000u}) {
    parameters.dimensions = dimensions;
    for (const float size : {1e-38f, 1e-30f, 1e-18f, 1e-6f, 1.0f, 300.0f, 1e9f, 3e15f, 1e17f}) {
      std::vector<float> a(dimensions), b(dimensions), spike(dimensions, 0), zero(dimensions, 0);
      for (float& value : a) value = normal(random) * size;
      for (size_t at = 0; at < dimensions; at += 1) b[at] = a[at] * 1.0001f + normal(random) * 1e-3f * size;
      spike[random() % dimensions] = size;
      std::vector<float> offset = a;
      for (float& value : offset) value += 50 * size;
      const std::vector<float>* all[] = {&a, &b, &spike, &zero, &offset};
      for (const Metric metric : metrics) {
        parameters.metric = metric;
        for (const std::vector<float>* left : all) {
          for (const std::vector<float>* right : all) {
            checkBounds(parameters, Source::encode(*left, ElementType::Float32),
                        Source::encode(*right, ElementType::Float32), "bounds");
          }
        }
      }
    }
  }
}

TEST("a scan by codes gives bit for bit what measuring everything gives") {
  for (const ElementType type : types) {
    for (const Metric metric : metrics) {
      Parameters parameters;
      parameters.dimensions = 70;
      parameters.type = type;
      parameters.metric = metric;
      parameters.batchLimit = 64;
      Index index(parameters);
      Source source(70, testSeed());
      std::vector<uint32_t> words(41, 0);
      for (uint32_t& word : words) word = static_cast<uint32_t>(source.random()());
      // One word off a boundary of eight bytes, as a slice of a caller's array is.
      const IdFilter filter{words.data() + 1, 40};
      BuildScratch scratch = index.makeBuildScratch();
      for (uint32_t id = 0; id < 1280; id += 1) {
        // Near copies and equal vectors: ties must come out by id.
        const Bytes vector = source.nextBytes(type);
        index.add(id, vector.data());
        if (id % 5 == 0) index.add(++id, vector.data());
        if (id % 7 == 0) index.remove(id - 3);
        if (id % 11 == 0) index.add(id - 2, source.nextBytes(type).data());
        if (id % 160 == 1) compareWithAll(index, source.nextBytes(type), &filter, "tail");
        if (id % 3 == 0) index.buildStep(scratch);
      }
      compareWithAll(index, source.nextBytes(type), nullptr, "half built");
      index.seal();
      build(index, 2);
      compareWithAll(index, source.nextBytes(type), nullptr, "built");
      compareWithAll(index, source.nextBytes(type), &filter, "built, filtered");
    }
  }
}

TEST("a scan measures few of the original values") {
  Parameters parameters;
  parameters.dimensions = 128;
  parameters.metric = Metric::Cosine;
  Index index(parameters);
  Source source(128, testSeed());
  for (uint32_t id = 0; id < 5000; id += 1) index.add(id, source.nextBytes().data());
  index.seal();
  build(index);
  // New vectors stay in the tail, and have codes once a builder has looked.
  for (uint32_t id = 5000; id < 5050; id += 1) index.add(id, source.nextBytes().data());
  build(index);
  const SearchResult result =
      search(index, source.nextBytes(), 10, 10, nullptr, SearchForce::Exact);
  CHECK(result.scannedCount == 5050, "%llu scanned", static_cast<unsigned long long>(result.scannedCount));
  CHECK(result.rerankedCount < 500, "%llu measured", static_cast<unsigned long long>(result.rerankedCount));
}
