// The sockets of all clients, read and written together.
//
// node:net crosses between C++ and JavaScript for each read and each write of each socket, which
// costs more than it does otherwise. Here what could be read in a turn of the loop crosses once,
// and so does what is to be sent. Every socket is polled by node's own loop: a set of descriptors
// of our own, polled by the loop as one, would be woken twice for each packet.
//
// A descriptor belongs to a node socket, which closes it after it was removed here, and does
// whatever waits: the loop knows one watcher for a descriptor, so node neither reads nor waits to
// write while it is being read here. Nothing here knows JavaScript. Next in the flow: addon.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <uv.h>

namespace lodestone {

/// A row of either table: slot, generation, offset, bytes. A slot is used again, with the next
/// generation, so that nothing of a socket that was closed goes to another.
constexpr size_t rowWords = 4;
/// Of one socket at a time, so that one client cannot keep the others waiting.
constexpr size_t readBytesMax = 64 * 1024;
/// Chunks begin at multiples of it: of the same length in the same place, they are the same view.
constexpr size_t chunkAlignment = 64;

/// Arrays of JavaScript, which outlive the set.
struct Memory {
  uint8_t* input = nullptr;
  size_t inputBytes = 0;
  uint32_t* chunks = nullptr;
  size_t chunksMax = 0;
  const uint8_t* output = nullptr;
  size_t outputBytes = 0;
  uint32_t* sends = nullptr;
  size_t sendsMax = 0;
};

struct SocketName {
  uint32_t slot = 0;
  uint32_t generation = 0;
};

class SocketSet {
 public:
  using Deliver = void (*)(void* target, size_t chunkCount);
  using Done = void (*)(void* target);

  /// `deliver` is called with what was read, in the loop's turn; it may call everything but close.
  SocketSet(const Memory& memory, Deliver deliver, void* target);
  ~SocketSet() = default;
  SocketSet(const SocketSet&) = delete;
  SocketSet& operator=(const SocketSet&) = delete;

  /// Zero, or libuv's error, here and below.
  int open(uv_loop_t* loop);
  /// It is not read yet.
  int add(int descriptor, SocketName& name);
  int startReading(SocketName name);
  void stopReading(SocketName name);
  void remove(SocketName name);
  /// Sends the first rows of the table, and leaves in each how many bytes the kernel took: none of
  /// a socket after one that was not taken whole, so that order is kept. How many rows were not
  /// taken whole; negative, with nothing sent, where a row names what is not in the output.
  int64_t send(size_t count);
  /// Closes every handle; `done` may delete the set.
  void close(Done done);

 private:
  struct Socket {
    uv_poll_t poll{};
    SocketSet* set = nullptr;
    SocketName name;
    int descriptor = -1;
    bool isReading = false;
    bool isFull = false;
  };

  Socket* find(SocketName name) const;
  void read(Socket& socket, int status);
  void deliver();
  void closeSocket(Socket* socket);
  void closedOne();
  static void onReadable(uv_poll_t* poll, int status, int events);

  const Memory memory_;
  const Deliver deliver_;
  void* const target_;
  Done done_ = nullptr;
  uv_loop_t* loop_ = nullptr;
  uv_check_t check_{};
  std::vector<Socket*> sockets_;
  std::vector<uint32_t> generations_;
  std::vector<uint32_t> freeSlots_;
  size_t chunkCount_ = 0;
  size_t inputUsed_ = 0;
  size_t openHandles_ = 0;
};

}  // namespace lodestone
