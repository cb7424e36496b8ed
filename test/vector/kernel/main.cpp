// Runs every test, or those whose names contain the first argument; says how many checks failed.
#include "check.h"

#include <chrono>
#include <cstring>

int failureCount = 0;

std::vector<TestCase>& testCases() {
  static std::vector<TestCase> cases;
  return cases;
}

uint64_t testSeed() {
  const char* given = std::getenv("LODESTONE_SEED");
  return given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
}

int main(int count, char** words) {
  std::printf("LODESTONE_SEED=%llu\n", static_cast<unsigned long long>(testSeed()));
  int ranCount = 0;
  for (const TestCase& test : testCases()) {
    if (count > 1 && std::strstr(test.name, words[1]) == nullptr) continue;
    ranCount += 1;
    const auto start = std::chrono::steady_clock::now();
    const int before = failureCount;
    test.run();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("%s %s (%.2f s)\n", failureCount == before ? "ok" : "FAILED", test.name,
                seconds.count());
    std::fflush(stdout);
  }
  std::printf("%d failed checks\n", failureCount);
  return failureCount == 0 && ranCount > 0 ? 0 : 1;
}
