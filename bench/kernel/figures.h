// From repetitions to figures: medians, recall, curves, and bars that are met or missed. What is
// printed for the reader goes into a report as well, which is written as JSON at the end.
#pragma once

#include "options.h"

double median(std::vector<double> values);
/// The value that so many (0 to 1) are at most; sorts its copy.
double percentile(std::vector<double> values, double share);

/// The share of each query's ten true neighbors that were found.
double recallOf(const Matrix<uint32_t>& found, const Matrix<uint32_t>& neighbors);

struct Point {
  uint32_t ef;
  double recall;
  double queriesPerSecond;
};

/// Queries per second at a recall, between the curve's points (logarithmic in speed); the first
/// point's if that is beyond it already; 0 if no point reaches it.
double speedAt(const std::vector<Point>& curve, double recall);

/// An object of JSON, member by member.
class Json {
 public:
  Json& member(const std::string& name, double value);
  Json& member(const std::string& name, const std::string& value);
  Json& member(const std::string& name, const Json& value);
  Json& member(const std::string& name, const std::vector<Json>& values);
  std::string text() const { return "{" + members_ + "}"; }

 private:
  Json& put(const std::string& name, const std::string& value);
  std::string members_;
};

Json curveJson(double buildSeconds, const std::vector<Point>& curve);

class Report {
 public:
  Report(const std::string& command, const Options& options);
  Json json;
  /// Prints whether the figure reaches the bar, which is a least or, if so said, a most.
  void bar(const std::string& measure, double figure, double limit, bool isMost = false);
  /// To --json, if asked.
  void write();

 private:
  const std::string path_;
  std::vector<Json> bars_;
};
