// Searches out of words, answers into words; see batch.h.
#include "batch.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace lodestone {

namespace {

float floatOf(uint32_t word) {
  float value;
  std::memcpy(&value, &word, sizeof value);
  return value;
}

}  // namespace

const char* readSearches(std::shared_ptr<std::vector<uint32_t>> memory, const FindIndex& find,
                         const FindFilter& findFilter, std::vector<SearchTask>& tasks) {
  const std::vector<uint32_t>& words = *memory;
  const PoolClock::time_point now = PoolClock::now();
  // Searches that came together see the same place of the sequence.
  std::map<uint32_t, std::shared_ptr<SnapshotLease>> leases;
  for (size_t at = 0; at < words.size();) {
    const size_t room = words.size() - at;
    if (room < searchHeadWords) return "a search ends in its head";
    const uint32_t* head = &words[at];
    const size_t size = head[0];
    const bool isKept = head[9] == keptFilter;
    const size_t filterWords = head[9] == noFilter ? 0 : isKept ? 1 : head[9];
    const size_t queryWords = (static_cast<size_t>(head[8]) + 3) / 4;
    if (size > room || size != searchHeadWords + filterWords + queryWords) {
      return "a search is not as long as it says";
    }
    at += size;
    std::shared_ptr<SnapshotLease>& lease = leases[head[1]];
    if (lease == nullptr) {
      std::shared_ptr<PoolIndex> index = find(head[1]);
      if (index == nullptr) continue;
      lease = std::make_shared<SnapshotLease>(std::move(index));
    }
    if (head[8] != lease->hosted->vectorBytes()) return "a query has not the index's size";
    const uint32_t kind = head[3] & ~kindWantsFigures;
    if (kind > static_cast<uint32_t>(SearchKind::WithinRange)) return "no kind of search";
    SearchTask task;
    task.ticket = head[2];
    task.kind = static_cast<SearchKind>(kind);
    task.wantsFigures = (head[3] & kindWantsFigures) != 0;
    task.asked = now;
    task.k = head[4];
    task.ef = head[5];
    task.radius = floatOf(head[6]);
    if (head[7] > 0) task.deadline = now + std::chrono::milliseconds(head[7]);
    task.hasFilter = head[9] != noFilter;
    task.filter.words = head + searchHeadWords;
    task.filter.wordCount = filterWords;
    if (isKept) {
      task.kept = findFilter(head[searchHeadWords]);
      if (task.kept == nullptr) return "no such filter";
      task.filter.words = task.kept->data();
      task.filter.wordCount = task.kept->size();
    }
    task.query = reinterpret_cast<const uint8_t*>(head + searchHeadWords + filterWords);
    task.lease = lease;
    task.memory = memory;
    tasks.push_back(std::move(task));
  }
  return nullptr;
}

uint32_t* writeAnswer(const Answer& answer, uint32_t* into) {
  const size_t count = answer.neighbors.size();
  into[0] = answer.ticket;
  into[1] = static_cast<uint32_t>(answer.status);
  into[2] = static_cast<uint32_t>(answer.method);
  into[3] = static_cast<uint32_t>(count);
  into[4] = static_cast<uint32_t>(answer.figures.size());
  uint32_t* ids = into + answerHeadWords;
  for (size_t at = 0; at < count; at += 1) {
    ids[at] = answer.neighbors[at].id;
    std::memcpy(&ids[count + at], &answer.neighbors[at].distance, sizeof(float));
  }
  return std::copy(answer.figures.begin(), answer.figures.end(), ids + 2 * count);
}

}  // namespace lodestone
