// See index-state.h.
#include "index-state.h"

#include "encoding.h"

namespace lodestone {

void IndexState::encode(uint32_t number, int8_t* code, CodeHead& head) const {
  static thread_local AlignedArray<float> rotated;
  const size_t count = graph.codeBytes();
  if (rotated.size() < count) rotated.resize(count);
  std::fill_n(rotated.data(), count, 0.0f);
  const Record& record = records.at(number);
  const ValueStore& values = records.values();
  values.decode(values.at(record.values), record.inverseNorm, rotated.data());
  rotation.apply(rotated.data());
  encodeRotated(rotated.data(), count, code, head);
}

}  // namespace lodestone
