// The operations that are the same text on every path: rotate, quantize, buildTable, counts
// and the exact sums. A path file includes this after its own dot, signSums, estimate and encodeSigns.

namespace lodestone {
namespace {

/// Walsh-Hadamard: the steps 1 and 2 inside four lanes, 4 and 8 between them, the others in rows.
LANES void transformSixteen(float* values, float scale) {
  const Quad firstSigns = {1, -1, 1, -1};
  const Quad secondSigns = {1, 1, -1, -1};
  Quad quads[4];
  for (int part = 0; part < 4; part += 1) {
    Quad quad = loadLanes<Quad>(values + part * 4);
    quad = __builtin_shufflevector(quad, quad, 1, 0, 3, 2) + quad * firstSigns;
    quads[part] = __builtin_shufflevector(quad, quad, 2, 3, 0, 1) + quad * secondSigns;
  }
  const Quad sums[4] = {quads[0] + quads[1], quads[0] - quads[1], quads[2] + quads[3],
                        quads[2] - quads[3]};
  storeLanes(values, (sums[0] + sums[2]) * scale);
  storeLanes(values + 4, (sums[1] + sums[3]) * scale);
  storeLanes(values + 8, (sums[0] - sums[2]) * scale);
  storeLanes(values + 12, (sums[1] - sums[3]) * scale);
}

LANES void transform(float* values, size_t power, float scale) {
  for (size_t at = 0; at < power; at += 16) transformSixteen(values + at, scale);
  for (size_t half = 16; half < power; half *= 2) {
    for (size_t start = 0; start < power; start += 2 * half) {
      for (size_t at = start; at < start + half; at += 16) {
        const Floats low = loadLanes<Floats>(values + at);
        const Floats high = loadLanes<Floats>(values + at + half);
        storeLanes(values + at, low + high);
        storeLanes(values + at + half, low - high);
      }
    }
  }
}

void rotate(const RotationPlan& plan, float* values) {
  for (size_t round = 0; round < plan.rounds; round += 1) {
    const float* signs = plan.signs + round * plan.count;
    for (size_t at = 0; at < plan.count; at += 16) {
      storeLanes(values + at, loadLanes<Floats>(values + at) * loadLanes<Floats>(signs + at));
    }
    if (plan.power == plan.count) {
      transform(values, plan.power, plan.transformScale);
      continue;
    }
    // The power of two covers the front in one round and the back in the next; the butterflies
    // between the halves carry what it left out.
    transform(round % 2 == 0 ? values : values + plan.count - plan.power, plan.power,
              plan.transformScale);
    const float halfRoot = 0.70710678f;
    for (size_t at = 0; at < plan.count / 2; at += 16) {
      const Floats low = loadLanes<Floats>(values + at);
      const Floats high = loadLanes<Floats>(values + at + plan.count / 2);
      storeLanes(values + at, (low + high) * halfRoot);
      storeLanes(values + at + plan.count / 2, (low - high) * halfRoot);
    }
  }
}

LANES float largestMagnitude(const float* values, size_t count) {
  Floats largest = {};
  for (size_t at = 0; at < count; at += 16) {
    Words bits = loadLanes<Words>(values + at) & 0x7fffffffu;
    Floats magnitude;
    std::memcpy(&magnitude, &bits, sizeof bits);
    largest = magnitude > largest ? magnitude : largest;
  }
  float lanes[16];
  storeLanes(lanes, largest);
  float found = 0;
  for (float lane : lanes) found = lane > found ? lane : found;
  return found;
}

void quantize(const float* values, size_t count, int8_t* code, CodeFactors& factors) {
  const float largest = largestMagnitude(values, count);
  // Below it 127 / largest would overflow; such a vector is as good as zero.
  const bool isZero = !(largest > 1e-36f);
  const float inverse = isZero ? 0.0f : 127.0f / largest;
  // Adding and taking away 1.5 * 2^23 rounds to the nearest integer, ties to even.
  const float rounder = 12582912.0f;
  Ints sum = {};
  Ints squares = {};
  for (size_t at = 0; at < count; at += 16) {
    const Floats rounded = (loadLanes<Floats>(values + at) * inverse + rounder) - rounder;
    const Ints lanes = __builtin_convertvector(rounded, Ints);
    sum += lanes;
    squares += lanes * lanes;
    storeLanes(code + at, __builtin_convertvector(lanes, Bytes));
  }
  factors.scale = isZero ? 0.0f : largest / 127.0f;
  factors.codeSum = addLanes(sum, int32_t());
  factors.squaredNorm =
      factors.scale * factors.scale * static_cast<float>(addLanes(squares, int32_t()));
}

/// Never below the root, and by less than a hundredth above: one step of Newton's from a guess that
/// halves the exponent.
LANES Floats rootAbove(const Floats& squares) {
  Words bits;
  std::memcpy(&bits, &squares, sizeof bits);
  bits = (bits >> 1) + 0x1fbd1df5u;
  Floats guess;
  std::memcpy(&guess, &bits, sizeof guess);
  return (guess + squares / guess) * 0.5f;
}

void boundSketches(const SketchBounds& bounds, const float* factors, const float* squaredNorms,
                   const int32_t* sums, size_t count, float* least) {
  for (size_t at = 0; at < count; at += 16) {
    const Floats factor = loadLanes<Floats>(factors + at);
    const Floats squaredNorm = loadLanes<Floats>(squaredNorms + at);
    const Ints sum = loadLanes<Ints>(sums + at);
    const Floats across = factor * factor * bounds.bits - squaredNorm;
    const Floats spread = rootAbove((across > 0 ? across : across - across) * bounds.perDimension);
    const Floats product = __builtin_convertvector(sum + sum - bounds.codeTotal, Floats) *
                           (factor * bounds.multiply);
    storeLanes(least + at, bounds.offset + squaredNorm * bounds.normWeight - product -
                               spread * bounds.reach);
  }
}

float squaredError(const float* values, size_t count, const int8_t* code, float scale) {
  Floats sums = {};
  for (size_t at = 0; at < count; at += 16) {
    const Ints lanes = __builtin_convertvector(loadLanes<Bytes>(code + at), Ints);
    const Floats error =
        loadLanes<Floats>(values + at) - __builtin_convertvector(lanes, Floats) * scale;
    sums += error * error;
  }
  return addLanes(sums, float());
}

/// In every lane pairs, then nibbles, then bytes: processors count bits of words at best, and not
/// all do.
LANES Words countLanes(const Words& words) {
  const Words pairs = words - (words >> 1 & 0x55555555u);
  const Words nibbles = (pairs & 0x33333333u) + (pairs >> 2 & 0x33333333u);
  return ((nibbles + (nibbles >> 4)) & 0x0f0f0f0fu) * 0x01010101u >> 24;
}

uint64_t countBits(const uint32_t* words, size_t count) {
  Words sums = {};
  size_t at = 0;
  for (; at + 16 <= count; at += 16) sums += countLanes(loadLanes<Words>(words + at));
  uint32_t rest[16] = {};
  if (at < count) std::memcpy(rest, words + at, (count - at) * sizeof(uint32_t));
  sums += countLanes(loadLanes<Words>(rest));
  return addLanes(sums, uint32_t());
}

/// Entry n of a table is the sum of the code's values whose bit is set in n, lifted by the sum of
/// the negative ones so that it is never below zero, and scaled to 8 bits where it needs more.
void buildTable(const int8_t* code, float scale, QueryTable& table) {
  Ints totals = {};
  Ints lifts = {};
  Ints largest = {};
  for (size_t at = 0; at < table.bits; at += 16) {
    const Ints values = __builtin_convertvector(loadLanes<Bytes>(code + at), Ints);
    const Ints lifted = values < 0 ? -values : values - values;
    const Ints pairs = values + lifted + lifted;
    const Ints halves = pairs + __builtin_shufflevector(pairs, pairs, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8,
                                                        11, 10, 13, 12, 15, 14);
    const Ints spreads = halves + __builtin_shufflevector(halves, halves, 2, 3, 0, 1, 6, 7, 4, 5,
                                                          10, 11, 8, 9, 14, 15, 12, 13);
    totals += values;
    lifts += lifted;
    largest = spreads > largest ? spreads : largest;
  }
  const int32_t total = addLanes(totals, int32_t());
  const int32_t lift = addLanes(lifts, int32_t());
  int32_t spreads[16];
  storeLanes(spreads, largest);
  bool fits = true;
  for (const int32_t spread : spreads) fits = fits && spread <= 255;
  // Four values of at most 127 need one bit more than fits, if that: it is rounded away.
  const int32_t shift = fits ? 0 : 1;
  const Ints bit0 = {0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1};
  const Ints bit1 = {0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1};
  const Ints bit2 = {0, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, -1};
  const Ints bit3 = {0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1};
  for (size_t group = 0; group < table.bits / 4; group += 1) {
    const int8_t* four = code + group * 4;
    int32_t low = 0;
    for (int at = 0; at < 4; at += 1) low += four[at] < 0 ? four[at] : 0;
    Ints sums = (bit0 & four[0]) + (bit1 & four[1]) + (bit2 & four[2]) + (bit3 & four[3]) - low;
    sums = (sums + shift) >> shift;
    const UnsignedBytes bytes = __builtin_convertvector(sums, UnsignedBytes);
    // A row of packed bits holds groups 0 (low nibbles) and 1 (high) in its first half, 2 and 3 in
    // its second: tables 0 0 2 2, then 1 1 3 3, are what 64 bytes of it are looked up in.
    const size_t inRow = group % 4;
    uint8_t* to = table.entries + group / 4 * 128 + (inRow & 1) * 64 + (inRow >> 1) * 32;
    storeLanes(to, bytes);
    storeLanes(to + 16, bytes);
  }
  table.step = fits ? 2.0f * scale : 4.0f * scale;
  table.offset = static_cast<float>(-2 * lift - total) * scale;
}

struct Float32Values {
  LANES Doubles at(const void* stored, size_t index) {
    const Floats lanes = loadLanes<Floats>(static_cast<const float*>(stored) + index);
    return __builtin_convertvector(lanes, Doubles);
  }
};

struct Float64Values {
  LANES Doubles at(const void* stored, size_t index) {
    return loadLanes<Doubles>(static_cast<const double*>(stored) + index);
  }
};

LANES Doubles widenBits(const Words& bits, float scale) {
  Floats lanes;
  std::memcpy(&lanes, &bits, sizeof bits);
  return __builtin_convertvector(lanes * scale, Doubles);
}

struct Float16Values {
  LANES Doubles at(const void* stored, size_t index) {
    const Halves halves = loadLanes<Halves>(static_cast<const uint16_t*>(stored) + index);
    const Words words = __builtin_convertvector(halves, Words);
    // Exponent and fraction moved into place are too small by 2^112; subnormals come out right too.
    return widenBits((words & 0x7fffu) << 13 | (words & 0x8000u) << 16, 0x1p112f);
  }
};

struct Bfloat16Values {
  LANES Doubles at(const void* stored, size_t index) {
    const Halves halves = loadLanes<Halves>(static_cast<const uint16_t*>(stored) + index);
    return widenBits(__builtin_convertvector(halves, Words) << 16, 1.0f);
  }
};

struct Int8Values {
  LANES Doubles at(const void* stored, size_t index) {
    const Bytes bytes = loadLanes<Bytes>(static_cast<const int8_t*>(stored) + index);
    return __builtin_convertvector(__builtin_convertvector(bytes, Ints), Doubles);
  }
};

struct Uint8Values {
  LANES Doubles at(const void* stored, size_t index) {
    const uint8_t* bytesAt = static_cast<const uint8_t*>(stored) + index;
    const UnsignedBytes bytes = loadLanes<UnsignedBytes>(bytesAt);
    return __builtin_convertvector(__builtin_convertvector(bytes, Ints), Doubles);
  }
};

template <typename Values>
double product(const void* stored, const double* query, size_t paddedCount) {
  Doubles sums = {};
  for (size_t at = 0; at < paddedCount; at += 16) {
    sums += Values::at(stored, at) * loadLanes<Doubles>(query + at);
  }
  return addLanes(sums, double());
}

template <typename Values>
double squaredDifference(const void* stored, const double* query, size_t paddedCount) {
  Doubles sums = {};
  for (size_t at = 0; at < paddedCount; at += 16) {
    const Doubles difference = Values::at(stored, at) - loadLanes<Doubles>(query + at);
    sums += difference * difference;
  }
  return addLanes(sums, double());
}

Operations describeOperations(const char* name) {
  return {name,
          dot,
          rotate,
          quantize,
          signSums,
          boundSketches,
          squaredError,
          countBits,
          buildTable,
          estimate,
          sortKeys,
          encodeSigns,
          {product<Float32Values>, product<Float64Values>, product<Float16Values>,
           product<Bfloat16Values>, product<Int8Values>, product<Uint8Values>},
          {squaredDifference<Float32Values>, squaredDifference<Float64Values>,
           squaredDifference<Float16Values>, squaredDifference<Bfloat16Values>,
           squaredDifference<Int8Values>, squaredDifference<Uint8Values>}};
}

}  // namespace
}  // namespace lodestone
