// The least that a test needs: named tests that register themselves, and checks that say where they
// failed and with what. Random tests take their seed from LODESTONE_SEED and print it.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

struct TestCase {
  const char* name;
  std::function<void()> run;
};

std::vector<TestCase>& testCases();
extern int failureCount;
uint64_t testSeed();

struct TestRegistration {
  TestRegistration(const char* name, std::function<void()> run) {
    testCases().push_back({name, std::move(run)});
  }
};

#define JOIN_NAMES(a, b) a##b
#define JOIN(a, b) JOIN_NAMES(a, b)
#define TEST(name)                                                       \
  static void JOIN(test, __LINE__)();                                    \
  static const TestRegistration JOIN(registered, __LINE__)(name, JOIN(test, __LINE__)); \
  static void JOIN(test, __LINE__)()

#define CHECK(condition, ...)                                            \
  do {                                                                   \
    if (!(condition)) {                                                  \
      failureCount += 1;                                                 \
      std::printf("  %s:%d failed: %s; ", __FILE__, __LINE__, #condition); \
      std::printf(__VA_ARGS__);                                          \
      std::printf("\n");                                                 \
      if (failureCount > 20) std::exit(1);                               \
    }                                                                    \
  } while (false)
