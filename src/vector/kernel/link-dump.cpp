// Writing a graph's links; see link-dump.h.
#include "link-dump.h"

#include <cstring>
#include <new>

#include "index-state.h"

namespace lodestone {

namespace {

void pushWide(LinkPiece& piece, uint64_t number) {
  piece.push_back(static_cast<uint32_t>(number));
  piece.push_back(static_cast<uint32_t>(number >> 32));
}

void pushCode(const Graph& graph, uint32_t slot, LinkPiece& piece) {
  const CodeFactors& factors = graph.head(slot).factors;
  const size_t at = piece.size();
  piece.resize(at + codeWordsOf(graph));
  std::memcpy(&piece[at], &factors, sizeof factors);
  std::memcpy(&piece[at + 3], graph.code(slot), graph.codeBytes());
}

uint32_t slotPiecesOf(const Graph& graph) {
  return piecesOf(graph.slotLimit(), slotsPerPiece(graph));
}

}  // namespace

size_t LinkDump::begin(const IndexState& state, uint32_t linkedSinceSweep) {
  if (isFailed_) return 0;
  linkedSinceSweep_ = linkedSinceSweep;
  const size_t count = 1 + slotPiecesOf(state.graph) +
                       piecesOf(state.upper.nodeLimit(), upperNodesPerPiece);
  try {
    pieces_.resize(count);
    isWritten_ = std::vector<std::atomic<uint8_t>>(count);
  } catch (const std::bad_alloc&) {
    isFailed_ = true;
    return 0;
  }
  pieceCount_.store(count, std::memory_order_release);
  return count;
}

bool LinkDump::hasRoomFor(size_t piece) const {
  return isFailed_ || piece < takenCount_.load(std::memory_order_acquire) + waitingPiecesMax;
}

void LinkDump::write(const IndexState& state, size_t piece) {
  if (isFailed_) return;
  const uint32_t slotPieces = slotPiecesOf(state.graph);
  LinkPiece& into = pieces_[piece];
  try {
    if (piece == 0) {
      writeHead(state, into);
    } else if (piece <= slotPieces) {
      writeSlots(state, static_cast<uint32_t>(piece - 1) * slotsPerPiece(state.graph), into);
    } else {
      writeUpper(state, static_cast<uint32_t>(piece - 1 - slotPieces) * upperNodesPerPiece, into);
    }
    pushWide(into, checksumOf(into.data(), into.size()));
  } catch (const std::bad_alloc&) {
    isFailed_ = true;
    return;
  }
  isWritten_[piece].store(1, std::memory_order_release);
}

LinkDump::Taken LinkDump::take(LinkPiece& into) {
  if (isFailed_) return Taken::Failed;
  const size_t count = pieceCount_.load(std::memory_order_acquire);
  const size_t next = takenCount_.load(std::memory_order_relaxed);
  if (count == 0) return Taken::NotYet;
  if (next == count) return Taken::End;
  if (isWritten_[next].load(std::memory_order_acquire) == 0) return Taken::NotYet;
  into = std::move(pieces_[next]);
  pieces_[next] = LinkPiece();
  takenCount_.store(next + 1, std::memory_order_release);
  return Taken::Piece;
}

void LinkDump::writeHead(const IndexState& state, LinkPiece& piece) const {
  const Parameters& parameters = state.parameters;
  piece = {static_cast<uint32_t>(PieceKind::Head),
           linkImageVersion,
           parameters.dimensions,
           static_cast<uint32_t>(parameters.metric),
           parameters.m,
           parameters.efConstruction,
           parameters.batchLimit,
           parameters.signBits};
  pushWide(piece, parameters.seed);
  pushWide(piece, state.sequenceOf(place_));
  piece.insert(piece.end(), {state.graph.slotLimit(), state.graphCount.load(),
                             state.upper.nodeLimit(), state.upper.entry(), linkedSinceSweep_});
}

void LinkDump::writeSlots(const IndexState& state, uint32_t first, LinkPiece& piece) const {
  const Graph& graph = state.graph;
  const uint32_t end = std::min(graph.slotLimit(), first + slotsPerPiece(graph));
  piece.reserve((end - first) * (2 + maskWordsOf(graph) + graph.linksMax()) + 64);
  piece = {static_cast<uint32_t>(PieceKind::Slots), first, end};
  const size_t sumAt = piece.size();
  piece.resize(slotsHeadWords);
  for (uint32_t start = first; start < end; start += 32) {
    uint32_t bits = 0;
    for (uint32_t slot = start; slot < std::min(end, start + 32); slot += 1) {
      bits |= static_cast<uint32_t>(graph.isUsed(slot)) << (slot - start);
    }
    piece.push_back(bits);
  }
  for (uint32_t slot = first; slot < end; slot += 1) {
    if (slot + 4 < end && graph.isUsed(slot + 4)) graph.prefetchLinks(slot + 4);
    if (!graph.isUsed(slot)) continue;
    const BlockHead& head = graph.head(slot);
    piece.push_back(head.id);
    piece.push_back(head.level | static_cast<uint32_t>(head.isDead) << 8);
    const size_t masks = piece.size();
    piece.resize(masks + maskWordsOf(graph), 0);
    for (uint32_t lane = 0; lane < graph.linksMax(); lane += 1) {
      const uint32_t link = graph.link(slot, lane);
      if (link == none) continue;
      piece[masks + lane / 32] |= 1u << (lane % 32);
      piece.push_back(link);
    }
    if (head.isDead != 0) pushCode(graph, slot, piece);
  }
  const uint64_t sum = codesChecksumOf(graph, first, end);
  piece[sumAt] = static_cast<uint32_t>(sum);
  piece[sumAt + 1] = static_cast<uint32_t>(sum >> 32);
}

void LinkDump::writeUpper(const IndexState& state, uint32_t first, LinkPiece& piece) const {
  const uint32_t end = std::min(state.upper.nodeLimit(), first + upperNodesPerPiece);
  piece = {static_cast<uint32_t>(PieceKind::Upper), first, end};
  for (uint32_t node = first; node < end; node += 1) piece.push_back(state.upper.slotOf(node));
  for (uint32_t node = first; node < end; node += 1) {
    if (state.upper.slotOf(node) == none) continue;
    for (uint32_t level = 1; level <= state.upper.levelOfNode(node); level += 1) {
      const uint32_t* list = state.upper.linksOf(node, level);
      piece.insert(piece.end(), list, list + upperLinksMax);
    }
  }
}

}  // namespace lodestone
