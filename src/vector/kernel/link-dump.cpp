// Writing a graph's links; see link-image.h. Numbers are little-endian, as every host here is.
#include <algorithm>
#include <cstring>

#include "link-image-format.h"
#include "link-image.h"

namespace lodestone {

namespace {

constexpr uint32_t slotsPerBlock = 1024;

template <typename Value>
void append(std::vector<uint8_t>& block, const Value& value) {
  const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&value);
  block.insert(block.end(), bytes, bytes + sizeof value);
}

void appendList(std::vector<uint8_t>& block, const std::vector<uint32_t>& list) {
  append(block, static_cast<uint32_t>(list.size()));
  for (const uint32_t value : list) append(block, value);
}

}  // namespace

bool LinkDump::begin() {
  if (!index_.builder().pause()) return false;
  isOpen_ = true;
  sequence_ = index_.state().applied.load();
  return true;
}

void LinkDump::end() {
  if (isOpen_) index_.builder().unpause();
  isOpen_ = false;
}

void LinkDump::writeHead(std::vector<uint8_t>& block) {
  const Parameters& parameters = index_.parameters();
  append(block, static_cast<uint32_t>(BlockKind::Head));
  append(block, linkImageVersion);
  append(block, parameters.dimensions);
  append(block, static_cast<uint32_t>(parameters.metric));
  append(block, parameters.m);
  append(block, parameters.efConstruction);
  append(block, parameters.batchLimit);
  append(block, parameters.signBits);
  append(block, parameters.seed);
  append(block, index_.slotLimit());
  append(block, index_.builder().linkedSinceSweep());
}

void LinkDump::writeSlots(std::vector<uint8_t>& block) {
  const Graph& graph = index_.state().graph;
  const uint32_t end = std::min(graph.slotLimit(), slot_ + slotsPerBlock);
  append(block, static_cast<uint32_t>(BlockKind::Slots));
  append(block, slot_);
  append(block, end);
  for (; slot_ < end; slot_ += 1) {
    const bool isUsed = graph.isUsed(slot_);
    append(block, static_cast<uint8_t>(isUsed));
    if (!isUsed) continue;
    const BlockHead& head = graph.head(slot_);
    append(block, head.isDead);
    append(block, head.level);
    append(block, head.id);
    if (head.isDead != 0) {
      append(block, head.factors);
      const uint8_t* code = reinterpret_cast<const uint8_t*>(graph.code(slot_));
      block.insert(block.end(), code, code + graph.codeBytes());
    }
    for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
      append(block, graph.link(slot_, lane));
    }
  }
}

void LinkDump::writeUpper(std::vector<uint8_t>& block) {
  const UpperGraph::Image image = index_.state().upper.image();
  append(block, static_cast<uint32_t>(BlockKind::Upper));
  append(block, image.entry);
  appendList(block, image.slots);
  appendList(block, image.links);
}

bool LinkDump::next(std::vector<uint8_t>& block) {
  block.clear();
  if (!isOpen_ || hasUpper_) return false;
  if (!hasHead_) {
    writeHead(block);
    hasHead_ = true;
  } else if (slot_ < index_.slotLimit()) {
    writeSlots(block);
  } else {
    writeUpper(block);
    hasUpper_ = true;
  }
  append(block, checksumOf(block.data(), block.size()));
  return true;
}

}  // namespace lodestone
