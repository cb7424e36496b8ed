// The layout of what crosses: searches in one array of words, answers in another. `search-stage.ts`
// writes the one and `kernel-answers.ts` reads the other; all words are of this machine's order.
//
//   search:  words, index, ticket, kind, k, ef, radius (float), milliseconds left (0: for ever),
//            bytes of the query, words of the filter (all ones: no filter; one less: a
//            filter that is kept, by its number in one word), then filter and query; a kind
//            with `kindWantsFigures` in it asks for the figures of that search
//   answer:  ticket, status, method, count, count of figures, then ids, then distances (floats),
//            then figures:
//     of a search:   microseconds until it began, microseconds that it took, hops, distances of
//                    codes, vectors re-ranked, vectors of the tail, vectors scanned
//     of checksums:  whole (two words, the lower one first), sequence (two), nodes, tombstones,
//                    slots in a range, then of each range (two)
//     of a dump:     the words of its next piece; none where it ends
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "../pool.h"

namespace lodestone {

constexpr size_t searchHeadWords = 10;
constexpr size_t answerHeadWords = 5;
constexpr uint32_t kindWantsFigures = 2;
constexpr uint32_t noFilter = 0xffffffffu;
constexpr uint32_t keptFilter = 0xfffffffeu;

using FindIndex = std::function<std::shared_ptr<PoolIndex>(uint32_t number)>;
/// Null for a number that no filter has.
using FindFilter = std::function<std::shared_ptr<const FilterWords>(uint32_t number)>;

/// Null where it is well formed, else what is wrong. Searches of an index that is gone are left out.
const char* readSearches(std::shared_ptr<std::vector<uint32_t>> memory, const FindIndex& find,
                         const FindFilter& findFilter, std::vector<SearchTask>& tasks);

inline size_t answerWords(const Answer& answer) {
  return answerHeadWords + 2 * answer.neighbors.size() + answer.figures.size();
}
/// Returns where the next one goes.
uint32_t* writeAnswer(const Answer& answer, uint32_t* into);

}  // namespace lodestone
