// Descending, inserting and removing on the upper levels; see upper-graph.h.
#include "upper-graph.h"

#include <algorithm>
#include <cstring>

#include "rotation.h"
#include "selection.h"

namespace lodestone {

namespace {

/// Candidates that an insertion looks at on each level.
constexpr size_t gatherMax = 48;

/// Candidates that a way down keeps: few on the lowest of these levels, where each step may miss
/// the cache, more above, where there are few nodes. With one (the paper's greedy steps) 23 in
/// 1,000 queries ended among strangers, in 120,000 vectors of 1,400 clusters, which no ef on the
/// lowest level makes up for: at ef 20 eight were left, and one is left now. It costs a quick
/// search a fifteenth; four on the lowest level cost another, and found as much.
constexpr size_t keptLowest = 2;
constexpr size_t keptAbove = 8;

size_t nodeBytes(size_t codeBytes) {
  return codeBytes + roundUp(upperLinksMax * 4 * upperLevelsMax + 24, 64);
}

}  // namespace

uint32_t levelOf(uint32_t id, uint64_t seed) {
  uint64_t bits = mixBits(mixBits(seed) ^ id);
  uint32_t level = 0;
  for (; (bits & 31) == 0 && level < upperLevelsMax; bits >>= 5) level += 1;
  return level;
}

/// Marks by epoch, so that a way down need not begin by clearing them; a thread keeps its own, and
/// may use them for one graph after another.
class UpperGraph::SeenNodes {
 public:
  void begin(size_t nodeCount) {
    if (epochs_.size() < nodeCount) epochs_.resize(nodeCount + nodeCount / 2, 0);
    epoch_ += 1;
    if (epoch_ != 0) return;
    std::fill(epochs_.begin(), epochs_.end(), 0);
    epoch_ = 1;
  }
  /// False if it was marked already.
  bool add(uint32_t node) {
    const bool isNew = epochs_[node] != epoch_;
    epochs_[node] = epoch_;
    return isNew;
  }

