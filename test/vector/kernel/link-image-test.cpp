// A graph that was dumped and loaded is the same graph, and goes on as the first does; whatever a
// file says instead, the index answers.
#include <limits>

#include "link-dump.h"
#include "link-load.h"
#include "samples.h"

namespace {

Parameters smallParameters() {
  Parameters parameters;
  parameters.dimensions = 40;
  parameters.batchLimit = 32;
  return parameters;
}

/// With tombstones, free slots and ids that were given twice.
void fill(Index& index, Live& live, Source& source, uint32_t count = 2500) {
  const ElementType type = index.parameters().type;
  for (uint32_t id = 0; id < count; id += 1) {
    live[id] = source.nextBytes(type);
    index.add(id, live[id].data());
  }
  for (uint32_t id = 0; id < count / 8; id += 1) {
    live.erase(id * 7);
    index.remove(id * 7);
    if (id % 3 != 0) continue;
    live[id * 5] = source.nextBytes(type);
    index.add(id * 5, live[id * 5].data());
  }
  index.seal();
}

std::vector<LinkPiece> takeAll(LinkDump& dump) {
  std::vector<LinkPiece> pieces;
  LinkPiece piece;
  while (dump.take(piece) == LinkDump::Taken::Piece) pieces.push_back(std::move(piece));
  return pieces;
}

/// Where the sequence is now, which must be a seal.
std::vector<LinkPiece> dump(Index& index) {
  const std::shared_ptr<LinkDump> dump = index.dump();
  build(index, 2);
  return takeAll(*dump);
}

void addAll(Index& index, const Live& live) {
  for (auto entry = live.rbegin(); entry != live.rend(); ++entry) {
    index.add(entry->first, entry->second.data());
  }
}

/// The documents, and the links beside them; what was wrong with those, or null.
const char* load(Index& index, const Live& live, const std::vector<LinkPiece>& pieces,
                 uint32_t threadCount = 2) {
  std::unique_ptr<LinkLoad> links = index.holdForLinks();
  addAll(index, live);
  for (const LinkPiece& piece : pieces) links->take(piece.data(), piece.size());
  index.builder().load(std::move(links));
  build(index, threadCount);
  const LoadState state = index.state().loadState.load();
  CHECK(state == LoadState::Loaded || state == LoadState::Refused, "links are taken or refused");
  return state == LoadState::Loaded ? nullptr : index.state().loadProblem.load();
}

void sign(LinkPiece& piece) {
  const size_t count = piece.size() - checksumWords;
  const uint64_t sum = checksumOf(piece.data(), count);
  piece[count] = static_cast<uint32_t>(sum);
  piece[count + 1] = static_cast<uint32_t>(sum >> 32);
}

void change(std::vector<Index*> indexes, Live& live, Source& source, uint32_t steps) {
  for (uint32_t step = 0; step < steps; step += 1) {
    const uint32_t id = static_cast<uint32_t>(source.random()() % 3000);
    const Bytes vector = source.nextBytes(indexes[0]->parameters().type);
    if (step % 5 == 0) live.erase(id);
    else live[id] = vector;
    for (Index* index : indexes) {
      if (step % 5 == 0) index->remove(id);
      else index->add(id, vector.data());
    }
  }
}

/// Of the live documents and of what is far from any, every answer has as many as there are.
void expectAnswers(Index& index, const Live& live, Source& source, const char* when) {
  for (int round = 0; round < 3; round += 1) {
    const Bytes query = source.nextBytes(index.parameters().type);
    const uint32_t k = std::min<uint32_t>(10, static_cast<uint32_t>(live.size()));
    const auto found = search(index, query, k, 40).neighbors;
    CHECK(found.size() == k, "%zu of %u found %s", found.size(), k, when);
    for (const Neighbor& neighbor : found) {
      CHECK(live.count(neighbor.id) == 1, "document %u is not live %s", neighbor.id, when);
    }
  }
}

}  // namespace

