// Reading a graph's links; see link-image.h. Nothing reaches the index before all of it was
// checked.
#include <algorithm>
#include <cstring>

#include "link-image-format.h"
#include "link-image.h"

namespace lodestone {

/// Reads past the end give zeros and are remembered.
class LinkLoad::Reader {
 public:
  Reader(const uint8_t* bytes, size_t size) : bytes_(bytes), left_(size) {}

  template <typename Value>
  Value read() {
    Value value{};
    readBytes(&value, sizeof value);
    return value;
  }
  void readBytes(void* into, size_t size) {
    isShort_ = isShort_ || size > left_;
    if (isShort_) return;
    std::memcpy(into, bytes_, size);
    bytes_ += size;
    left_ -= size;
  }
  void readList(std::vector<uint32_t>& list) {
    const uint32_t count = read<uint32_t>();
    isShort_ = isShort_ || count > left_ / 4;
    if (isShort_) return;
    list.resize(count);
    readBytes(list.data(), count * sizeof(uint32_t));
  }
  bool isShort() const { return isShort_; }
  bool isDone() const { return !isShort_ && left_ == 0; }

 private:
  const uint8_t* bytes_;
  size_t left_;
  bool isShort_ = false;
};

const char* LinkLoad::take(const uint8_t* block, size_t size) {
  if (size < 12) return "a block of links is too short";
  uint64_t sum;
  std::memcpy(&sum, block + size - 8, 8);
  if (checksumOf(block, size - 8) != sum) return "a block of links is damaged";
  Reader reader(block, size - 8);
  const BlockKind kind = static_cast<BlockKind>(reader.read<uint32_t>());
  const char* problem = "a block of links is of no known kind";
  if (kind == BlockKind::Head) problem = readHead(reader);
  if (kind == BlockKind::Slots) problem = readSlots(reader);
  if (kind == BlockKind::Upper) problem = readUpper(reader);
  if (problem != nullptr) return problem;
  return reader.isDone() ? nullptr : "a block of links has another length than its content";
}

const char* LinkLoad::readHead(Reader& reader) {
  if (hasHead_) return "the links have two heads";
  const Parameters& parameters = index_.parameters();
  const bool isSame = reader.read<uint32_t>() == linkImageVersion &&
                      reader.read<uint32_t>() == parameters.dimensions &&
                      reader.read<uint32_t>() == static_cast<uint32_t>(parameters.metric) &&
                      reader.read<uint32_t>() == parameters.m &&
                      reader.read<uint32_t>() == parameters.efConstruction &&
                      reader.read<uint32_t>() == parameters.batchLimit &&
                      reader.read<uint32_t>() == parameters.signBits &&
                      reader.read<uint64_t>() == parameters.seed;
  if (!isSame) return "the links are of an index with other parameters";
  slotLimit_ = reader.read<uint32_t>();
  linkedSinceSweep_ = reader.read<uint32_t>();
  hasHead_ = true;
  return nullptr;
}

const char* LinkLoad::readSlots(Reader& reader) {
  const uint32_t first = reader.read<uint32_t>();
  const uint32_t end = reader.read<uint32_t>();
  if (!hasHead_ || first != isUsed_.size() || end < first || end > slotLimit_) {
    return "a block of links is out of order";
  }
  const Graph& graph = index_.state().graph;
  for (uint32_t slot = first; slot < end && !reader.isShort(); slot += 1) {
    isUsed_.push_back(reader.read<uint8_t>());
    nodes_.push_back({});
    Node& node = nodes_.back();
    const size_t at = links_.size();
    links_.resize(at + graph.linksMax(), none);
    if (isUsed_.back() == 0) continue;
    node.isDead = reader.read<uint8_t>();
    node.level = reader.read<uint8_t>();
    node.id = reader.read<uint32_t>();
    if (node.isDead != 0) {
      node.factors = reader.read<CodeFactors>();
      node.code.resize(graph.codeBytes());
      reader.readBytes(node.code.data(), node.code.size());
    }
    reader.readBytes(&links_[at], graph.linksMax() * sizeof(uint32_t));
  }
  return nullptr;
}

const char* LinkLoad::readUpper(Reader& reader) {
  if (!hasHead_ || hasUpper_ || isUsed_.size() != slotLimit_) {
    return "the upper levels' links are out of order";
  }
  upper_.entry = reader.read<uint32_t>();
  reader.readList(upper_.slots);
  reader.readList(upper_.links);
  hasUpper_ = true;
  return nullptr;
}

const char* LinkLoad::finish() {
  if (!hasUpper_) return "the links are incomplete";
  IndexState& state = index_.state();
  if (state.graph.slotLimit() != 0 || state.applied.load() != 0) return "the index is not fresh";
  std::vector<uint32_t> records(slotLimit_, none);
  std::vector<uint8_t> isTaken(state.records.limit(), 0);
  uint32_t liveCount = 0;
  for (uint32_t slot = 0; slot < slotLimit_; slot += 1) {
    if (isUsed_[slot] == 0) continue;
    for (uint32_t lane = 0; lane < state.graph.linksMax(); lane += 1) {
      const uint32_t link = links_[static_cast<size_t>(slot) * state.graph.linksMax() + lane];
      if (link != none && (link >= slotLimit_ || isUsed_[link] == 0 || link == slot)) {
        return "a link leads nowhere";
      }
    }
    if (nodes_[slot].isDead != 0) continue;
    const uint32_t record = state.records.live(nodes_[slot].id);
    if (record == none || isTaken[record] != 0) return "a linked document is not there";
    isTaken[record] = 1;
    records[slot] = record;
    liveCount += 1;
  }
  if (liveCount != state.records.liveCount()) return "a document is without links";
  for (const uint32_t slot : upper_.slots) {
    if (slot != none && (slot >= slotLimit_ || isUsed_[slot] == 0)) {
      return "an upper link leads nowhere";
    }
  }
  // From here on nothing can be wrong but memory.
  if (!state.graph.takeSlotsUpTo(slotLimit_, isUsed_)) return "there is no memory for the links";
  std::vector<uint32_t> dead;
  for (uint32_t slot = 0; slot < slotLimit_; slot += 1) {
    if (isUsed_[slot] == 0) continue;
    BlockHead& head = state.graph.head(slot);
    state.graph.setDocument(slot, records[slot], nodes_[slot].id);
    head.level = nodes_[slot].level;
    head.isDead = nodes_[slot].isDead;
    for (uint32_t lane = 0; lane < state.graph.linksMax(); lane += 1) {
      state.graph.link(slot, lane) =
          links_[static_cast<size_t>(slot) * state.graph.linksMax() + lane];
    }
    if (head.isDead == 0) {
      state.records.at(records[slot]).slot = slot;
      continue;
    }
    head.factors = nodes_[slot].factors;
    std::memcpy(state.graph.code(slot), nodes_[slot].code.data(), nodes_[slot].code.size());
    dead.push_back(slot);
  }
  index_.builder().load(std::move(dead), linkedSinceSweep_, std::move(upper_));
  return nullptr;
}

}  // namespace lodestone
