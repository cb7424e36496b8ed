// The upper levels: every 32nd node, its code copied into compact memory of its own, since the few
// steps down from the top would otherwise each miss the cache. Nodes come in one after another, in
// log order; there are few, so this is not worth doing in parallel.
//
// Readers and writers keep apart by `TurnLock`; `plan` reads and `apply` writes.
#pragma once

#include <queue>
#include <vector>

#include "graph.h"
#include "query.h"

namespace lodestone {

constexpr uint32_t upperLevelsMax = 6;
constexpr uint32_t upperLinksMax = 16;

/// The level of a document: a hash of its id and the index's seed, each level every 32nd.
uint32_t levelOf(uint32_t id, uint64_t seed);

class UpperGraph {
 public:
  explicit UpperGraph(size_t codeBytes);

  bool isEmpty() const { return entry_ == none; }
  uint32_t entrySlot() const { return head(entry_).slot; }
  /// The slot on the lowest level where a walk starts: the nearest on a way from the top.
  uint32_t descend(const Query& query, uint64_t& distanceCount) const;
  /// Takes a node of level 1 or higher in; false without memory.
  bool insert(const Graph& graph, uint32_t slot, uint32_t level);
  /// Unlinks nodes; who linked to them chooses again among theirs.
  void remove(const std::vector<uint32_t>& slots);
  size_t mappedBytes() const { return nodes_.mappedBytes(); }
  uint64_t checksum() const;
  /// What contradicts the graph, or itself; see graph-check.h.
  uint32_t countFaults(const Graph& graph) const;
  size_t size() const { return nodeOf_.size() - freeCount_; }

  /// For dump and load: nodes below `nodeLimit` by number, each with its slot, or none if free.
  uint32_t nodeLimit() const { return static_cast<uint32_t>(nodeOf_.size()); }
  uint32_t entry() const { return entry_; }
  uint32_t slotOf(uint32_t node) const { return nodeOf_[node]; }
  uint32_t levelOfNode(uint32_t node) const { return head(node).level; }
  const uint32_t* linksOf(uint32_t node, uint32_t level) const { return links(node, level); }
  struct Image {
    std::vector<uint32_t> slots;
    /// Of each node that is not free, of each of its levels from 1 on.
    std::vector<uint32_t> links;
    uint32_t entry = none;
  };
  /// Into an empty one; the image is sound. Nobody sees it before `open`. False without memory, and
  /// then it is empty still.
  bool load(const Graph& graph, const Image& image);
  /// In a turn of applying: searches start there from now on.
  void open(uint32_t entry) { entry_ = entry; }

 private:
  struct Head {
    CodeFactors factors;
    uint32_t slot;
    uint32_t level;
  };
  int8_t* code(uint32_t node) const { return reinterpret_cast<int8_t*>(nodes_.at(node)); }
  Head& head(uint32_t node) const {
    return *reinterpret_cast<Head*>(nodes_.at(node) + codeBytes_ + upperLinksMax * 4);
  }
  /// Links of level 1 lie beside the code; those of higher levels follow the head.
  uint32_t* links(uint32_t node, uint32_t level) const;
  float distance(uint32_t left, uint32_t right) const;
  float distanceTo(const Query& query, uint32_t node) const {
    return query.distanceTo(code(node), head(node).factors, codeBytes_);
  }
  class SeenNodes;
  Candidate stepDown(const Query& query, Candidate start, uint32_t level, uint64_t& count) const;
  size_t takeUnseen(uint32_t node, uint32_t level, SeenNodes& seen, uint32_t* fresh) const;
  void gather(const Query& query, Candidate start, uint32_t level,
              std::vector<Candidate>& found) const;
  void writeLinks(uint32_t node, uint32_t level, std::vector<Candidate>& candidates);
  void linkBack(uint32_t node, uint32_t level, uint32_t neighbor);
  bool make(const Graph& graph, uint32_t node, uint32_t slot, uint32_t level);
  void chooseEntry();
  void clear();

  const size_t codeBytes_;
  SlotMemory nodes_;
  /// By number; none where free.
  std::vector<uint32_t> nodeOf_;
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<uint32_t>> free_;
  size_t freeCount_ = 0;
  uint32_t entry_ = none;
};

}  // namespace lodestone
