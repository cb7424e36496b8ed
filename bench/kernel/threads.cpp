// Several threads against one, in turns: a build of everything, and all queries by each thread.
#include <cstdio>

#include "commands.h"
#include "dataset.h"
#include "figures.h"
#include "kernel-index.h"

void runThreads(const Options& options) {
  const Dataset dataset = openDataset(options);
  const uint32_t many = options.number("threads", 2);
  const uint32_t counts[2] = {1, many};
  std::unique_ptr<lodestone::Index> index;
  std::vector<double> builds[2];
  uint64_t checksums[2] = {};
  for (uint32_t round = 0; round < options.buildRepeat(); round += 1) {
    for (const int which : {0, 1}) {
      index.reset();
      index = makeIndex(dataset.vectors.columns, options.build());
      builds[which].push_back(
          addAndBuild(*index, dataset.vectors, dataset.vectors.rows, counts[which]));
      checksums[which] = index->checksum();
    }
  }
  if (checksums[0] != checksums[1]) fail("the graphs differ");
  Report report("threads", options);
  std::printf("built in %.2f s with 1 thread, %.2f s with %u; the same graph\n",
              median(builds[0]), median(builds[1]), many);
  report.bar("building, " + std::to_string(many) + " threads over 1",
             median(builds[0]) / median(builds[1]), 0.9 * many);
  Matrix<uint32_t> found(dataset.queries.rows, neighborCount);
  for (const uint32_t ef : options.numbers("ef", {16, 64, 256})) {
    std::vector<double> speeds[2];
    for (uint32_t round = 0; round < options.repeat(); round += 1) {
      for (const int which : {0, 1}) {
        const double seconds = searchAll(*index, dataset.queries, ef, counts[which], found);
        const double asked = static_cast<double>(dataset.queries.rows) * counts[which];
        speeds[which].push_back(asked / seconds);
      }
    }
    std::printf("ef %u: %.0f queries/s with 1 thread, %.0f with %u\n", ef, median(speeds[0]),
                median(speeds[1]), many);
    report.bar("searching at ef " + std::to_string(ef) + ", " + std::to_string(many) +
                   " threads over 1",
               median(speeds[1]) / median(speeds[0]), 0.9 * many);
  }
  report.json.member("dataset", dataset.name).member("buildSeconds", median(builds[1]));
  report.write();
}
