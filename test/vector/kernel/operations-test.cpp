// Every path that the host has computes the same bits as the plain one.
#include "samples.h"

namespace {

template <typename Value>
bool isSame(const Value* a, const Value* b, size_t count) {
  return std::memcmp(a, b, count * sizeof(Value)) == 0;
}

/// Bounds of sketches: the same bits, and next below what doubles say.
void compareBounds(const Operations& plain, const Operations& other, std::mt19937_64& random) {
  constexpr size_t count = 48;
  float factors[count];
  float norms[count];
  int32_t sums[count];
  for (size_t row = 0; row < count; row += 1) {
    factors[row] = static_cast<float>(random() % 1000) / 500;
    norms[row] = static_cast<float>(random() % 1000) / 100;
    sums[row] = static_cast<int32_t>(random() % 6000) - 3000;
  }
  const SketchBounds bounds{0.5f, 1, 0.01f, 3, 384, 0.002f, 7};
  float least[2][count];
  plain.boundSketches(bounds, factors, norms, sums, count, least[0]);
  other.boundSketches(bounds, factors, norms, sums, count, least[1]);
  CHECK(isSame(least[0], least[1], count), "boundSketches %s", other.name);
  for (size_t row = 0; row < count; row += 1) {
    const double factor = factors[row];
    const double estimate = 0.5 + norms[row] - 0.01 * factor * (2.0 * sums[row] - 7);
    const double reach = 3 * std::sqrt(std::max(0.0, factor * factor * 384 - norms[row]) * 0.002);
    const double rounding = 1e-5 * (1 + std::fabs(estimate) + reach);
    CHECK(least[0][row] <= estimate - reach + rounding, "row %zu is above its bound", row);
    CHECK(least[0][row] >= estimate - reach * 1.01 - rounding, "row %zu is far below it", row);
  }
}

void comparePath(const Operations& plain, const Operations& other, uint32_t dimensions,
                 std::mt19937_64& random) {
  std::normal_distribution<float> normal;
  const Rotation rotation(dimensions);
  const size_t count = rotation.count();
  AlignedArray<float> a(count), b(count);
  const float size = std::exp(normal(random) * 3);
  for (size_t at = 0; at < dimensions; at += 1) a[at] = b[at] = normal(random) * size;
  useOperations(plain);
  rotation.apply(a.data());
  useOperations(other);
  rotation.apply(b.data());
  CHECK(isSame(a.data(), b.data(), count), "rotate %s %u", other.name, dimensions);

  std::vector<int8_t> codes[2] = {std::vector<int8_t>(count), std::vector<int8_t>(count)};
  CodeFactors factors[2];
  plain.quantize(a.data(), count, codes[0].data(), factors[0]);
  other.quantize(b.data(), count, codes[1].data(), factors[1]);
  CHECK(codes[0] == codes[1] && isSame(&factors[0], &factors[1], 1), "quantize %s %u", other.name,
        dimensions);

  const float errors[2] = {
      plain.squaredError(a.data(), count, codes[0].data(), factors[0].scale),
      other.squaredError(b.data(), count, codes[1].data(), factors[1].scale)};
  CHECK(errors[0] == errors[1], "squaredError %s %u", other.name, dimensions);

  std::vector<int8_t> code(count);
  int32_t sum = 0;
  for (int8_t& value : code) sum += value = static_cast<int8_t>(random() % 255) - 127;
  CHECK(plain.dot(codes[0].data(), code.data(), sum, count) ==
            other.dot(codes[0].data(), code.data(), sum, count),
        "dot %s %u", other.name, dimensions);

  const size_t bits = std::min<size_t>(count, signBitsMax);
  AlignedArray<uint8_t> entries[2] = {AlignedArray<uint8_t>(bits * 8), AlignedArray<uint8_t>(bits * 8)};
  QueryTable tables[2] = {{entries[0].data(), bits, 0, 0}, {entries[1].data(), bits, 0, 0}};
  plain.buildTable(code.data(), 0.37f, tables[0]);
  other.buildTable(code.data(), 0.37f, tables[1]);
  CHECK(isSame(entries[0].data(), entries[1].data(), bits * 8) &&
            tables[0].step == tables[1].step && tables[0].offset == tables[1].offset,
        "buildTable %s %u", other.name, dimensions);

  AlignedArray<uint8_t> rows[2] = {AlignedArray<uint8_t>(bits * 4), AlignedArray<uint8_t>(bits * 4)};
  float add[laneCount], multiply[laneCount];
  for (uint32_t lane = 0; lane < laneCount; lane += 1) {
    std::vector<int8_t> neighbor(count);
    for (int8_t& value : neighbor) value = static_cast<int8_t>(random() % 255) - 127;
    const int32_t weights[2] = {static_cast<int32_t>(random() % 256), 255};
    const SignSums one = plain.encodeSigns(code.data(), neighbor.data(), weights[lane % 2],
                                           weights[1 - lane % 2], bits, rows[0].data() + laneByte(lane));
    const SignSums two = other.encodeSigns(code.data(), neighbor.data(), weights[lane % 2],
                                           weights[1 - lane % 2], bits, rows[1].data() + laneByte(lane));
    CHECK(one.node == two.node && one.neighbor == two.neighbor, "encodeSigns %s", other.name);
    add[lane] = lane % 7 == 3 ? std::numeric_limits<float>::infinity() : normal(random);
    multiply[lane] = normal(random);
  }
  CHECK(isSame(rows[0].data(), rows[1].data(), bits * 4), "rows %s %u", other.name, dimensions);

  std::vector<uint8_t> signs(9 * bits / 8);
  for (uint8_t& byte : signs) byte = static_cast<uint8_t>(random());
  std::fill_n(signs.begin(), bits / 8, uint8_t(255));
  const uint8_t* signRows[9];
  for (size_t row = 0; row < 9; row += 1) signRows[row] = &signs[row * bits / 8];
  int32_t signSums[2][9];
  plain.signSums(signRows, 9, code.data(), bits, signSums[0]);
  other.signSums(signRows, 9, code.data(), bits, signSums[1]);
  CHECK(isSame(signSums[0], signSums[1], 9), "signSums %s %u", other.name, dimensions);

  for (size_t keyCount = 0; keyCount <= laneCount; keyCount += 1) {
    uint64_t keys[2][laneCount + 8];
    for (size_t at = 0; at < keyCount; at += 1) keys[0][at] = keys[1][at] = random() << 8 | at;
    plain.sortKeys(keys[0], keyCount);
    other.sortKeys(keys[1], keyCount);
    CHECK(isSame(keys[0], keys[1], keyCount), "sortKeys %s %zu", other.name, keyCount);
    CHECK(std::is_sorted(keys[0], keys[0] + keyCount), "sorted by plain");
  }

  for (const float weight : {1.0f, 0.0f}) {
    float estimates[2][laneCount];
    const uint32_t below = plain.estimate(
        {&tables[0], rows[0].data(), add, multiply, weight, 0.5f, 3.0f}, estimates[0]);
    CHECK(below == other.estimate({&tables[1], rows[1].data(), add, multiply, weight, 0.5f, 3.0f},
                                  estimates[1]),
          "estimate %s", other.name);
    for (uint32_t lane = 0; lane < laneCount; lane += 1) {
      const bool isEmpty = std::isinf(add[lane]);
      CHECK(isEmpty || estimates[0][lane] == estimates[1][lane], "estimate of lane %u %s", lane,
            other.name);
      CHECK(!isEmpty || (below >> lane & 1) == 0, "empty lane %u came through", lane);
    }
  }
}

}  // namespace

