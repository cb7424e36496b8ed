// The commands of the kernel's bench; each prints its table, and writes a report if asked.
#pragma once

#include "options.h"

/// Ours beside the peers: building, and queries per second at equal recall.
void runCompare(const Options& options);
/// Recall at the parameters that users see, beside hnswlib's.
void runRecall(const Options& options);
/// Building and searching with several threads against one.
void runThreads(const Options& options);
/// Everything replaced again and again, against a fresh build.
void runChurn(const Options& options);
/// How cost grows with the number of vectors.
void runGrowth(const Options& options);
/// Latency of searches while vectors come in at full speed, against idle.
void runLatency(const Options& options);
/// Searches under filters, beside hnswlib and a plain scan.
void runFilters(const Options& options);
/// Makes a synthetic dataset's folder and prints where it is.
void runDataset(const Options& options);
