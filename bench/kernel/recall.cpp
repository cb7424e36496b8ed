// Recall@10 at the parameters that users see, beside hnswlib at the same ef: ef counts distinct
// nodes in both, so ours must never find less.
#include <algorithm>
#include <cstdio>

#include "commands.h"
#include "dataset.h"
#include "figures.h"

void runRecall(const Options& options) {
  const Dataset dataset = openDataset(options);
  const std::vector<uint32_t> efs =
      options.numbers("ef", {10, 16, 24, 32, 48, 64, 96, 128, 200, 400});
  Report report("recall", options);
  Json engines;
  std::vector<std::vector<Point>> curves;
  for (const std::string name : {"lodestone", "hnswlib"}) {
    const std::unique_ptr<Engine> engine = makeEngine(name, options.build());
    engine->prepare(dataset.vectors, dataset.queries);
    const double buildSeconds = engine->build(options.build());
    Matrix<uint32_t> found(dataset.queries.rows, neighborCount);
    std::vector<Point> curve;
    for (const uint32_t ef : efs) {
      const double seconds = engine->search(ef, found);
      curve.push_back({ef, recallOf(found, dataset.neighbors),
                       static_cast<double>(dataset.queries.rows) / seconds});
    }
    engines.member(name, curveJson(buildSeconds, curve));
    curves.push_back(curve);
  }
  double least = 1;
  std::printf("  ef    lodestone  hnswlib  difference\n");
  for (size_t at = 0; at < efs.size(); at += 1) {
    const double difference = curves[0][at].recall - curves[1][at].recall;
    least = std::min(least, difference);
    std::printf("  %4u  %.4f     %.4f   %+.4f\n", efs[at], curves[0][at].recall,
                curves[1][at].recall, difference);
  }
  for (const Point& point : curves[0]) {
    if (point.ef == 10) report.bar("recall@10 at ef 10, the default", point.recall, 0.95);
    if (point.ef == 128) report.bar("recall@10 at ef 128", point.recall, 0.99);
    if (point.ef == 400) report.bar("recall@10 at ef 400", point.recall, 0.999);
  }
  report.bar("least difference to hnswlib at the same ef", least, 0);
  report.json.member("dataset", dataset.name).member("engines", engines);
  report.write();
}
