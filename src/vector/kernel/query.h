// A query as the graph takes it: an int8 code in the rotated space and the look-up tables made from
// it. A stored node is a query too, while its neighbors are looked for.
//
// The graph is always one of squared distances; metrics differ in two weights here. COSINE has unit
// vectors. IP orders by -2 <q, v>, which is the squared distance without the norms: greedy steps
// over a graph of near neighbors lead toward a far point in the query's direction as well as to a
// near one, and links by inner products, which are no distances, would make the pruning rule
// meaningless.
#pragma once

#include "encoding.h"
#include "graph.h"

namespace lodestone {

struct Query {
  const int8_t* code = nullptr;
  CodeFactors factors{};
  /// Of the code, for bounds of exact distances; see encoding.h.
  float error = 0;
  QueryTable table{};
  /// 1 where distances count norms, 0 for IP.
  float normWeight = 1;

  AlignedArray<float> rotated;
  AlignedArray<int8_t> ownCode;
  AlignedArray<uint8_t> entries;

  void reserve(size_t codeBytes, size_t signBits) {
    if (rotated.size() < codeBytes) rotated.resize(codeBytes);
    if (ownCode.size() < codeBytes) ownCode.resize(codeBytes);
    if (entries.size() < signBits * 8) entries.resize(signBits * 8);
    table.entries = entries.data();
    table.bits = signBits;
  }

  /// From `rotated`: what an exact scan takes.
  void encode(size_t codeBytes) {
    CodeHead head;
    encodeRotated(rotated.data(), codeBytes, ownCode.data(), head);
    factors = head.factors;
    error = head.error;
    code = ownCode.data();
  }
  CodeHead codeHead() const { return {factors, error}; }

  /// What a walk takes besides.
  void prepareWalk(float weight) { finish(ownCode.data(), weight); }

  void prepareFrom(const int8_t* stored, const CodeFactors& storedFactors) {
    factors = storedFactors;
    finish(stored, 1);
  }

  float distanceTo(const int8_t* other, const CodeFactors& of, size_t codeBytes) const {
    const int32_t product = operations().dot(code, other, of.codeSum, codeBytes);
    return normWeight * (factors.squaredNorm + of.squaredNorm) -
           2.0f * (factors.scale * of.scale) * static_cast<float>(product);
  }

 private:
  void finish(const int8_t* from, float weight) {
    code = from;
    normWeight = weight;
    if (table.bits > 0) operations().buildTable(code, factors.scale, table);
  }
};

}  // namespace lodestone
