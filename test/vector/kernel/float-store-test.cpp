// The float store: who needs a slot keeps it, with its bytes; who does not, does not. With
// AddressSanitizer a free slot may not be touched.
#include <thread>

#include "float-store.h"
#include "samples.h"

namespace {

/// A field of the caller's, and the bytes that it must show.
struct Field {
  uint32_t slot;
  uint32_t owner;
  Bytes bytes;
};

bool hasBytes(const FloatSlots& slots, uint32_t slot, const Bytes& bytes) {
  return std::memcmp(slots.at(slot), bytes.data(), bytes.size()) == 0;
}

}  // namespace

TEST("a slot stays while somebody needs it, and is free when nobody does") {
  constexpr uint32_t dimensions = 300;
  FloatStore store;
  const std::shared_ptr<FloatSlots> slots = store.slotsOf(dimensions * 4);
  Source source(dimensions, testSeed());
  std::mt19937_64 random(testSeed());
  std::vector<Field> fields;
  std::vector<Field> pins;
  uint32_t owners[3] = {store.openOwner(), store.openOwner(), store.openOwner()};
  for (int step = 0; step < 30000; step += 1) {
    const uint64_t dice = random() % 1000;
    if (dice < 300) {
      const Bytes bytes = source.nextBytes();
      const uint32_t owner = owners[random() % 3];
      const bool isHeld = random() % 4 > 0;
      const uint32_t slot =
          isHeld ? slots->putHeld(bytes.data(), owner) : slots->putPinned(bytes.data());
      (isHeld ? fields : pins).push_back({slot, owner, bytes});
    } else if (dice < 500 && !fields.empty()) {
      const size_t at = random() % fields.size();
      CHECK(slots->release(fields[at].slot), "a holder lets go");
      fields[at] = fields.back();
      fields.pop_back();
    } else if (dice < 600 && !fields.empty()) {
      const Field& field = fields[random() % fields.size()];
      CHECK(slots->pin(field.slot), "a held slot can be pinned");
      pins.push_back(field);
    } else if (dice < 800 && !pins.empty()) {
      const size_t at = random() % pins.size();
      slots->unpin(pins[at].slot);
      pins[at] = pins.back();
      pins.pop_back();
    } else if (dice < 850 && !fields.empty()) {
      const Field field = fields[random() % fields.size()];
      CHECK(slots->share(field.slot), "a held slot can be shared");
      fields.push_back(field);
    } else if (dice < 852) {
      uint32_t& owner = owners[random() % 3];
      const size_t slotCountMax = 1 + random() % 50;
      while (!store.releaseOwner(owner, slotCountMax)) {
        // Others hold and let go meanwhile, and use its slots again.
        const Bytes bytes = source.nextBytes();
        const uint32_t other = owners[random() % 3];
        if (other != owner) fields.push_back({slots->putHeld(bytes.data(), other), other, bytes});
      }
      const auto isOwned = [&owner](const Field& field) { return field.owner == owner; };
      fields.erase(std::remove_if(fields.begin(), fields.end(), isOwned), fields.end());
      owner = store.openOwner();
    }
    if (step % 100 != 0) continue;
    std::map<uint32_t, int> used;
    for (const Field& field : fields) used[field.slot] |= 1;
    for (const Field& pin : pins) used[pin.slot] |= 2;
    size_t heldCount = 0;
    for (const auto& [slot, need] : used) heldCount += need & 1;
    CHECK(slots->usedCount() == used.size(), "%zu used", slots->usedCount());
    CHECK(slots->heldCount() == heldCount, "%zu held", slots->heldCount());
    CHECK(store.figures().unheldBytes == (used.size() - heldCount) * slots->slotBytes(), "unheld");
    for (const Field& field : fields) CHECK(hasBytes(*slots, field.slot, field.bytes), "a field");
    for (const Field& pin : pins) CHECK(hasBytes(*slots, pin.slot, pin.bytes), "a pin");
  }
  for (uint32_t owner : owners) store.releaseOwner(owner);
  for (const Field& pin : pins) slots->unpin(pin.slot);
  CHECK(slots->usedCount() == 0 && slots->heldCount() == 0, "nothing is left");
  CHECK(slots->mappedBytes() == 0, "%zu bytes are mapped", slots->mappedBytes());
}

