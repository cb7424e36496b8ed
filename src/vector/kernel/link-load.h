// Links that were dumped, on their way into a fresh index whose documents came from elsewhere.
//
// The builder is held from the index's beginning (`Builder::hold`), documents are added with the
// ids that they had, pieces are handed over, and `Builder::load` marks the place in the sequence:
// what was added before it is what the links are about. Then any threads check and place them:
//
//   begin   the head, which slots are in use                                  (one thread)
//   nodes   ids, levels, links as they are; codes from the vectors            (a piece)
//   lanes   whether links lead anywhere; neighbor codes                       (a range of slots)
//   finish  upper levels
//
// Until that is through everything is tail, so searches are complete. Whatever is wrong is found
// before a search can reach any of it: then all is undone and the graph is built instead. A file
// that is made to do harm may have good checksums, so nothing in it is believed unchecked.
#pragma once

#include <atomic>

#include "link-image-format.h"

namespace lodestone {

struct IndexState;

class LinkLoad {
 public:
  explicit LinkLoad(IndexState& state) : state_(state) {}
  LinkLoad(const LinkLoad&) = delete;

  /// The next piece, copied; in the order in which they were taken from a dump.
  void take(const uint32_t* words, size_t count) { pieces_.emplace_back(words, words + count); }
  /// What was added before this place, so many documents, belongs to the links.
  void setPlace(uint64_t place, uint32_t liveCount) {
    place_ = place;
    liveCount_ = liveCount;
  }
  uint64_t place() const { return place_; }

  /// Each step returns whether all is well so far; `problem` says what is not.
  bool begin();
  size_t nodePieces() const { return nodePieces_; }
  /// Appends the slots of documents, whose codes are still to be made.
  void placeNodes(size_t piece, std::vector<uint32_t>& placed);
  /// Once the codes of a piece's documents were made.
  void checkCodes(size_t piece);
  bool haveAllNodes();
  void placeLanes(uint32_t first, uint32_t end);
  /// The upper levels, which nobody sees before they are opened.
  bool finish();
  uint32_t entry() const { return entry_; }
  /// The index is fresh again.
  void undo();
  const char* problem() const { return problem_.load(); }

  const std::vector<uint32_t>& dead() const { return dead_; }
  uint32_t linkedSinceSweep() const { return linkedSinceSweep_; }
  uint64_t dumpedSequence() const { return dumpedSequence_; }

 private:
  class Reader;
  bool refuse(const char* problem);
  bool isIntact(const LinkPiece& piece) const;
  bool readHead(const LinkPiece& piece);
  bool takeSlots();
  bool placeNode(Reader& reader, uint32_t slot);
  bool placeDead(Reader& reader, uint32_t slot);
  bool claimRecord(uint32_t slot);
  bool readUpper(UpperGraph::Image& image, std::vector<uint32_t>& starts);
  bool isSound(const UpperGraph::Image& image, const std::vector<uint32_t>& starts) const;

  IndexState& state_;
  std::vector<LinkPiece> pieces_;
  std::atomic<const char*> problem_{nullptr};
  uint64_t place_ = 0;
  uint32_t liveCount_ = 0;

  uint64_t dumpedSequence_ = 0;
  uint32_t slotLimit_ = 0;
  uint32_t usedCount_ = 0;
  uint32_t upperLimit_ = 0;
  uint32_t entry_ = none;
  uint32_t linkedSinceSweep_ = 0;
  size_t nodePieces_ = 0;
  std::vector<uint64_t> codesChecksums_;
  bool hasSlots_ = false;
  std::vector<std::atomic<uint8_t>> isTaken_;
  std::vector<uint32_t> dead_;
};

}  // namespace lodestone
