// A dump of a graph at one place of its sequence, where a seal has cut it.
//
// The builder comes to the place, has any threads write the pieces (`link-image-format.h`) into
// memory, and goes on; searches go on all the while. At most `waitingPiecesMax` pieces wait to be
// taken: the builder of a graph that is larger than those stands still until they are. What the
// dump does not have follows from the vectors: codes and neighbor codes. Tombstones are the
// exception: their vectors are gone from the keyspace, so their codes are in it.
#pragma once

#include <atomic>

#include "link-image-format.h"

namespace lodestone {

struct IndexState;

class LinkDump {
 public:
  /// Of the graph once it has everything before `place`.
  explicit LinkDump(uint64_t place) : place_(place) {}
  LinkDump(const LinkDump&) = delete;

  uint64_t place() const { return place_; }

  /// Builder: how many pieces there are; 0 where there is no memory for them.
  size_t begin(const IndexState& state, uint32_t linkedSinceSweep);
  /// Builder: whether the piece may be written before others were taken.
  bool hasRoomFor(size_t piece) const;
  /// Builder, any thread. What there is no memory for makes the dump fail, and not the graph.
  void write(const IndexState& state, size_t piece);
  /// What is left is neither written nor taken.
  void fail() { isFailed_ = true; }

  enum class Taken { Piece, NotYet, End, Failed };
  /// One at a time: the next piece, which it lets go of.
  Taken take(LinkPiece& into);

 private:
  static constexpr size_t waitingPiecesMax = 1024;

  void writeHead(const IndexState& state, LinkPiece& piece) const;
  void writeSlots(const IndexState& state, uint32_t first, LinkPiece& piece) const;
  void writeUpper(const IndexState& state, uint32_t first, LinkPiece& piece) const;

  const uint64_t place_;
  uint32_t linkedSinceSweep_ = 0;
  std::vector<LinkPiece> pieces_;
  std::vector<std::atomic<uint8_t>> isWritten_;
  std::atomic<size_t> pieceCount_{0};
  std::atomic<size_t> takenCount_{0};
  std::atomic<bool> isFailed_{false};
};

}  // namespace lodestone
