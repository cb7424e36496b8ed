// Dump and load of a graph's links, in checksummed blocks, so that a start need not build again.
//
// A dump falls between two batches and holds the builder meanwhile, never the searches. It has ids,
// levels and links, not codes: those follow from the vectors, which the keyspace has. Tombstones
// are the exception: their vectors are gone, so their int8 codes are in the dump.
//
// To load: a fresh index, `add` of every document that was live at the dump's sequence, in any
// order, then `take` of each block, then `finish`. From there the builder's steps make codes and
// neighbor codes; until they are through, everything is tail and searches are complete all the
// same. Any problem leaves the index as it was, with everything in the tail: it is built instead.
#pragma once

#include <string>
#include <vector>

#include "index.h"

namespace lodestone {

class LinkDump {
 public:
  explicit LinkDump(Index& index) : index_(index) {}
  ~LinkDump() { end(); }
  LinkDump(const LinkDump&) = delete;
  LinkDump& operator=(const LinkDump&) = delete;

  /// False while a batch is under way: try again after a step.
  bool begin();
  /// Changes that the dump holds.
  uint64_t sequence() const { return sequence_; }
  /// The next block; false after the last.
  bool next(std::vector<uint8_t>& block);
  void end();

 private:
  void writeHead(std::vector<uint8_t>& block);
  void writeSlots(std::vector<uint8_t>& block);
  void writeUpper(std::vector<uint8_t>& block);

  Index& index_;
  bool isOpen_ = false;
  bool hasHead_ = false;
  bool hasUpper_ = false;
  uint64_t sequence_ = 0;
  uint32_t slot_ = 0;
};

class LinkLoad {
 public:
  explicit LinkLoad(Index& index) : index_(index) {}
  /// Null, or what is wrong with the block.
  const char* take(const uint8_t* block, size_t size);
  /// Null once everything was taken and the builder has it.
  const char* finish();

 private:
  struct Node {
    uint32_t id;
    uint8_t level;
    uint8_t isDead;
    CodeFactors factors;
    std::vector<int8_t> code;
  };
  class Reader;
  const char* readHead(Reader& reader);
  const char* readSlots(Reader& reader);
  const char* readUpper(Reader& reader);

  Index& index_;
  bool hasHead_ = false;
  bool hasUpper_ = false;
  uint32_t slotLimit_ = 0;
  uint32_t linkedSinceSweep_ = 0;
  std::vector<uint8_t> isUsed_;
  std::vector<Node> nodes_;
  std::vector<uint32_t> links_;
  UpperGraph::Image upper_{{}, {}, none};
};

}  // namespace lodestone
