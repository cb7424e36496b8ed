// Figures and reports; see figures.h.
#include "figures.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

double secondsNow() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t at = static_cast<size_t>(share * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

double median(std::vector<double> values) { return percentile(std::move(values), 0.5); }

double recallOf(const Matrix<uint32_t>& found, const Matrix<uint32_t>& neighbors) {
  size_t hits = 0;
  for (size_t query = 0; query < found.rows; query += 1) {
    const uint32_t* truth = neighbors.row(query);
    for (size_t at = 0; at < neighborCount; at += 1) {
      hits += std::find(truth, truth + neighborCount, found.row(query)[at]) !=
              truth + neighborCount;
    }
  }
  return static_cast<double>(hits) / static_cast<double>(found.rows * neighborCount);
}

double speedAt(const std::vector<Point>& curve, double recall) {
  for (size_t at = 0; at < curve.size(); at += 1) {
    if (curve[at].recall < recall) continue;
    if (at == 0) return curve[0].queriesPerSecond;
    const Point& low = curve[at - 1];
    const Point& high = curve[at];
    const double part = (recall - low.recall) / (high.recall - low.recall);
    return std::exp(std::log(low.queriesPerSecond) * (1 - part) +
                    std::log(high.queriesPerSecond) * part);
  }
  return 0;
}

Json& Json::put(const std::string& name, const std::string& value) {
  members_ += (members_.empty() ? "\"" : ",\"") + name + "\":" + value;
  return *this;
}

Json& Json::member(const std::string& name, double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  return put(name, std::isfinite(value) ? text : "null");
}

Json& Json::member(const std::string& name, const std::string& value) {
  return put(name, "\"" + value + "\"");
}

Json& Json::member(const std::string& name, const Json& value) { return put(name, value.text()); }

Json& Json::member(const std::string& name, const std::vector<Json>& values) {
  std::string list;
  for (const Json& value : values) list += (list.empty() ? "" : ",") + value.text();
  return put(name, "[" + list + "]");
}

Json curveJson(double buildSeconds, const std::vector<Point>& curve) {
  std::vector<Json> points;
  for (const Point& point : curve) {
    points.push_back(Json()
                         .member("ef", point.ef)
                         .member("recall", point.recall)
                         .member("queriesPerSecond", point.queriesPerSecond));
  }
  return Json().member("buildSeconds", buildSeconds).member("curve", points);
}

Report::Report(const std::string& command, const Options& options) : path_(options.text("json")) {
  const BuildOptions build = options.build();
  json.member("command", command).member("m", build.m);
  json.member("efConstruction", build.efConstruction).member("threads", build.threads);
}

void Report::bar(const std::string& measure, double figure, double limit, bool isMost) {
  const bool isMet = isMost ? figure <= limit : figure >= limit;
  std::printf("%-58s %8.4g  bar %s %.4g  %s\n", measure.c_str(), figure, isMost ? "<=" : ">=",
              limit, isMet ? "met" : "MISSED");
  std::fflush(stdout);
  bars_.push_back(Json()
                      .member("measure", measure)
                      .member("figure", figure)
                      .member(isMost ? "atMost" : "atLeast", limit));
}

void Report::write() {
  if (path_.empty()) return;
  json.member("bars", bars_);
  FILE* file = std::fopen(path_.c_str(), "w");
  if (file == nullptr) fail("cannot write " + path_);
  std::fprintf(file, "%s\n", json.text().c_str());
  std::fclose(file);
}
