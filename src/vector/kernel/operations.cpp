// Chooses the path once for a process. A name in LODESTONE_SIMD that this host lacks is an error at
// once: a test that believes to have forced a path must not silently run another.
#include "operations.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace lodestone {

namespace {

bool hostHas(const char* name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (std::strcmp(name, "avx2") == 0) return __builtin_cpu_supports("avx2") != 0;
  if (std::strcmp(name, "avx512") == 0) {
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
           __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
           __builtin_cpu_supports("avx512vnni") != 0;
  }
  return false;
#elif defined(__aarch64__)
  return std::strcmp(name, "neon") == 0;
#else
  (void)name;
  return false;
#endif
}

const Operations& choose() {
  const char* forced = std::getenv("LODESTONE_SIMD");
  if (forced != nullptr && *forced != '\0') {
    const Operations* found = operationsNamed(forced);
    if (found == nullptr) {
      std::fprintf(stderr, "LODESTONE_SIMD: this host has no path called %s\n", forced);
      std::abort();
    }
    return *found;
  }
  for (const char* name : {"avx512", "avx2", "neon"}) {
    const Operations* found = operationsNamed(name);
    if (found != nullptr) return *found;
  }
  return *plainOperations();
}

std::atomic<const Operations*> current{nullptr};

}  // namespace

const Operations* operationsNamed(const char* name) {
  if (std::strcmp(name, "plain") == 0) return plainOperations();
  if (!hostHas(name)) return nullptr;
  if (std::strcmp(name, "avx2") == 0) return avx2Operations();
  if (std::strcmp(name, "avx512") == 0) return avx512Operations();
  return neonOperations();
}

const Operations& operations() {
  const Operations* chosen = current.load(std::memory_order_acquire);
  if (chosen != nullptr) return *chosen;
  // Threads that come here together choose the same.
  const Operations& found = choose();
  current.store(&found, std::memory_order_release);
  return found;
}

void useOperations(const Operations& chosen) { current.store(&chosen, std::memory_order_release); }

}  // namespace lodestone