TEST("every path computes the same bits") {
  std::mt19937_64 random(testSeed());
  const Operations& chosen = operations();
  for (const Operations* const* path = allPaths() + 1; *path != nullptr; path += 1) {
    for (const uint32_t dimensions : {1u, 2u, 63u, 64u, 65u, 100u, 384u, 512u, 700u, 1536u, 32768u}) {
      comparePath(*plainOperations(), **path, dimensions, random);
    }
    compareBounds(*plainOperations(), **path, random);
    for (size_t type = 0; type < elementTypeCount; type += 1) {
      AlignedArray<uint8_t> stored(160 * 8);
      AlignedArray<double> query(160);
      for (size_t at = 0; at < 160; at += 1) query[at] = static_cast<double>(random() % 1000) / 7;
      for (size_t at = 0; at < stored.size(); at += 1) stored[at] = static_cast<uint8_t>(random() % 64);
      const Operations& plain = *plainOperations();
      CHECK(plain.product[type](stored.data(), query.data(), 160) ==
                (*path)->product[type](stored.data(), query.data(), 160),
            "product %zu %s", type, (*path)->name);
      CHECK(plain.squaredDifference[type](stored.data(), query.data(), 160) ==
                (*path)->squaredDifference[type](stored.data(), query.data(), 160),
            "squaredDifference %zu %s", type, (*path)->name);
    }
  }
  useOperations(chosen);
}

TEST("every path counts bits, of any number of words from any one on") {
  std::mt19937_64 random(testSeed());
  std::vector<uint32_t> words(300);
  for (uint32_t& word : words) word = static_cast<uint32_t>(random());
  for (const Operations* const* path = allPaths(); *path != nullptr; path += 1) {
    for (size_t first = 0; first < 4; first += 1) {
      uint64_t expected = 0;
      for (size_t count = 0; first + count < words.size(); count += 1) {
        CHECK((*path)->countBits(words.data() + first, count) == expected, "%s: %zu words",
              (*path)->name, count);
        for (uint32_t bits = words[first + count]; bits != 0; bits &= bits - 1) expected += 1;
      }
    }
  }
}

TEST("rotation keeps distances") {
  Source source(300, testSeed());
  const Rotation rotation(300);
  for (int round = 0; round < 20; round += 1) {
    const std::vector<float> a = source.next();
    const std::vector<float> b = source.next();
    AlignedArray<float> x(rotation.count()), y(rotation.count());
    std::copy(a.begin(), a.end(), x.data());
    std::copy(b.begin(), b.end(), y.data());
    rotation.apply(x.data());
    rotation.apply(y.data());
    double before = 0, after = 0;
    for (size_t at = 0; at < 300; at += 1) before += (a[at] - b[at]) * (a[at] - b[at]);
    for (size_t at = 0; at < rotation.count(); at += 1) after += (x[at] - y[at]) * (x[at] - y[at]);
    CHECK(std::fabs(before - after) < 1e-4 * before, "%f became %f", before, after);
  }
}
