// Checking and placing links; see link-load.h.
#include "link-load.h"

#include <cmath>
#include <cstring>
#include <new>

#include "index-state.h"

namespace lodestone {

namespace {

constexpr const char* isDamaged = "a piece of the links is damaged";
constexpr const char* isWrongLength = "a piece of the links has another length than its content";
constexpr const char* isOutOfOrder = "a piece of the links is out of order";
constexpr const char* isNoMemory = "there is no memory for the links";
/// Far above what a code has, and far below what makes a distance overflow.
constexpr float squaredNormMax = 1e37f;
constexpr float scaleMax = 1e18f;

bool isWithin(float value, float highest) { return value >= 0 && value <= highest; }

}  // namespace

/// Reads past the end give zeros and are remembered.
class LinkLoad::Reader {
 public:
  explicit Reader(const LinkPiece& piece, size_t at = 1)
      : piece_(piece), at_(at), end_(piece.size() - checksumWords) {}

  uint32_t next() {
    if (at_ < end_) return piece_[at_++];
    isShort_ = true;
    return 0;
  }
  uint64_t nextWide() {
    const uint64_t lower = next();
    return lower | static_cast<uint64_t>(next()) << 32;
  }
  /// Null where there are not so many.
  const uint32_t* words(size_t count) {
    isShort_ = isShort_ || count > end_ - at_;
    if (isShort_) return nullptr;
    at_ += count;
    return piece_.data() + at_ - count;
  }
  bool isShort() const { return isShort_; }
  bool isDone() const { return !isShort_ && at_ == end_; }