TEST("a loaded graph is the dumped one, and takes what comes next the same way") {
  Source source(40, testSeed());
  Live live;
  Index first(smallParameters());
  fill(first, live, source);
  const std::vector<LinkPiece> pieces = dump(first);
  const Live then = live;
  CHECK(first.progress().tombstoneCount > 0, "the dump has tombstones in it");
  Index second(smallParameters());
  // Before codes are there everything is found all the same.
  std::unique_ptr<LinkLoad> links = second.holdForLinks();
  addAll(second, live);
  build(second, 2);
  CHECK(second.progress().graphCount == 0, "nothing is built while links are awaited");
  const Bytes query = source.nextBytes();
  const auto truth = bruteForce(smallParameters(), live, query, 10, nullptr);
  CHECK(recallOf(search(second, query, 10, 10).neighbors, truth) == 1, "complete without a graph");
  for (const LinkPiece& piece : pieces) links->take(piece.data(), piece.size());
  second.builder().load(std::move(links));
  // What is written before the links were taken in is behind them.
  change({&first, &second}, live, source, 700);
  const auto later = bruteForce(smallParameters(), live, query, 10, nullptr);
  CHECK(recallOf(search(second, query, 10, 10).neighbors, later) == 1, "complete before the links");
  build(first, 2);
  build(second, 2);
  CHECK(second.state().loadState.load() == LoadState::Loaded, "the links were taken");
  CHECK(second.checksum() == first.checksum(), "the same links");
  change({&first, &second}, live, source, 1500);
  for (Index* index : {&first, &second}) {
    index->seal();
    build(*index, 2);
  }
  CHECK(second.checksum() == first.checksum(), "the same links after more changes");
  CHECK(second.checksums().sequence == first.checksums().sequence, "at the same sequence");
  CHECK(second.countUnreachable() == 0, "all reachable");
  // And so does a graph that was loaded from the dump of a loaded one.
  const std::vector<LinkPiece> again = dump(second);
  CHECK(again == dump(first), "the same dump, byte for byte");
  Index third(smallParameters());
  const char* problem = load(third, live, again);
  CHECK(problem == nullptr, "%s", problem);
  CHECK(third.checksum() == first.checksum(), "the same links the third time");
  CHECK(third.checksums().sequence == first.checksums().sequence, "the same sequence");
  // With one thread as with two.
  Index fourth(smallParameters());
  CHECK(load(fourth, then, pieces, 1) == nullptr, "taken by one thread");
  Index fifth(smallParameters());
  CHECK(load(fifth, then, pieces, 2) == nullptr, "taken by two");
  CHECK(fourth.checksum() == fifth.checksum(), "threads make no difference");
}

TEST("graphs of all types and metrics, and of many and few links, are loaded as they were") {
  for (uint32_t round = 0; round < 18; round += 1) {
    Parameters parameters = smallParameters();
    parameters.type = static_cast<ElementType>(round % 6);
    parameters.metric = static_cast<Metric>(round / 6);
    parameters.m = round % 4 == 0 ? 40 : round % 4 == 1 ? 2 : 16;
    parameters.signBits = round % 5 == 0 ? 0 : signBitsMax;
    Source source(40, testSeed() + round);
    Live live;
    Index first(parameters);
    fill(first, live, source, 700);
    const std::vector<LinkPiece> pieces = dump(first);
    Index second(parameters);
    const char* problem = load(second, live, pieces);
    CHECK(problem == nullptr, "round %u: %s", round, problem);
    CHECK(second.checksum() == first.checksum(), "round %u: the same links", round);
    change({&first, &second}, live, source, 300);
    for (Index* index : {&first, &second}) {
      index->seal();
      build(*index);
    }
    CHECK(second.checksum() == first.checksum(), "round %u: after more changes", round);
    expectAnswers(second, live, source, "after loading");
  }
}

TEST("an empty graph, and one of tombstones alone, are loaded too") {
  for (const bool hadDocuments : {false, true}) {
    Source source(40, testSeed());
    Live live;
    Index first(smallParameters());
    for (uint32_t id = 0; hadDocuments && id < 150; id += 1) {
      const Bytes vector = source.nextBytes();
      first.add(id, vector.data());
    }
    first.seal();
    const uint64_t snapshot = first.openSnapshot();
    // Only what no search can see any more is freed.
    for (uint32_t id = 0; hadDocuments && id < 150; id += 1) first.remove(id);
    first.closeSnapshot(snapshot);
    first.seal();
    const std::vector<LinkPiece> pieces = dump(first);
    Index second(smallParameters());
    const char* problem = load(second, live, pieces);
    CHECK(problem == nullptr, "%s", problem);
    change({&first, &second}, live, source, 400);
    for (Index* index : {&first, &second}) {
      index->seal();
      build(*index, 2);
    }
    CHECK(second.checksum() == first.checksum(), "the same links");
  }
}

