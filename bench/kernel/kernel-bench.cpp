// `kernel-bench COMMAND --name value …`, as main.ts starts it.
#include <cstdio>
#include <map>

#include "commands.h"
#include "dataset.h"

std::unique_ptr<Engine> makeEngine(const std::string& name, const BuildOptions& options) {
  if (name == "lodestone") return makeKernelEngine();
  if (name == "hnswlib") return makeHnswlibEngine();
  if (name == "symphonyqg") return makeSymphonyEngine(options.python);
  fail("no engine is called '" + name + "'");
}

void runDataset(const Options& options) {
  if (!options.has("synthetic")) fail("--synthetic is missing");
  std::printf("%s\n", syntheticFolder(options).c_str());
}

int main(int count, char** words) {
  const std::map<std::string, void (*)(const Options&)> commands = {
      {"compare", runCompare}, {"recall", runRecall}, {"threads", runThreads},
      {"churn", runChurn},     {"growth", runGrowth}, {"latency", runLatency},
      {"filters", runFilters}, {"dataset", runDataset},
  };
  const auto found = commands.find(count > 1 ? words[1] : "");
  if (found == commands.end()) fail("no such command");
  found->second(Options(count - 2, words + 2));
  return 0;
}