 private:
  std::vector<uint16_t> epochs_;
  uint16_t epoch_ = 0;
};

UpperGraph::UpperGraph(size_t codeBytes) : codeBytes_(codeBytes), nodes_(nodeBytes(codeBytes)) {}

uint32_t* UpperGraph::links(uint32_t node, uint32_t level) const {
  const size_t skip = level == 1 ? 0 : sizeof(Head) + (level - 1) * upperLinksMax * 4;
  return reinterpret_cast<uint32_t*>(nodes_.at(node) + codeBytes_ + skip);
}

float UpperGraph::distance(uint32_t left, uint32_t right) const {
  const CodeFactors& a = head(left).factors;
  const CodeFactors& b = head(right).factors;
  const int32_t product = operations().dot(code(left), code(right), b.codeSum, codeBytes_);
  return (a.squaredNorm + b.squaredNorm) - 2.0f * (a.scale * b.scale) * static_cast<float>(product);
}

/// Best first, with a few candidates, until all that are kept were expanded.
Candidate UpperGraph::stepDown(const Query& query, Candidate start, uint32_t level,
                               uint64_t& count) const {
  static thread_local SeenNodes seen;
  seen.begin(nodeOf_.size());
  seen.add(start.slot);
  const size_t limit = level == 1 ? keptLowest : keptAbove;
  Candidate kept[keptAbove];
  bool isExpanded[keptAbove] = {};
  size_t size = 1;
  kept[0] = start;
  for (size_t at = 0; at < size;) {
    if (isExpanded[at]) {
      at += 1;
      continue;
    }
    isExpanded[at] = true;
    uint32_t fresh[upperLinksMax];
    const size_t freshCount = takeUnseen(kept[at].slot, level, seen, fresh);
    count += freshCount;
    for (size_t index = 0; index < freshCount; index += 1) {
      const Candidate next{distanceTo(query, fresh[index]), fresh[index]};
      if (size == limit && !(next < kept[size - 1])) continue;
      size = std::min(size + 1, limit);
      size_t place = size - 1;
      for (; place > 0 && next < kept[place - 1]; place -= 1) {
        kept[place] = kept[place - 1];
        isExpanded[place] = isExpanded[place - 1];
      }
      kept[place] = next;
      isExpanded[place] = false;
      at = std::min(at, place);
    }
  }
  return kept[0];
}

/// A node's links that were not seen yet, on their way from memory; marks them.
size_t UpperGraph::takeUnseen(uint32_t node, uint32_t level, SeenNodes& seen,
                              uint32_t* fresh) const {
  const uint32_t* list = links(node, level);
  size_t count = 0;
  for (uint32_t index = 0; index < upperLinksMax && list[index] != none; index += 1) {
    if (!seen.add(list[index])) continue;
    fresh[count] = list[index];
    count += 1;
    const uint8_t* block = nodes_.at(list[index]);
    for (size_t byte = 0; byte < codeBytes_ + 128; byte += 64) __builtin_prefetch(block + byte);
  }
  return count;
}

uint32_t UpperGraph::descend(const Query& query, uint64_t& distanceCount) const {
  Candidate at{distanceTo(query, entry_), entry_};
  for (uint32_t level = head(entry_).level; level >= 1; level -= 1) {
    at = stepDown(query, at, level, distanceCount);
  }
  return head(at.slot).slot;
}

/// Best first, until the nearest that is left is farther than what was gathered.
void UpperGraph::gather(const Query& query, Candidate start, uint32_t level,
                        std::vector<Candidate>& found) const {
  std::vector<uint8_t> isSeen(nodeOf_.size(), 0);
  std::vector<Candidate> queue{start};
  const auto isFarther = [](const Candidate& a, const Candidate& b) { return b < a; };
  found.assign(1, start);
  isSeen[start.slot] = 1;
  while (!queue.empty()) {
    std::pop_heap(queue.begin(), queue.end(), isFarther);
    const Candidate at = queue.back();
    queue.pop_back();
    if (found.size() >= gatherMax && found.front() < at) break;
    const uint32_t* list = links(at.slot, level);
    for (uint32_t index = 0; index < upperLinksMax && list[index] != none; index += 1) {
      if (isSeen[list[index]] != 0) continue;
      isSeen[list[index]] = 1;
      const Candidate next{distanceTo(query, list[index]), list[index]};
      if (found.size() >= gatherMax && found.front() < next) continue;
      queue.push_back(next);
      std::push_heap(queue.begin(), queue.end(), isFarther);
      found.push_back(next);
      std::push_heap(found.begin(), found.end());
      if (found.size() <= gatherMax) continue;
      std::pop_heap(found.begin(), found.end());
      found.pop_back();
    }
  }
}

void UpperGraph::writeLinks(uint32_t node, uint32_t level, std::vector<Candidate>& candidates) {
  std::sort(candidates.begin(), candidates.end());
  std::vector<Candidate> kept;
  selectDiverse(
      candidates, upperLinksMax, 1.0f,
      [this](uint32_t a, uint32_t b) { return distance(a, b); }, kept);
  uint32_t* list = links(node, level);
  for (uint32_t index = 0; index < upperLinksMax; index += 1) {
    list[index] = index < kept.size() ? kept[index].slot : none;
  }
}

void UpperGraph::linkBack(uint32_t node, uint32_t level, uint32_t neighbor) {
  uint32_t* list = links(node, level);
  uint32_t count = 0;
  while (count < upperLinksMax && list[count] != none) count += 1;
  if (count < upperLinksMax) {
    list[count] = neighbor;
    return;
  }
  std::vector<Candidate> candidates{{distance(node, neighbor), neighbor}};
  for (uint32_t index = 0; index < count; index += 1) {
    candidates.push_back({distance(node, list[index]), list[index]});
  }
  writeLinks(node, level, candidates);
}

bool UpperGraph::make(const Graph& graph, uint32_t node, uint32_t slot, uint32_t level) {
  if (nodes_.take(node) == nullptr) return false;
  std::memcpy(code(node), graph.code(slot), codeBytes_);
  head(node) = {graph.head(slot).factors, slot, level};
  for (uint32_t at = 1; at <= upperLevelsMax; at += 1) {
    std::fill_n(links(node, at), upperLinksMax, none);
  }
  nodeOf_[node] = slot;
  return true;
}

bool UpperGraph::insert(const Graph& graph, uint32_t slot, uint32_t level) {
  const bool isNew = free_.empty();
  const uint32_t node = isNew ? static_cast<uint32_t>(nodeOf_.size()) : free_.top();
  if (isNew) nodeOf_.push_back(none);
  if (!make(graph, node, slot, level)) {
    if (isNew) nodeOf_.pop_back();
    return false;
  }
  if (!isNew) {
    free_.pop();
    freeCount_ -= 1;
  }
  if (entry_ == none) {
    entry_ = node;
    return true;
  }
  Query query;
  query.prepareFrom(code(node), head(node).factors);
  uint64_t count = 0;
  Candidate at{distanceTo(query, entry_), entry_};
  const uint32_t top = head(entry_).level;
  for (uint32_t above = top; above > level; above -= 1) at = stepDown(query, at, above, count);
  std::vector<Candidate> candidates;
  for (uint32_t below = std::min(top, level); below >= 1; below -= 1) {
    gather(query, at, below, candidates);
    at = *std::min_element(candidates.begin(), candidates.end());
    writeLinks(node, below, candidates);
    const uint32_t* list = links(node, below);
    for (uint32_t index = 0; index < upperLinksMax && list[index] != none; index += 1) {
      linkBack(list[index], below, node);
    }
  }
  if (level > top) entry_ = node;
  return true;
}

void UpperGraph::chooseEntry() {
  entry_ = none;
  for (uint32_t node = 0; node < nodeOf_.size(); node += 1) {
    if (nodeOf_[node] == none) continue;
    if (entry_ == none || head(node).level > head(entry_).level) entry_ = node;
  }
}

void UpperGraph::remove(const std::vector<uint32_t>& slots) {
  std::vector<uint8_t> isGone(nodeOf_.size(), 0);
  for (uint32_t node = 0; node < nodeOf_.size(); node += 1) {
    isGone[node] = nodeOf_[node] != none &&
                   std::binary_search(slots.begin(), slots.end(), nodeOf_[node]);
  }
  for (uint32_t node = 0; node < nodeOf_.size(); node += 1) {
    if (nodeOf_[node] == none || isGone[node] != 0) continue;
    for (uint32_t level = 1; level <= head(node).level; level += 1) {
      std::vector<uint32_t> reached;
      bool isChanged = false;
      const auto take = [&](const uint32_t* list) {
        for (uint32_t index = 0; index < upperLinksMax && list[index] != none; index += 1) {
          if (isGone[list[index]] == 0 && list[index] != node) reached.push_back(list[index]);
        }
      };
      const uint32_t* list = links(node, level);
      take(list);
      for (uint32_t index = 0; index < upperLinksMax && list[index] != none; index += 1) {
        if (isGone[list[index]] == 0) continue;
        isChanged = true;
        take(links(list[index], level));
      }
      if (!isChanged) continue;
      std::sort(reached.begin(), reached.end());
      reached.erase(std::unique(reached.begin(), reached.end()), reached.end());
      std::vector<Candidate> candidates;
      for (uint32_t other : reached) candidates.push_back({distance(node, other), other});
      writeLinks(node, level, candidates);
    }
  }
  for (uint32_t node = 0; node < isGone.size(); node += 1) {
    if (isGone[node] == 0) continue;
    nodes_.release(node);
    nodeOf_[node] = none;
    free_.push(node);
    freeCount_ += 1;
  }
  if (entry_ != none && isGone[entry_] != 0) chooseEntry();
}

uint64_t UpperGraph::checksum() const {
  uint64_t sum = mixBits(entry_);
  for (uint32_t node = 0; node < nodeOf_.size(); node += 1) {
    sum = mixBits(sum ^ nodeOf_[node]);
    if (nodeOf_[node] == none) continue;
    for (uint32_t level = 1; level <= head(node).level; level += 1) {
      for (uint32_t index = 0; index < upperLinksMax; index += 1) {
        sum = mixBits(sum ^ links(node, level)[index]);
      }
    }
  }
  return sum;
}

bool UpperGraph::load(const Graph& graph, const Image& image) {
  nodeOf_.assign(image.slots.size(), none);
  size_t at = 0;
  for (uint32_t node = 0; node < image.slots.size(); node += 1) {
    const uint32_t slot = image.slots[node];
    if (slot == none) {
      free_.push(node);
      freeCount_ += 1;
      continue;
    }
    const uint32_t level = graph.head(slot).level;
    if (!make(graph, node, slot, level)) {
      clear();
      return false;
    }
    for (uint32_t below = 1; below <= level; below += 1, at += upperLinksMax) {
      std::copy_n(&image.links[at], upperLinksMax, links(node, below));
    }
  }
  return true;
}

void UpperGraph::clear() {
  for (uint32_t node = 0; node < nodeOf_.size(); node += 1) {
    if (nodeOf_[node] != none) nodes_.release(node);
  }
  nodeOf_.clear();
  free_ = {};
  freeCount_ = 0;
}

}  // namespace lodestone
