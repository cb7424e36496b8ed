// SymphonyQG behind the bench's interface: a Python process with the package rabitqlib, which reads
// the same vectors from files, times itself, and writes what it found to a file.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "engine.h"

namespace {

namespace files = std::filesystem;

class SymphonyEngine : public Engine {
 public:
  explicit SymphonyEngine(const std::string& python) : python_(python) {}

  ~SymphonyEngine() override {
    if (toChild_ != nullptr) std::fclose(toChild_);
    if (fromChild_ != nullptr) std::fclose(fromChild_);
    if (child_ > 0) waitpid(child_, nullptr, 0);
    std::error_code ignored;
    if (!folder_.empty()) files::remove_all(folder_, ignored);
  }

  const char* name() const override { return "symphonyqg"; }

  std::string prepare(const Matrix<float>& vectors, const Matrix<float>& queries) override {
    std::string pattern = (files::temp_directory_path() / "lodestone-symphonyqg-XXXXXX").string();
    if (mkdtemp(&pattern[0]) == nullptr) fail("cannot make a temporary folder");
    folder_ = pattern;
    start();
    char word[200];
    if (std::fscanf(fromChild_, "%199s", word) != 1) {
      return python_ + " does not run; --python PATH names another";
    }
    if (std::string(word) != "ready") {
      return python_ + " has no rabitqlib; pip install rabitqlib numpy, or --python PATH";
    }
    writeNpy(folder_ + "/vectors.npy", vectors);
    writeNpy(folder_ + "/queries.npy", queries);
    ask("load", 0, 0);
    return "";
  }

  double build(const BuildOptions& options) override {
    return ask("build", options.efConstruction, options.threads);
  }

  double search(uint32_t ef, Matrix<uint32_t>& rows) override {
    const double seconds = ask("search", ef, neighborCount);
    rows = readNpy<uint32_t>(folder_ + "/rows.npy");
    return seconds;
  }

 private:
  void start() {
    int down[2];
    int up[2];
    if (pipe(down) != 0 || pipe(up) != 0) fail("cannot make a pipe");
    signal(SIGPIPE, SIG_IGN);
    child_ = fork();
    if (child_ == 0) {
      dup2(down[0], STDIN_FILENO);
      dup2(up[1], STDOUT_FILENO);
      for (const int end : {down[0], down[1], up[0], up[1]}) close(end);
      const std::string script = std::string(BENCH_FOLDER) + "/symphonyqg.py";
      execlp(python_.c_str(), python_.c_str(), script.c_str(), folder_.c_str(), nullptr);
      _exit(127);
    }
    close(down[0]);
    close(up[1]);
    toChild_ = fdopen(down[1], "w");
    fromChild_ = fdopen(up[0], "r");
  }

  double ask(const char* what, uint32_t first, uint32_t second) {
    std::fprintf(toChild_, "%s %u %u\n", what, first, second);
    std::fflush(toChild_);
    double seconds = 0;
    if (std::fscanf(fromChild_, "%lf", &seconds) != 1) fail("the Python process ended");
    return seconds;
  }

  const std::string python_;
  std::string folder_;
  pid_t child_ = 0;
  FILE* toChild_ = nullptr;
  FILE* fromChild_ = nullptr;
};

}  // namespace

std::unique_ptr<Engine> makeSymphonyEngine(const std::string& python) {
  return std::make_unique<SymphonyEngine>(python);
}
