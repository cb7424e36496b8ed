// What dump and load agree on: a graph's links as pieces of 32-bit words, each of at most about
// 256 KiB and complete in itself, so that any threads make and take them in any order. Numbers are
// little-endian, as every host here is; the last two words of a piece are its checksum.
//
//   head    1, version, dimensions, metric, m, efConstruction, batchLimit, signBits, seed (2),
//           sequence (2), slotLimit, nodes in use, upper nodes (free ones included), entry,
//           linkedSinceSweep
//   slots   2, first, end, a checksum of its documents' codes (2), a bit for each slot in use, then
//           each of those:
//             id, level | tombstone << 8, a bit for each lane in use, the links of those lanes,
//             of a tombstone: scale, squaredNorm, codeSum, int8 code
//   upper   3, first, end, for each node its slot (`none` if it is free), then, of each of its
//             levels from 1 on, `upperLinksMax` links
//
// The head comes first, slots and upper nodes follow in order, in pieces of as many as their worst
// case allows. Codes are not in it, but their checksum is: links that were made for other vectors
// would lead astray without anybody knowing.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "graph.h"
#include "rotation.h"
#include "upper-graph.h"

namespace lodestone {

constexpr uint32_t linkImageVersion = 2;
constexpr size_t headPieceWords = 19;
constexpr size_t checksumWords = 2;

enum class PieceKind : uint32_t { Head = 1, Slots = 2, Upper = 3 };

using LinkPiece = std::vector<uint32_t>;

inline uint64_t checksumOf(const uint32_t* words, size_t count) {
  uint64_t sum = mixBits(count);
  for (size_t at = 0; at < count; at += 2) {
    const uint64_t upper = at + 1 < count ? words[at + 1] : 0;
    sum = mixBits(sum ^ (words[at] | upper << 32));
  }
  return sum;
}

/// Words of a piece of slots before its bits.
constexpr size_t slotsHeadWords = 5;

/// Of the documents among these slots: what their codes say of the vectors, short of the codes.
inline uint64_t codesChecksumOf(const Graph& graph, uint32_t first, uint32_t end) {
  uint64_t sum = 0;
  for (uint32_t slot = first; slot < end; slot += 1) {
    if (!graph.isUsed(slot) || graph.head(slot).isDead != 0) continue;
    const CodeFactors& factors = graph.head(slot).factors;
    uint64_t lengths;
    std::memcpy(&lengths, &factors.scale, sizeof lengths);
    sum = mixBits(mixBits(sum ^ lengths) ^ static_cast<uint32_t>(factors.codeSum));
  }
  return sum;
}
static_assert(sizeof(CodeFactors) == 12, "scale and squared norm lie side by side");

inline uint32_t maskWordsOf(const Graph& graph) { return (graph.linksMax() + 31) / 32; }

/// Of a tombstone's code, with its factors.
inline size_t codeWordsOf(const Graph& graph) { return 3 + graph.codeBytes() / 4; }

/// Slots in a piece, a multiple of 32.
inline uint32_t slotsPerPiece(const Graph& graph) {
  const size_t bytes = (2 + maskWordsOf(graph) + graph.linksMax() + codeWordsOf(graph)) * 4;
  const size_t fitting = (size_t{256} << 10) / bytes;
  return static_cast<uint32_t>(std::max<size_t>(32, std::min<size_t>(1024, fitting) / 32 * 32));
}

constexpr uint32_t upperNodesPerPiece = 512;

inline uint32_t piecesOf(uint32_t count, uint32_t perPiece) {
  return static_cast<uint32_t>((uint64_t{count} + perPiece - 1) / perPiece);
}

}  // namespace lodestone