TEST("a dump is of its place, however far writers are") {
  Source source(40, testSeed());
  Live live;
  Index first(smallParameters());
  Index still(smallParameters());
  for (Index* index : {&first, &still}) {
    Source same(40, testSeed() + 1);
    live.clear();
    fill(*index, live, same);
  }
  const Live then = live;
  std::atomic<bool> isDone{false};
  std::vector<std::thread> threads;
  startBuilders(threads, 2, first, isDone);
  const std::shared_ptr<LinkDump> dumped = first.dump();
  change({&first}, live, source, 3000);
  first.seal();
  std::vector<LinkPiece> pieces;
  for (;;) {
    LinkPiece piece;
    const LinkDump::Taken taken = dumped->take(piece);
    CHECK(taken != LinkDump::Taken::Failed, "there is memory");
    if (taken == LinkDump::Taken::End) break;
    if (taken == LinkDump::Taken::Piece) pieces.push_back(std::move(piece));
    expectAnswers(first, live, source, "while it is dumped");
  }
  while (first.progress().tailCount > 0) std::this_thread::yield();
  isDone = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(pieces == dump(still), "the same dump as that of an index that stands still");
  CHECK(first.countUnreachable() == 0, "and the first went on");
  Index second(smallParameters());
  CHECK(load(second, then, pieces) == nullptr, "it is whole");
}

TEST("links of other documents or parameters are refused, and the index is built instead") {
  Source source(40, testSeed());
  Live live;
  Index first(smallParameters());
  fill(first, live, source);
  const std::vector<LinkPiece> pieces = dump(first);
  const auto expectRefused = [&](Parameters parameters, const Live& documents, const char* what) {
    Index second(parameters);
    CHECK(load(second, documents, pieces) != nullptr, "%s was taken", what);
    second.seal();
    build(second, 2);
    CHECK(second.progress().graphCount == documents.size(), "%s: built instead", what);
    CHECK(second.countUnreachable() == 0, "%s: all reachable", what);
    expectAnswers(second, documents, source, what);
    // The same as one that never heard of links.
    Index plain(parameters);
    addAll(plain, documents);
    plain.seal();
    build(plain, 2);
    CHECK(plain.checksum() == second.checksum(), "%s: as without links", what);
  };
  Live fewer = live;
  fewer.erase(fewer.begin());
  expectRefused(smallParameters(), fewer, "a document less");
  Live more = live;
  more[5000] = source.nextBytes();
  expectRefused(smallParameters(), more, "a document more");
  Live other = fewer;
  other[5000] = source.nextBytes();
  expectRefused(smallParameters(), other, "another document");
  Live changed = live;
  changed.begin()->second = source.nextBytes();
  expectRefused(smallParameters(), changed, "another vector");
  for (int which = 0; which < 5; which += 1) {
    Parameters parameters = smallParameters();
    if (which == 0) parameters.seed = 9;
    if (which == 1) parameters.m = 17;
    if (which == 2) parameters.efConstruction = 150;
    if (which == 3) parameters.metric = Metric::InnerProduct;
    if (which == 4) parameters.batchLimit = 64;
    expectRefused(parameters, live, "other parameters");
  }
}

TEST("every word of a dump may be wrong, with good checksums too: it is refused or does no harm") {
  Source source(40, testSeed());
  Live live;
  Parameters parameters = smallParameters();
  parameters.m = 2;
  parameters.efConstruction = 16;
  Index first(parameters);
  fill(first, live, source, 230);
  // One is too few for a repair.
  live.erase(229);
  first.remove(229);
  first.seal();
  const std::vector<LinkPiece> pieces = dump(first);
  CHECK(first.progress().tombstoneCount > 0, "there are tombstones");
  size_t refused = 0;
  size_t taken = 0;
  for (size_t at = 0; at < pieces.size(); at += 1) {
    for (size_t word = 0; word < pieces[at].size(); word += 1) {
      const uint64_t way = source.random()() % 4;
      std::vector<LinkPiece> damaged = pieces;
      uint32_t& damagedWord = damaged[at][word];
      if (way < 2) damagedWord ^= 1u << source.random()() % 32;
      if (way == 2) damagedWord = static_cast<uint32_t>(source.random()());
      if (way == 3) damagedWord = source.random()() % 2 == 0 ? none : damagedWord + 1;
      const bool isSigned = way != 0;
      if (isSigned && word < pieces[at].size() - checksumWords) sign(damaged[at]);
      Index second(parameters);
      const bool isRefused = load(second, live, damaged, 1) != nullptr;
      const bool isSame = damaged == pieces;
      CHECK(isRefused || isSame || isSigned, "piece %zu word %zu: damage was taken", at, word);
      (isRefused ? refused : taken) += 1;
      if (!isRefused && !isSame) {
        // A graph like any other, though not the one that was dumped.
        Live after = live;
        change({&second}, after, source, 60);
        second.seal();
        build(second);
        expectAnswers(second, after, source, "after damage and changes");
      } else if (word % 16 == 0) {
        second.seal();
        build(second);
        expectAnswers(second, live, source, "after damage");
      }
    }
  }
  CHECK(refused > 0 && taken > 0, "%zu refused, %zu taken", refused, taken);
}

