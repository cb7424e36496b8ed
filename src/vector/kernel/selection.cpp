// Selecting a node's links for the first time and again; see selection.h.
#include "selection.h"

#include <algorithm>

namespace lodestone {

namespace {

void readLanes(const Graph& graph, uint32_t node, LaneEdit& edit) {
  edit.lanes.resize(graph.linksMax());
  for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
    edit.lanes[lane] = graph.link(node, lane);
  }
  edit.tested.assign(graph.head(node).tested, graph.head(node).tested + testedGroupsMax);
}

void setTested(LaneEdit& edit, uint32_t lane, bool isTested) {
  if (lane / 32 >= testedGroupsMax) return;
  uint32_t& word = edit.tested[lane / 32];
  const uint32_t bit = 1u << (lane % 32);
  word = isTested ? word | bit : word & ~bit;
}

}  // namespace

void LinkSelector::selectFirst(uint32_t node, std::vector<Candidate>& candidates, LaneEdit& edit) {
  std::sort(candidates.begin(), candidates.end());
  const auto isSame = [](const Candidate& a, const Candidate& b) { return a.slot == b.slot; };
  candidates.erase(std::unique(candidates.begin(), candidates.end(), isSame), candidates.end());
  const auto isSelf = [node](const Candidate& a) { return a.slot == node; };
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(), isSelf), candidates.end());
  selectDiverse(
      candidates, graph_.linksMax(), selectionSlack,
      [this](uint32_t a, uint32_t b) { return graph_.distance(a, b); }, kept_);
  edit.lanes.assign(graph_.linksMax(), none);
  edit.tested.assign(testedGroupsMax, 0);
  for (uint32_t lane = 0; lane < kept_.size(); lane += 1) {
    edit.lanes[lane] = kept_[lane].slot;
    setTested(edit, lane, true);
  }
}

bool LinkSelector::isTested(const Member& member, const LaneEdit& edit) const {
  return member.lane < testedGroupsMax * 32 &&
         (edit.tested[member.lane / 32] >> (member.lane % 32) & 1) != 0;
}

void LinkSelector::selectMembers(LaneEdit& edit) {
  std::sort(members_.begin(), members_.end());
  keptMembers_.clear();
  for (const Member& member : members_) {
    if (keptMembers_.size() == graph_.linksMax()) break;
    const bool tested = isTested(member, edit);
    bool isNearerToKept = false;
    for (const Member& other : keptMembers_) {
      // Distances never change, so what was once found far enough apart still is.
      if (tested && isTested(other, edit)) continue;
      const float between = graph_.distance(member.candidate.slot, other.candidate.slot);
      if (selectionSlack * between < member.candidate.distance) {
        isNearerToKept = true;
        break;
      }
    }
    if (!isNearerToKept) keptMembers_.push_back(member);
  }
  std::fill(edit.lanes.begin(), edit.lanes.end(), none);
  std::fill(edit.tested.begin(), edit.tested.end(), 0u);
  for (const Member& member : keptMembers_) {
    if (member.lane == none) continue;
    edit.lanes[member.lane] = member.candidate.slot;
    setTested(edit, member.lane, true);
  }
  uint32_t lane = 0;
  for (const Member& member : keptMembers_) {
    if (member.lane != none) continue;
    while (edit.lanes[lane] != none) lane += 1;
    edit.lanes[lane] = member.candidate.slot;
    setTested(edit, lane, true);
  }
}

void LinkSelector::addTo(uint32_t node, const std::vector<uint32_t>& added, bool dropsDead,
                         LaneEdit& edit) {
  readLanes(graph_, node, edit);
  uint32_t count = 0;
  for (uint32_t lane = 0; lane < edit.lanes.size(); lane += 1) {
    uint32_t& link = edit.lanes[lane];
    if (link != none && dropsDead && graph_.head(link).isDead != 0) link = none;
    if (link == none) setTested(edit, lane, false);
    count += link != none;
  }
  members_.clear();
  for (uint32_t slot : added) {
    const bool isThere =
        slot == node || std::find(edit.lanes.begin(), edit.lanes.end(), slot) != edit.lanes.end();
    const auto isSlot = [slot](const Member& member) { return member.candidate.slot == slot; };
    if (isThere || std::any_of(members_.begin(), members_.end(), isSlot)) continue;
    members_.push_back({{0, slot}, none});
  }
  if (!dropsDead && count + members_.size() <= edit.lanes.size()) {
    uint32_t lane = 0;
    for (const Member& member : members_) {
      while (edit.lanes[lane] != none) lane += 1;
      edit.lanes[lane] = member.candidate.slot;
    }
    return;
  }
  for (uint32_t lane = 0; lane < edit.lanes.size(); lane += 1) {
    if (edit.lanes[lane] != none) members_.push_back({{0, edit.lanes[lane]}, lane});
  }
  for (const Member& member : members_) graph_.prefetchCode(member.candidate.slot);
  for (Member& member : members_) {
    member.candidate.distance = graph_.distance(node, member.candidate.slot);
  }
  selectMembers(edit);
}

void LinkSelector::apply(Graph& graph, uint32_t node, const LaneEdit& edit) {
  for (uint32_t lane = 0; lane < edit.lanes.size(); lane += 1) {
    graph.setLink(node, lane, edit.lanes[lane]);
  }
  for (uint32_t group = 0; group < testedGroupsMax; group += 1) {
    graph.head(node).tested[group] = edit.tested[group];
  }
}

}  // namespace lodestone
