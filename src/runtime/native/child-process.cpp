// libuv starts a process by fork, which copies the page tables of the one that forks: 45 ms for each
// GB in memory, and nobody is served meanwhile. posix_spawn shares the memory until the new program
// is there, whatever its size (glibc and musl: CLONE_VM and CLONE_VFORK).
#include "child-process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lodestone {

namespace {

constexpr int childChannel = 3;

std::vector<char*> pointersOf(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// A program begins with no signal blocked and none ignored, whatever we do with ours.
int setSignals(posix_spawnattr_t& attributes) {
  sigset_t signals;
  sigemptyset(&signals);
  int failure = posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  if (failure == 0) failure = posix_spawnattr_setsigdefault(&attributes, &signals);
  if (failure == 0) {
    failure = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  return failure;
}

int setDescriptors(posix_spawn_file_actions_t& actions, int channel) {
  const int failure =
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  // A duplicate is not closed on exec, as the original is.
  return failure == 0 ? posix_spawn_file_actions_adddup2(&actions, channel, childChannel) : failure;
}

int spawnWith(const std::string& file, const std::vector<std::string>& arguments,
              const std::vector<std::string>& environment, int channel, pid_t& id) {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  int failure = posix_spawnattr_init(&attributes);
  if (failure != 0) return failure;
  failure = posix_spawn_file_actions_init(&actions);
  if (failure == 0) {
    failure = setSignals(attributes);
    if (failure == 0) failure = setDescriptors(actions, channel);
    if (failure == 0) {
      failure = posix_spawn(&id, file.c_str(), &actions, &attributes, pointersOf(arguments).data(),
                            pointersOf(environment).data());
    }
    posix_spawn_file_actions_destroy(&actions);
  }
  posix_spawnattr_destroy(&attributes);
  return failure;
}

}  // namespace

int startChild(const std::string& file, const std::vector<std::string>& arguments,
               const std::vector<std::string>& environment, ChildProcess& child) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return errno;
  // A duplicate onto itself would stay closed on exec with older libraries.
  int theirs = fcntl(ends[1], F_DUPFD_CLOEXEC, childChannel + 1);
  int failure = theirs < 0 ? errno : 0;
  close(ends[1]);
  if (failure == 0) failure = spawnWith(file, arguments, environment, theirs, child.id);
  if (theirs >= 0) close(theirs);
  if (failure != 0) close(ends[0]);
  child.channel = ends[0];
  return failure;
}

int lookAtChild(pid_t id, ChildEnd& end) {
  int status = 0;
  pid_t found;
  do {
    found = waitpid(id, &status, WNOHANG);
  } while (found < 0 && errno == EINTR);
  if (found < 0) return errno;
  end.isEnded = found == id;
  end.signal = end.isEnded && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  end.code = end.isEnded && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  return 0;
}

int leaveOneProcessor(const int32_t* threads, size_t count) {
  cpu_set_t processors;
  if (sched_getaffinity(0, sizeof processors, &processors) != 0) return errno;
  if (CPU_COUNT(&processors) < 2) return 0;
  size_t first = 0;
  while (!CPU_ISSET(first, &processors)) first += 1;
  CPU_CLR(first, &processors);
  for (size_t index = 0; index < count; index += 1) {
    // One that has ended meanwhile needs none.
    if (sched_setaffinity(threads[index], sizeof processors, &processors) != 0 && errno != ESRCH) {
      return errno;
    }
  }
  return 0;
}

}  // namespace lodestone