 private:
  const LinkPiece& piece_;
  size_t at_;
  const size_t end_;
  bool isShort_ = false;
};

/// The first problem is the one that is told.
bool LinkLoad::refuse(const char* problem) {
  const char* before = nullptr;
  problem_.compare_exchange_strong(before, problem);
  return false;
}

bool LinkLoad::isIntact(const LinkPiece& piece) const {
  if (piece.size() < 3 + checksumWords) return false;
  const size_t count = piece.size() - checksumWords;
  return checksumOf(piece.data(), count) ==
         (piece[count] | static_cast<uint64_t>(piece[count + 1]) << 32);
}

bool LinkLoad::begin() {
  try {
    if (pieces_.empty()) return refuse("there are no links");
    if (!isIntact(pieces_[0])) return refuse(isDamaged);
    return readHead(pieces_[0]) && takeSlots();
  } catch (const std::bad_alloc&) {
    return refuse(isNoMemory);
  }
}

bool LinkLoad::readHead(const LinkPiece& piece) {
  if (piece[0] != static_cast<uint32_t>(PieceKind::Head) ||
      piece.size() != headPieceWords) {
    return refuse("the links have no head");
  }
  Reader reader(piece);
  if (reader.next() != linkImageVersion) return refuse("the links are of another version");
  const Parameters& parameters = state_.parameters;
  // Every word is read, whichever differs first.
  bool isSame = reader.next() == parameters.dimensions;
  isSame &= reader.next() == static_cast<uint32_t>(parameters.metric);
  isSame &= reader.next() == parameters.m;
  isSame &= reader.next() == parameters.efConstruction;
  isSame &= reader.next() == parameters.batchLimit;
  isSame &= reader.next() == parameters.signBits;
  isSame &= reader.nextWide() == parameters.seed;
  if (!isSame) return refuse("the links are of an index with other parameters");
  dumpedSequence_ = reader.nextWide();
  slotLimit_ = reader.next();
  usedCount_ = reader.next();
  upperLimit_ = reader.next();
  entry_ = reader.next();
  linkedSinceSweep_ = reader.next();
  if (dumpedSequence_ < liveCount_ || usedCount_ > slotLimit_ || upperLimit_ > slotLimit_) {
    return refuse("the links' head contradicts itself");
  }
  return true;
}

/// Counts are believed only as far as there are pieces for them, so none can ask for more memory
/// than the file is long.
bool LinkLoad::takeSlots() {
  const uint32_t perPiece = slotsPerPiece(state_.graph);
  nodePieces_ = piecesOf(slotLimit_, perPiece);
  if (slotLimit_ > SlotIds::indexLimit() ||
      pieces_.size() != 1 + nodePieces_ + piecesOf(upperLimit_, upperNodesPerPiece)) {
    return refuse("there are more pieces of links than their head says, or fewer");
  }
  std::vector<uint8_t> isUsed(slotLimit_, 0);
  uint32_t count = 0;
  for (size_t at = 0; at < nodePieces_; at += 1) {
    // Whether it is intact any thread finds out: until then it has only bits to lie about.
    if (pieces_[at + 1].size() < slotsHeadWords + checksumWords) return refuse(isWrongLength);
    Reader reader(pieces_[at + 1], 0);
    const uint32_t first = static_cast<uint32_t>(at) * perPiece;
    const uint32_t end = std::min(slotLimit_, first + perPiece);
    const bool isSlots = reader.next() == static_cast<uint32_t>(PieceKind::Slots);
    if (!isSlots || reader.next() != first || reader.next() != end) return refuse(isOutOfOrder);
    codesChecksums_.push_back(reader.nextWide());
    const uint32_t* bits = reader.words((end - first + 31) / 32);
    if (bits == nullptr) return refuse(isWrongLength);
    for (uint32_t slot = first; slot < end; slot += 1) {
      isUsed[slot] = bits[(slot - first) / 32] >> ((slot - first) % 32) & 1;
      count += isUsed[slot];
    }
  }
  if (count != usedCount_) return refuse("there are more nodes than the head says, or fewer");
  isTaken_ = std::vector<std::atomic<uint8_t>>(state_.records.limit());
  hasSlots_ = true;
  return state_.graph.takeSlotsUpTo(slotLimit_, isUsed) || refuse(isNoMemory);
}

void LinkLoad::placeNodes(size_t at, std::vector<uint32_t>& placed) {
  const Graph& graph = state_.graph;
  const uint32_t first = static_cast<uint32_t>(at) * slotsPerPiece(graph);
  const uint32_t end = std::min(slotLimit_, first + slotsPerPiece(graph));
  LinkPiece& piece = pieces_[at + 1];
  if (!isIntact(piece)) {
    refuse(isDamaged);
    return;
  }
  Reader reader(piece, slotsHeadWords + (end - first + 31) / 32);
  for (uint32_t slot = first; slot < end; slot += 1) {
    if (!graph.isUsed(slot)) continue;
    if (problem() != nullptr || !placeNode(reader, slot)) return;
    if (graph.head(slot).isDead == 0) placed.push_back(slot);
  }
  if (!reader.isDone()) refuse(isWrongLength);
  // Of no use any more.
  piece = LinkPiece();
}

void LinkLoad::checkCodes(size_t at) {
  if (problem() != nullptr) return;
  const uint32_t first = static_cast<uint32_t>(at) * slotsPerPiece(state_.graph);
  const uint32_t end = std::min(slotLimit_, first + slotsPerPiece(state_.graph));
  if (codesChecksumOf(state_.graph, first, end) == codesChecksums_[at]) return;
  refuse("a vector is another one than was linked");
}

bool LinkLoad::placeNode(Reader& reader, uint32_t slot) {
  Graph& graph = state_.graph;
  const uint32_t id = reader.next();
  const uint32_t marks = reader.next();
  const uint32_t* masks = reader.words(maskWordsOf(graph));
  if (masks == nullptr) return refuse(isWrongLength);
  const uint32_t level = marks & 0xff;
  if (marks >> 9 != 0 || level != levelOf(id, state_.parameters.seed)) {
    return refuse("a node of the links is of no possible level");
  }
  graph.placeDocument(slot, none, id);
  BlockHead& head = graph.head(slot);
  head.level = static_cast<uint8_t>(level);
  head.isDead = static_cast<uint8_t>(marks >> 8);
  for (uint32_t lane = 0; lane < maskWordsOf(graph) * 32; lane += 1) {
    if ((masks[lane / 32] >> (lane % 32) & 1) == 0) continue;
    if (lane >= graph.linksMax()) return refuse("a node has more links than there can be");
    graph.link(slot, lane) = reader.next();
  }
  if (reader.isShort()) return refuse(isWrongLength);
  return head.isDead != 0 ? placeDead(reader, slot) : claimRecord(slot);
}

bool LinkLoad::placeDead(Reader& reader, uint32_t slot) {
  const Graph& graph = state_.graph;
  const uint32_t* words = reader.words(codeWordsOf(graph));
  if (words == nullptr) return refuse(isWrongLength);
  CodeFactors& factors = graph.head(slot).factors;
  std::memcpy(&factors, words, sizeof factors);
  std::memcpy(graph.code(slot), words + 3, graph.codeBytes());
  int32_t sum = 0;
  for (size_t at = 0; at < graph.codeBytes(); at += 1) sum += graph.code(slot)[at];
  const bool isSound = isWithin(factors.scale, scaleMax) && factors.codeSum == sum &&
                       isWithin(factors.squaredNorm, squaredNormMax);
  return isSound || refuse("a tombstone's code is none");
}

/// The document that the node stands for, as it was at the links' place; each once.
bool LinkLoad::claimRecord(uint32_t slot) {
  BlockHead& head = state_.graph.head(slot);
  const uint32_t record = state_.records.find(head.id, place_);
  if (record == none || record >= isTaken_.size()) {
    return refuse("a document of the links is not there");
  }
  if (isTaken_[record].exchange(1) != 0) return refuse("a document is in the links twice");
  head.record = record;
  state_.records.at(record).slot = slot;
  return true;
}

bool LinkLoad::haveAllNodes() {
  if (problem() != nullptr) return false;
  uint32_t count = 0;
  for (uint32_t slot = 0; slot < slotLimit_; slot += 1) {
    if (!state_.graph.isUsed(slot)) continue;
    if (state_.graph.head(slot).isDead != 0) dead_.push_back(slot);
    else count += 1;
  }
  return count == liveCount_ || refuse("a document is without links");
}

void LinkLoad::placeLanes(uint32_t first, uint32_t end) {
  Graph& graph = state_.graph;
  for (uint32_t slot = first; slot < end && problem() == nullptr; slot += 1) {
    if (!graph.isUsed(slot)) continue;
    for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
      const uint32_t link = graph.link(slot, lane);
      if (link == none) continue;
      if (link >= slotLimit_ || link == slot || !graph.isUsed(link)) {
        refuse("a link leads nowhere");
        return;
      }
      graph.prefetchCode(link);
    }
    for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
      const uint32_t link = graph.link(slot, lane);
      if (link == none) continue;
      graph.head(link).linkedFrom.fetch_add(1, std::memory_order_relaxed);
      graph.encodeLane(slot, lane);
    }
  }
}

