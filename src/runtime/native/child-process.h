// Starts a process without a copy of this one's page tables, and hears of its end.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace lodestone {

struct ChildProcess {
  pid_t id;
  /// Our end of a stream socket, the other is the child's descriptor 3; closed on exec.
  int channel;
};

/// `file` is a path. Standard input is empty, output and errors are ours. Zero, or an errno.
int startChild(const std::string& file, const std::vector<std::string>& arguments,
               const std::vector<std::string>& environment, ChildProcess& child);

struct ChildEnd {
  bool isEnded;
  int code;
  /// Zero if it ended by itself.
  int signal;
};

/// Never waits. A child that has ended is forgotten: it is asked for no more. Zero, or an errno.
int lookAtChild(pid_t id, ChildEnd& end);

/// Keeps these threads of ours off one of the processors that the calling thread may run on, so that
/// others have one to themselves; nothing where there is only one. Zero, or an errno.
int leaveOneProcessor(const int32_t* threads, size_t count);

}  // namespace lodestone