TEST("pieces may be missing, double, cut, longer or in another order") {
  Source source(40, testSeed());
  Live live;
  Index first(smallParameters());
  fill(first, live, source);
  const std::vector<LinkPiece> pieces = dump(first);
  CHECK(pieces.size() >= 5, "there are several pieces");
  for (int round = 0; round < 24; round += 1) {
    std::vector<LinkPiece> damaged = pieces;
    const size_t at = source.random()() % damaged.size();
    const auto place = damaged.begin() + static_cast<ptrdiff_t>(at);
    if (round % 6 == 0) damaged.erase(place);
    if (round % 6 == 1) damaged.insert(place, pieces[at]);
    if (round % 6 == 2) std::swap(damaged[at], damaged[(at + 1) % damaged.size()]);
    if (round % 6 == 3) damaged.resize(at);
    if (round % 6 == 4) damaged[at].resize(source.random()() % damaged[at].size());
    if (round % 6 == 5) {
      damaged[at].insert(damaged[at].end() - checksumWords, 1 + source.random()() % 9, 0u);
      sign(damaged[at]);
    }
    Index second(smallParameters());
    CHECK(load(second, live, damaged) != nullptr, "round %d was taken", round);
    expectAnswers(second, live, source, "without links");
  }
}

TEST("a dump that nobody takes holds nothing up once it is given up") {
  Source source(40, testSeed());
  Live live;
  Index index(smallParameters());
  fill(index, live, source, 600);
  const std::shared_ptr<LinkDump> before = index.dump();
  const std::shared_ptr<LinkDump> after = index.dump();
  build(index, 2);
  LinkPiece piece;
  CHECK(before->take(piece) == LinkDump::Taken::Failed, "the first gave way");
  CHECK(after->take(piece) == LinkDump::Taken::Piece, "the second is there");
  after->fail();
  CHECK(after->take(piece) == LinkDump::Taken::Failed, "and was given up");
  change({&index}, live, source, 500);
  index.seal();
  build(index, 2);
  CHECK(index.progress().tailCount == 0, "the graph went on");
}

TEST("searches on several threads are complete while links are taken, or refused") {
  for (const bool isDamaged : {false, true}) {
    Source source(40, testSeed());
    Live live;
    Index first(smallParameters());
    fill(first, live, source, 600);
    std::vector<LinkPiece> pieces = dump(first);
    if (isDamaged) {
      // Found last of all, when everything else is in its place.
      pieces.back()[3] = live.begin()->first + 1;
      sign(pieces.back());
    }
    Index second(smallParameters());
    std::unique_ptr<LinkLoad> links = second.holdForLinks();
    addAll(second, live);
    for (const LinkPiece& piece : pieces) links->take(piece.data(), piece.size());
    std::atomic<bool> isDone{false};
    std::atomic<uint32_t> searchCount{0};
    std::vector<std::thread> threads;
    startBuilders(threads, 2, second, isDone);
    for (int searcher = 0; searcher < 2; searcher += 1) {
      threads.emplace_back([&] {
        while (!isDone.load()) {
          for (const auto& document : live) {
            const auto found = search(second, document.second, 10, 200).neighbors;
            CHECK(found.size() == 10 && found[0].distance < 1e-6f, "found at once, all ten");
            searchCount += 1;
            if (isDone.load()) break;
          }
        }
      });
    }
    second.builder().load(std::move(links));
    second.seal();
    while (second.progress().tailCount > 0 || searchCount.load() < 200) std::this_thread::yield();
    isDone = true;
    for (std::thread& thread : threads) thread.join();
    const bool isLoaded = second.state().loadState.load() == LoadState::Loaded;
    CHECK(isLoaded != isDamaged, "taken if sound: %s", second.state().loadProblem.load());
    CHECK(second.countUnreachable() == 0, "all reachable");
  }
}