bool LinkLoad::finish() {
  if (problem() != nullptr) return false;
  try {
    UpperGraph::Image image;
    std::vector<uint32_t> starts;
    if (!readUpper(image, starts)) return false;
    if (!isSound(image, starts)) return refuse("the upper levels' links lead nowhere");
    return state_.upper.load(state_.graph, image) || refuse(isNoMemory);
  } catch (const std::bad_alloc&) {
    return refuse(isNoMemory);
  }
}

bool LinkLoad::readUpper(UpperGraph::Image& image, std::vector<uint32_t>& starts) {
  image.entry = entry_;
  for (size_t at = 1 + nodePieces_; at < pieces_.size(); at += 1) {
    if (!isIntact(pieces_[at])) return refuse(isDamaged);
    Reader reader(pieces_[at], 0);
    const uint32_t first = static_cast<uint32_t>(at - 1 - nodePieces_) * upperNodesPerPiece;
    const uint32_t end = std::min(upperLimit_, first + upperNodesPerPiece);
    const bool isUpper = reader.next() == static_cast<uint32_t>(PieceKind::Upper);
    if (!isUpper || reader.next() != first || reader.next() != end) return refuse(isOutOfOrder);
    const uint32_t* slots = reader.words(end - first);
    if (slots == nullptr) return refuse(isWrongLength);
    for (const uint32_t* slot = slots; slot < slots + (end - first); slot += 1) {
      image.slots.push_back(*slot);
      starts.push_back(static_cast<uint32_t>(image.links.size()));
      if (*slot == none) continue;
      if (*slot >= slotLimit_ || !state_.graph.isUsed(*slot)) {
        return refuse("a node of the upper levels is not in the graph");
      }
      const size_t count = state_.graph.head(*slot).level * upperLinksMax;
      const uint32_t* links = reader.words(count);
      if (links == nullptr) return refuse(isWrongLength);
      image.links.insert(image.links.end(), links, links + count);
    }
    if (!reader.isDone()) return refuse(isWrongLength);
  }
  return true;
}

/// What walks on the upper levels rely on: every link leads to a node of that level, lists end with
/// their first empty place, and the way down begins on the highest level.
bool LinkLoad::isSound(const UpperGraph::Image& image, const std::vector<uint32_t>& starts) const {
  const uint32_t count = static_cast<uint32_t>(image.slots.size());
  const auto levelOfNode = [&](uint32_t node) {
    return image.slots[node] == none ? 0u : state_.graph.head(image.slots[node]).level;
  };
  std::vector<uint8_t> isSeen(slotLimit_, 0);
  uint32_t highest = 0;
  for (uint32_t node = 0; node < count; node += 1) {
    const uint32_t slot = image.slots[node];
    if (slot == none) continue;
    const uint32_t levels = levelOfNode(node);
    if (levels == 0 || isSeen[slot] != 0) return false;
    isSeen[slot] = 1;
    highest = std::max<uint32_t>(highest, levels);
    for (uint32_t level = 1; level <= levels; level += 1) {
      bool hasEnded = false;
      for (uint32_t index = 0; index < upperLinksMax; index += 1) {
        const uint32_t link = image.links[starts[node] + (level - 1) * upperLinksMax + index];
        hasEnded |= link == none;
        if (link == none) continue;
        if (hasEnded || link >= count || link == node || levelOfNode(link) < level) return false;
      }
    }
  }
  if (highest == 0) return image.entry == none;
  return image.entry < count && levelOfNode(image.entry) == highest;
}

void LinkLoad::undo() {
  if (!hasSlots_) return;
  for (uint32_t record = 0; record < isTaken_.size(); record += 1) {
    if (isTaken_[record].load() != 0) state_.records.at(record).slot = none;
  }
  state_.graph.clearSlots();
}

}  // namespace lodestone