TEST("what nobody holds is refused") {
  FloatStore store;
  const std::shared_ptr<FloatSlots> slots = store.slotsOf(64);
  const Bytes bytes(64, 7);
  const uint32_t held = slots->putHeld(bytes.data(), store.openOwner());
  const uint32_t pinned = slots->putPinned(bytes.data());
  CHECK(slots->release(held), "once");
  for (const uint32_t slot : {held, pinned, 77u, none}) {
    CHECK(!slots->release(slot), "release of %u", slot);
    CHECK(!slots->share(slot), "share of %u", slot);
    CHECK(!slots->pin(slot), "pin of %u", slot);
    CHECK(!slots->isHeld(slot), "%u is held", slot);
  }
  CHECK(hasBytes(*slots, pinned, bytes), "the pinned one stays");
  slots->unpin(pinned);
  Parameters parameters;
  parameters.dimensions = 16;
  Index index(parameters, slots);
  CHECK(index.addStored(1, 0) == AddResult::NotHeld, "an index takes no free slot");
  CHECK(index.progress().count == 0, "and has not changed");
  CHECK(store.find(65) == nullptr, "no slots of a length that never came");
}

TEST("two indexes share what fields hold, and let go of it, on several threads") {
  Parameters parameters;
  parameters.dimensions = 40;
  parameters.batchLimit = 32;
  FloatStore store;
  const std::shared_ptr<FloatSlots> slots = store.slotsOf(160);
  Source source(40, testSeed());
  std::mt19937_64 random(testSeed());
  std::vector<Bytes> vectors;
  for (int at = 0; at < 1000; at += 1) vectors.push_back(source.nextBytes());
  const uint32_t owner = store.openOwner();
  std::atomic<int> wrong{0};
  {
    auto first = std::make_unique<Index>(parameters, slots);
    auto second = std::make_unique<Index>(parameters, slots);
    std::atomic<bool> isDone{false};
    std::vector<std::thread> threads;
    for (Index* index : {first.get(), second.get()}) {
      threads.emplace_back([&isDone, index] {
        BuildScratch scratch = index->makeBuildScratch();
        while (!isDone.load()) {
          if (index->buildStep(scratch) != BuildStep::Ran) std::this_thread::yield();
        }
      });
      threads.emplace_back([&, index] {
        std::mt19937_64 queries(testSeed() + 1);
        while (!isDone.load()) {
          const Bytes& query = vectors[queries() % vectors.size()];
          for (const Neighbor& found : search(*index, query, 10, 60).neighbors) {
            // Ids name the vector that they have, modulo the count.
            const Bytes& expected = vectors[found.id % vectors.size()];
            const double distance = referenceDistance(parameters, query, expected);
            wrong += std::fabs(distance - found.distance) > 1e-3;
          }
        }
      });
    }
    std::map<uint32_t, uint32_t> fields;
    for (int step = 0; step < 6000; step += 1) {
      const uint32_t id = static_cast<uint32_t>(random() % (vectors.size() * 2));
      const Bytes& vector = vectors[id % vectors.size()];
      const auto before = fields.find(id);
      if (before != fields.end() && random() % 2 == 0) {
        slots->release(before->second);
        fields.erase(before);
        first->remove(id);
        second->remove(id);
      } else if (before == fields.end()) {
        const uint32_t slot = slots->putHeld(vector.data(), owner);
        fields[id] = slot;
        first->addStored(id, slot);
        second->addStored(id, slot);
        // Sometimes the field goes first, and the indexes are told later.
        if (random() % 8 == 0) {
          slots->release(slot);
          fields[id] = slots->putHeld(vector.data(), owner);
          first->addStored(id, fields[id]);
          second->addStored(id, fields[id]);
        }
      }
      if (step % 16 == 0) std::this_thread::yield();
      if (step % 500 == 0) {
        for (const auto& [field, slot] : fields) {
          CHECK(hasBytes(*slots, slot, vectors[field % vectors.size()]), "field %u", field);
        }
      }
    }
    isDone.store(true);
    for (std::thread& thread : threads) thread.join();
    CHECK(slots->heldCount() == fields.size(), "%zu held", slots->heldCount());
    first.reset();
    CHECK(slots->usedCount() >= fields.size(), "the second index and the fields keep theirs");
    second.reset();
    CHECK(slots->usedCount() == fields.size(), "%zu used by %zu fields", slots->usedCount(),
          fields.size());
  }
  CHECK(wrong.load() == 0, "%d wrong distances", wrong.load());
  store.releaseOwner(owner);
  CHECK(slots->usedCount() == 0, "%zu slots are left", slots->usedCount());
  CHECK(slots->mappedBytes() == 0, "%zu bytes are mapped", slots->mappedBytes());
}
