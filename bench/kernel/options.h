// The words of the command line, `--name value` each: main.ts has checked the names and printed the
// usage, so a wrong name cannot come here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine.h"

class Options {
 public:
  Options(int count, char** words);

  bool has(const std::string& name) const { return words_.count(name) > 0; }
  std::string text(const std::string& name, const std::string& otherwise = "") const;
  uint32_t number(const std::string& name, uint32_t otherwise) const;
  std::vector<uint32_t> numbers(const std::string& name, std::vector<uint32_t> otherwise) const;

  BuildOptions build() const;
  /// Searches of each kind, in turns; builds are dearer, so they may be fewer.
  uint32_t repeat() const { return number("repeat", 5); }
  uint32_t buildRepeat() const { return number("build-repeat", repeat()); }

 private:
  std::map<std::string, std::string> words_;
};

std::vector<std::string> split(const std::string& text);
