// Reading words; see options.h.
#include "options.h"

#include <cstdlib>

Options::Options(int count, char** words) {
  for (int at = 0; at + 1 < count; at += 2) words_[words[at] + 2] = words[at + 1];
}

std::string Options::text(const std::string& name, const std::string& otherwise) const {
  const auto found = words_.find(name);
  return found == words_.end() ? otherwise : found->second;
}

uint32_t Options::number(const std::string& name, uint32_t otherwise) const {
  if (!has(name)) return otherwise;
  return static_cast<uint32_t>(std::strtoul(text(name).c_str(), nullptr, 10));
}

std::vector<uint32_t> Options::numbers(const std::string& name,
                                       std::vector<uint32_t> otherwise) const {
  if (!has(name)) return otherwise;
  std::vector<uint32_t> values;
  for (const std::string& part : split(text(name))) {
    values.push_back(static_cast<uint32_t>(std::strtoul(part.c_str(), nullptr, 10)));
  }
  return values;
}

BuildOptions Options::build() const {
  BuildOptions build;
  build.m = number("m", build.m);
  build.efConstruction = number("ef-construction", build.efConstruction);
  build.threads = number("threads", build.threads);
  build.signBits = number("sign-bits", build.signBits);
  build.batchLimit = number("batch", build.batchLimit);
  build.python = text("python", build.python);
  return build;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char letter : text) {
    if (letter == ',') {
      parts.emplace_back();
    } else {
      parts.back() += letter;
    }
  }
  return parts;
}
