// The pool: every search is answered once, watches fire, indexes go while threads are in them.
#include <atomic>

#include "pool.h"
#include "samples.h"

namespace {

SearchTask taskOf(const std::shared_ptr<SnapshotLease>& lease, const Bytes& query, uint32_t ticket) {
  SearchTask task;
  task.ticket = ticket;
  task.k = 10;
  task.ef = 40;
  task.memory = std::make_shared<std::vector<uint32_t>>(query.size() / 4);
  std::memcpy(task.memory->data(), query.data(), query.size());
  task.query = reinterpret_cast<const uint8_t*>(task.memory->data());
  task.lease = lease;
  return task;
}

Parameters small() {
  Parameters parameters;
  parameters.dimensions = 32;
  parameters.efConstruction = 60;
  parameters.batchLimit = 64;
  return parameters;
}

/// Takes answers until there are so many, by ticket.
std::map<uint32_t, Answer> await(Pool& pool, size_t count) {
  std::map<uint32_t, Answer> found;
  std::vector<Answer> taken;
  while (found.size() < count) {
    pool.takeAnswers(taken);
    for (Answer& answer : taken) {
      CHECK(found.count(answer.ticket) == 0, "%u was answered twice", answer.ticket);
      found[answer.ticket] = std::move(answer);
    }
    std::this_thread::yield();
  }
  return found;
}

}  // namespace

TEST("a pool answers every search once, from where it was asked, while it builds") {
  Pool pool(3, [] {});
  auto hosted = std::make_shared<PoolIndex>(small());
  pool.host(hosted);
  Source source(32, testSeed());
  std::vector<Bytes> vectors;
  uint32_t ticket = 0;
  const uint32_t count = 2000;
  for (uint32_t id = 0; id < count; id += 1) {
    vectors.push_back(source.nextBytes());
    hosted->index.add(id, vectors[id].data());
    pool.changed(*hosted);
    if (id % 10 != 9) continue;
    // Nothing that comes later may be found.
    std::vector<SearchTask> tasks;
    tasks.push_back(taskOf(std::make_shared<SnapshotLease>(hosted), vectors[id], ticket++));
    pool.submit(tasks);
  }
  hosted->index.seal();
  pool.changed(*hosted);
  pool.watch(*hosted, hosted->index.state().changes.published(), ticket);
  const std::map<uint32_t, Answer> answers = await(pool, ticket + 1);
  for (uint32_t at = 0; at < ticket; at += 1) {
    const std::vector<Neighbor>& found = answers.at(at).neighbors;
    CHECK(found.size() == 10, "search %u found %zu", at, found.size());
    CHECK(!found.empty() && found[0].id == at * 10 + 9, "search %u missed what was there", at);
    for (const Neighbor& neighbor : found) {
      CHECK(neighbor.id <= at * 10 + 9, "search %u saw %u, which came later", at, neighbor.id);
    }
  }
  CHECK(hosted->index.progress().tailCount == 0, "what was watched for is in the graph");
}

TEST("a search past its deadline is late, and one of an index that went is dropped") {
  Pool pool(2, [] {});
  auto hosted = std::make_shared<PoolIndex>(small());
  pool.host(hosted);
  Source source(32, testSeed());
  const Bytes vector = source.nextBytes();
  hosted->index.add(1, vector.data());
  std::vector<SearchTask> tasks;
  tasks.push_back(taskOf(std::make_shared<SnapshotLease>(hosted), vector, 1));
  tasks[0].deadline = PoolClock::now() - std::chrono::seconds(1);
  pool.submit(tasks);
  CHECK(await(pool, 1).at(1).status == AnswerStatus::Late, "it came too late");

  std::weak_ptr<PoolIndex> watched = hosted;
  for (uint32_t id = 0; id < 3000; id += 1) hosted->index.add(id, source.nextBytes().data());
  pool.changed(*hosted);
  for (uint32_t ticket = 0; ticket < 200; ticket += 1) {
    tasks.push_back(taskOf(std::make_shared<SnapshotLease>(hosted), vector, ticket));
  }
  pool.submit(tasks);
  pool.retire(hosted);
  hosted.reset();
  while (!watched.expired()) std::this_thread::yield();
}

TEST("a pool ends while its threads are busy") {
  for (int round = 0; round < 5; round += 1) {
    std::atomic<int> told{0};
    Pool pool(2, [&told] { told += 1; });
    auto hosted = std::make_shared<PoolIndex>(small());
    pool.host(hosted);
    Source source(32, testSeed());
    std::vector<SearchTask> tasks;
    for (uint32_t id = 0; id < 1000; id += 1) hosted->index.add(id, source.nextBytes().data());
    pool.changed(*hosted);
    for (uint32_t ticket = 0; ticket < 50; ticket += 1) {
      tasks.push_back(taskOf(std::make_shared<SnapshotLease>(hosted), source.nextBytes(), ticket));
    }
    pool.submit(tasks);
    pool.stop();
  }
}
