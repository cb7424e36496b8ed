// See engine-binding.h.
#include "engine-binding.h"

namespace lodestone {

namespace {

/// On the event loop, once for all answers that are there by then.
void callBack(napi_env env, napi_value onAnswers, void*, void*) {
  if (env == nullptr || onAnswers == nullptr) return;
  napi_value undefined;
  if (napi_get_undefined(env, &undefined) != napi_ok) return;
  napi_call_function(env, undefined, onAnswers, 0, nullptr, nullptr);
}

}  // namespace

EngineBinding::EngineBinding(napi_env env, uint32_t threadCount) : env_(env) {
  pool_ = std::make_unique<Pool>(threadCount, [this] {
    napi_call_threadsafe_function(tell_, nullptr, napi_tsfn_nonblocking);
  });
}

bool EngineBinding::open(napi_value onAnswers) {
  napi_value name;
  return napi_create_string_utf8(env_, "vector-kernel", NAPI_AUTO_LENGTH, &name) == napi_ok &&
         napi_create_threadsafe_function(env_, onAnswers, nullptr, name, 0, 1, nullptr, nullptr,
                                         nullptr, callBack, &tell_) == napi_ok;
}

void EngineBinding::close() {
  if (pool_ == nullptr) return;
  // Threads first: they call `tell_`.
  pool_->stop();
  pool_.reset();
  indexes_.clear();
  filters_.clear();
  taken_.clear();
  if (tell_ != nullptr) napi_release_threadsafe_function(tell_, napi_tsfn_abort);
  tell_ = nullptr;
}

uint32_t EngineBinding::create(const Parameters& parameters) {
  const size_t vectorBytes = parameters.dimensions * elementBytes(parameters.type);
  auto index = std::make_shared<PoolIndex>(parameters, store_.slotsOf(vectorBytes));
  pool_->host(index);
  const uint32_t number = nextNumber_;
  indexes_.emplace(number, std::move(index));
  nextNumber_ += 1;
  return number;
}

void EngineBinding::drop(uint32_t number) {
  const auto found = indexes_.find(number);
  if (found == indexes_.end()) return;
  pool_->retire(found->second);
  indexes_.erase(found);
}

std::shared_ptr<PoolIndex> EngineBinding::find(uint32_t number) const {
  const auto found = indexes_.find(number);
  return found == indexes_.end() ? nullptr : found->second;
}

const char* EngineBinding::submit(const uint32_t* words, size_t count) {
  std::vector<SearchTask> tasks;
  const auto findFilter = [this](uint32_t number) {
    const auto found = filters_.find(number);
    return found == filters_.end() ? nullptr : found->second;
  };
  const char* problem = readSearches(
      memory_->copy(words, count), [this](uint32_t number) { return find(number); }, findFilter,
      tasks);
  if (problem == nullptr) pool_->submit(tasks);
  return problem;
}

uint32_t EngineBinding::keepFilter(const uint32_t* words, size_t count) {
  const uint32_t number = nextFilter_;
  filters_.emplace(number, std::make_shared<const FilterWords>(words, words + count));
  nextFilter_ += 1;
  return number;
}

double EngineBinding::takeAnswers(uint32_t* into, size_t room) {
  if (first_ == taken_.size()) {
    pool_->takeAnswers(taken_);
    first_ = 0;
  }
  uint32_t* at = into;
  for (; first_ < taken_.size(); first_ += 1) {
    const size_t words = answerWords(taken_[first_]);
    const size_t left = room - static_cast<size_t>(at - into);
    if (words > left && at == into) return -static_cast<double>(words);
    if (words > left) break;
    at = writeAnswer(taken_[first_], at);
  }
  return static_cast<double>(at - into);
}

}  // namespace lodestone
