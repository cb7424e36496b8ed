// Takes the sequence of changes into the graph, batch by batch, in steps that any threads run.
//
// Cuts fall at fixed places of the sequence: at a seal, or when a batch holds so many adds or
// removes (2 % of the graph, at most `batchLimit`). A batch goes through phases; the items of a
// phase are independent of each other and may run on any thread, and every list that a phase makes
// is put in order before the next, so the graph is a function of the sequence alone:
//
//   collect  cut the batch; tombstones for its removes, slots for its adds
//   encode   rotate and quantize                                        (one item: a new node)
//   link     look for candidates on the frozen graph, select links      (a new node)
//   edit     links back, in turns of applying                           (a target)
//   finish   upper levels; the batch leaves the tail
//   repair   when tombstones are 1 % of the nodes: see repair.cpp       (a range of slots)
//
// Two more come between batches: a dump of what is there (link-dump.h), and, once, before the first
// batch, links that were dumped instead of it (link-load.h).
//
// Before anything else a step encodes what is new in the tail (tail-codes.h): searches scan it.
// Searches go on; what they can reach changes in turns of applying only, a few blocks each.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "index-state.h"
#include "link-dump.h"
#include "link-load.h"
#include "selection.h"
#include "walk.h"

namespace lodestone {

/// What a thread needs for steps; kept between them.
struct BuildScratch {
  explicit BuildScratch(const IndexState& state) : selector(state.graph) {}
  Walker walker;
  Query query;
  LinkSelector selector;
  std::vector<Candidate> candidates;
  std::vector<Candidate> mates;
  std::vector<uint32_t> added;
  std::vector<LaneEdit> edits;
  std::vector<uint32_t> dropped;
};

/// A link that `slot` of a batch has to `target`, which should link back.
struct BackLink {
  uint32_t target;
  uint32_t slot;
};

/// Ran: come again. Wait: others are busy with what is left of a phase, or a snapshot is too old
/// for a repair. Rest: come again, after a while. Idle: nothing to do until the next change.
/// OutOfMemory: the tail stays a tail.
enum class BuildStep { Ran, Wait, Rest, Idle, OutOfMemory };

class Builder {
 public:
  explicit Builder(IndexState& state) : state_(state) {}

  BuildStep step(BuildScratch& scratch);
  /// Of a fresh index: nothing is built before links come, or are given up.
  void hold();
  /// The links are about all that is in the queue.
  void load(std::unique_ptr<LinkLoad> links);
  /// Builds as if there had never been any, for that reason.
  void giveUpLinks(const char* problem);
  /// The builder, once it is at the dump's place, has it written before it goes on.
  void dump(std::shared_ptr<LinkDump> dump);
  /// For checksums, which fall between batches: holds back the next; false while one is under way.
  bool pause();
  void unpause();

 private:
  enum class Phase {
    Collect, Encode, Link, Edit, RepairWait, RepairPlan, RepairApply,
    LoadBegin, LoadNodes, LoadLanes, Dump
  };
  struct Group {
    uint32_t target;
    uint32_t first;
    uint32_t end;
  };
  struct PlannedEdit {
    uint32_t slot;
    LaneEdit edit;
  };

  struct AheadTurn;

  bool findCut();
  bool collect();
  void run(Phase phase, size_t first, size_t end, BuildScratch& scratch);
  void begin(size_t item);
  void encode(uint32_t slot);
  bool encodeAhead(std::unique_lock<std::mutex>& guard);
  void startAdvancing(std::unique_lock<std::mutex>& guard);
  void link(size_t item, BuildScratch& scratch);
  void gatherMates(size_t item, BuildScratch& scratch);
  void edit(size_t first, size_t end, BuildScratch& scratch);
  void applyEdit(uint32_t slot, const LaneEdit& edit, BuildScratch& scratch);
  void groupEdits();
  /// What runs between phases, on one thread; returns the next phase.
  Phase advance(Phase finished);
  void finishBatch();
  void retire();

  // repair.cpp
  bool isRepairDue() const;
  void startRepair();
  void planRepair(size_t range, BuildScratch& scratch);
  void applyRepair(size_t range, BuildScratch& scratch);
  void finishRepair();

  // link-phases.cpp
  bool mayDump() const;
  Phase beginDump();
  void loadNodes(size_t piece, BuildScratch& scratch);
  void loadLanes(size_t range);
  Phase advanceLoad(Phase finished);
  void putLoadedSketches();
  void finishLoad();

  // reach.cpp
  struct Reach;
  void adoptOrphans();
  bool adopt(uint32_t slot, uint32_t parent, const Reach* reach);
  uint32_t adoptByNearest(uint32_t slot, const Reach* reach);
  uint32_t adoptByWalk(uint32_t slot, uint32_t root, const Reach* reach);
  bool isSweepDue() const;
  void sweep();

  void setItems(size_t count, size_t chunk);

  IndexState& state_;
  std::mutex mutex_;
  Phase phase_ = Phase::Collect;
  bool isAdvancing_ = false;
  /// Threads that encode the tail ahead; nothing is freed meanwhile.
  uint32_t encodersAhead_ = 0;
  std::condition_variable encodersGone_;
  bool isPaused_ = false;
  bool isHeld_ = false;
  bool isOutOfMemory_ = false;
  size_t itemCount_ = 0;
  size_t chunk_ = 1;
  size_t next_ = 0;
  size_t done_ = 0;

  uint64_t scanned_ = 0;
  uint32_t scannedAdds_ = 0;
  uint32_t scannedRemoves_ = 0;
  uint64_t end_ = 0;
  bool isSealed_ = false;
  /// Nodes that came in since all were known to be reachable.
  uint32_t linkedSinceSweep_ = 0;
  /// Slots that come in, and their records.
  std::vector<uint32_t> batch_;
  std::vector<uint32_t> batchRecords_;
  std::vector<uint32_t> dead_;
  std::vector<uint32_t> retired_;
  std::vector<BackLink> backLinks_;
  std::vector<BackLink> sortRoom_;
  std::vector<Group> groups_;
  std::vector<uint32_t> orphans_;
  std::vector<std::vector<PlannedEdit>> planned_;
  std::unique_ptr<LinkLoad> links_;
  std::shared_ptr<LinkDump> dump_;
};

}  // namespace lodestone
