// Blocks, distances between codes, and neighbor codes; see graph.h.
#include "graph.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "rotation.h"

namespace lodestone {

namespace {

size_t signBitsOf(const Parameters& parameters) {
  const size_t padded = roundUp(parameters.dimensions, 64);
  return std::min<size_t>(roundUp(parameters.signBits, 64), padded);
}

/// As many as there can be records; keys of the walk keep a slot in 31 bits.
constexpr uint32_t slotsMax = SlotIds::indexLimit();

}  // namespace

Graph::Graph(const Parameters& parameters)
    : codeBytes_(roundUp(parameters.dimensions, 64)),
      signBits_(signBitsOf(parameters)),
      linksMax_(parameters.m * 2),
      groupCount_((linksMax_ + laneCount - 1) / laneCount),
      groupBytes_(signBits_ == 0 ? laneCount * 4
                                 : laneCount * 12 + signBits_ / rowDimensions * rowBytes),
      blocks_(codeBytes_ + sizeof(BlockHead) + groupCount_ * groupBytes_),
      sketches_(codeBytes_) {}

bool Graph::reserve(uint32_t slot) {
  if (blocks_.reserve(slot) == nullptr) return false;
  used_[slot] = 1;
  return true;
}

void Graph::clear(uint32_t slot) {
  std::memset(blocks_.at(slot), 0, blocks_.slotBytes());
  for (uint32_t group = 0; group < groupCount_; group += 1) {
    for (uint32_t lane = 0; lane < laneCount; lane += 1) {
      links(slot, group)[lane] = none;
      if (signBits_ > 0) add(slot, group)[lane] = std::numeric_limits<float>::infinity();
    }
  }
  head(slot).isUsed = 1;
}

void Graph::beginBlock(uint32_t slot, uint32_t record) {
  clear(slot);
  head(slot).record = record;
  head(slot).id = ids_.at(slot);
}

uint32_t Graph::takeSlot(uint32_t id) {
  const bool isNew = free_.empty();
  if (isNew && slotLimit() == slotsMax) return none;
  const uint32_t slot = isNew ? slotLimit() : free_.top();
  if (isNew) used_.push_back(0);
  if (!reserve(slot)) {
    if (isNew) used_.pop_back();
    return none;
  }
  ids_.grow(slot) = id;
  if (isNew) {
    slotLimit_.store(slot + 1, std::memory_order_relaxed);
  } else {
    free_.pop();
  }
  return slot;
}

bool Graph::takeSlotsUpTo(uint32_t limit, const std::vector<uint8_t>& isUsed) {
  used_.assign(limit, 0);
  slotLimit_.store(limit, std::memory_order_relaxed);
  for (uint32_t slot = 0; slot < limit; slot += 1) {
    if (isUsed[slot] == 0) {
      free_.push(slot);
      continue;
    }
    if (!reserve(slot)) return false;
    ids_.grow(slot);
  }
  return true;
}

void Graph::clearSlots() {
  for (uint32_t slot = 0; slot < slotLimit(); slot += 1) {
    if (isUsed(slot)) blocks_.release(slot);
  }
  slotLimit_.store(0, std::memory_order_relaxed);
  used_.clear();
  free_ = {};
}

void Graph::freeSlot(uint32_t slot) {
  for (uint32_t lane = 0; lane < linksMax_; lane += 1) {
    const uint32_t neighbor = link(slot, lane);
    if (neighbor != none && used_[neighbor] != 0) head(neighbor).linkedFrom.fetch_sub(1);
  }
  used_[slot] = 0;
  sketches_.drop(idOf(slot), slot);
  blocks_.release(slot);
  free_.push(slot);
}

float Graph::distance(uint32_t left, uint32_t right) const {
  const CodeFactors& a = head(left).factors;
  const CodeFactors& b = head(right).factors;
  const int32_t product = operations().dot(code(left), code(right), b.codeSum, codeBytes_);
  return (a.squaredNorm + b.squaredNorm) - 2.0f * (a.scale * b.scale) * static_cast<float>(product);
}

void Graph::setLink(uint32_t slot, uint32_t lane, uint32_t neighbor) {
  uint32_t& stored = link(slot, lane);
  if (stored == neighbor) return;
  if (stored != none && used_[stored] != 0) {
    head(stored).linkedFrom.fetch_sub(1, std::memory_order_relaxed);
  }
  stored = neighbor;
  if (neighbor != none) head(neighbor).linkedFrom.fetch_add(1, std::memory_order_relaxed);
  encodeLane(slot, lane);
}

void Graph::encodeLane(uint32_t slot, uint32_t lane) {
  if (signBits_ == 0) return;
  const uint32_t group = lane / laneCount;
  const uint32_t inGroup = lane % laneCount;
  const uint32_t neighbor = link(slot, lane);
  float& addFactor = add(slot, group)[inGroup];
  float& multiplyFactor = multiply(slot, group)[inGroup];
  if (neighbor == none) {
    addFactor = std::numeric_limits<float>::infinity();
    multiplyFactor = 0;
    return;
  }
  // Signs of (neighbor - node) in whole numbers: the two scales as weights of at most 255, so that
  // products with a code stay within 16 bits. A sign near zero may come out wrong, which costs a
  // little accuracy and no bias, since the factors below are made from the signs as they are.
  const float nodeScale = head(slot).factors.scale;
  const float neighborScale = head(neighbor).factors.scale;
  const float largest = std::max(nodeScale, neighborScale);
  const float unit = largest > 0 ? 255.0f / largest : 0.0f;
  const SignSums sums = operations().encodeSigns(
      code(slot), code(neighbor), static_cast<int32_t>(nodeScale * unit + 0.5f),
      static_cast<int32_t>(neighborScale * unit + 0.5f), signBits_,
      rows(slot, group) + laneByte(inGroup));
  // |q - v|^2 = |q - u|^2 + |e|^2 - 2 <q - u, e> for e = v - u, and <x, e> is estimated, without
  // bias over rotations, as <x, signs of e> * |e|^2 / <e, signs of e>.
  const float nodeSum = nodeScale * static_cast<float>(sums.node);
  const float signProduct = neighborScale * static_cast<float>(sums.neighbor) - nodeSum;
  const float squared = std::max(distance(slot, neighbor), 0.0f);
  const float factor = signProduct > 0 ? squared / signProduct : 0.0f;
  multiplyFactor = -2.0f * factor;
  addFactor = squared + 2.0f * factor * nodeSum;
}

uint64_t Graph::checksum(uint32_t slot) const {
  if (!isUsed(slot)) return mixBits(slot);
  uint64_t sum = mixBits(head(slot).id + (static_cast<uint64_t>(head(slot).level) << 32));
  for (uint32_t lane = 0; lane < linksMax_; lane += 1) sum = mixBits(sum ^ link(slot, lane));
  return sum;
}

}  // namespace lodestone
