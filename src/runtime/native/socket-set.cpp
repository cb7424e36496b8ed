// Reading in the loop's poll phase, delivering in its check phase; see socket-set.h.
#include "socket-set.h"

#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace lodestone {

SocketSet::SocketSet(const Memory& memory, Deliver deliver, void* target)
    : memory_(memory), deliver_(deliver), target_(target) {}

int SocketSet::open(uv_loop_t* loop) {
  loop_ = loop;
  uv_check_init(loop, &check_);
  check_.data = this;
  openHandles_ = 1;
  const int failure = uv_check_start(&check_, [](uv_check_t* check) {
    static_cast<SocketSet*>(check->data)->deliver();
  });
  // Sockets keep the process alive, not the set.
  uv_unref(reinterpret_cast<uv_handle_t*>(&check_));
  return failure;
}

int SocketSet::add(int descriptor, SocketName& name) {
  auto socket = std::make_unique<Socket>();
  if (freeSlots_.empty()) {
    // Room for every slot to become free, so that removing needs no memory.
    freeSlots_.reserve(sockets_.size() + 1);
    generations_.reserve(sockets_.size() + 1);
    sockets_.push_back(nullptr);
    generations_.push_back(0);
    freeSlots_.push_back(static_cast<uint32_t>(sockets_.size() - 1));
  }
  const int failure = uv_poll_init(loop_, &socket->poll, descriptor);
  if (failure != 0) return failure;
  const uint32_t slot = freeSlots_.back();
  freeSlots_.pop_back();
  name = {slot, generations_[slot]};
  socket->poll.data = socket.get();
  socket->set = this;
  socket->name = name;
  socket->descriptor = descriptor;
  sockets_[slot] = socket.release();
  openHandles_ += 1;
  return 0;
}

int SocketSet::startReading(SocketName name) {
  Socket* socket = find(name);
  if (socket == nullptr) return UV_EBADF;
  const int failure = uv_poll_start(&socket->poll, UV_READABLE, onReadable);
  socket->isReading = failure == 0;
  if (failure == 0) socket->isFull = false;
  return failure;
}

void SocketSet::stopReading(SocketName name) {
  Socket* socket = find(name);
  if (socket == nullptr) return;
  socket->isReading = false;
  uv_poll_stop(&socket->poll);
}

void SocketSet::remove(SocketName name) {
  Socket* socket = find(name);
  if (socket == nullptr) return;
  sockets_[name.slot] = nullptr;
  generations_[name.slot] += 1;
  freeSlots_.push_back(name.slot);
  closeSocket(socket);
}

void SocketSet::closeSocket(Socket* socket) {
  socket->isReading = false;
  // Takes the descriptor out of the loop at once; only the memory waits for the callback.
  uv_close(reinterpret_cast<uv_handle_t*>(&socket->poll), [](uv_handle_t* handle) {
    const std::unique_ptr<Socket> closed(static_cast<Socket*>(handle->data));
    closed->set->closedOne();
  });
}

SocketSet::Socket* SocketSet::find(SocketName name) const {
  if (name.slot >= sockets_.size() || generations_[name.slot] != name.generation) return nullptr;
  return sockets_[name.slot];
}

void SocketSet::onReadable(uv_poll_t* poll, int status, int) {
  auto* socket = static_cast<Socket*>(poll->data);
  socket->set->read(*socket, status);
}

void SocketSet::read(Socket& socket, int status) {
  // A short room would look like a short read.
  if (chunkCount_ == memory_.chunksMax || memory_.inputBytes - inputUsed_ < readBytesMax) deliver();
  // What was delivered may have closed it; its memory is there until the loop's next phase.
  if (!socket.isReading) return;
  ssize_t taken = -1;
  if (status == 0) {
    do {
      taken = recv(socket.descriptor, memory_.input + inputUsed_, readBytesMax, MSG_DONTWAIT);
    } while (taken < 0 && errno == EINTR);
    if (taken < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
  }
  if (taken <= 0) {
    // The end, or an error: node finds it too when it reads, and knows what to do.
    socket.isReading = false;
    uv_poll_stop(&socket.poll);
    taken = 0;
  }
  uint32_t* chunk = memory_.chunks + chunkCount_ * rowWords;
  chunk[0] = socket.name.slot;
  chunk[1] = socket.name.generation;
  chunk[2] = static_cast<uint32_t>(inputUsed_);
  chunk[3] = static_cast<uint32_t>(taken);
  chunkCount_ += 1;
  const size_t end = inputUsed_ + static_cast<size_t>(taken) + chunkAlignment - 1;
  inputUsed_ = end / chunkAlignment * chunkAlignment;
  if (inputUsed_ > memory_.inputBytes) inputUsed_ = memory_.inputBytes;
}

void SocketSet::deliver() {
  const size_t count = chunkCount_;
  if (count == 0) return;
  chunkCount_ = 0;
  inputUsed_ = 0;
  deliver_(target_, count);
}

int64_t SocketSet::send(size_t count) {
  if (count > memory_.sendsMax) return -1;
  for (size_t index = 0; index < count; index += 1) {
    const uint32_t* row = memory_.sends + index * rowWords;
    if (row[2] > memory_.outputBytes || row[3] > memory_.outputBytes - row[2]) return -1;
  }
  int64_t partCount = 0;
  for (size_t index = 0; index < count; index += 1) {
    uint32_t* row = memory_.sends + index * rowWords;
    Socket* socket = find({row[0], row[1]});
    const size_t wanted = row[3];
    ssize_t taken = 0;
    if (socket != nullptr && !socket->isFull) {
      do {
        taken = ::send(socket->descriptor, memory_.output + row[2], wanted,
                       MSG_DONTWAIT | MSG_NOSIGNAL);
      } while (taken < 0 && errno == EINTR);
      // An error comes again when node sends the rest.
      if (taken < 0) taken = 0;
    }
    if (static_cast<size_t>(taken) == wanted) continue;
    if (socket != nullptr) socket->isFull = true;
    row[3] = static_cast<uint32_t>(taken);
    partCount += 1;
  }
  return partCount;
}

void SocketSet::close(Done done) {
  done_ = done;
  for (Socket* socket : sockets_) {
    if (socket != nullptr) closeSocket(socket);
  }
  sockets_.clear();
  uv_close(reinterpret_cast<uv_handle_t*>(&check_), [](uv_handle_t* handle) {
    static_cast<SocketSet*>(handle->data)->closedOne();
  });
}

void SocketSet::closedOne() {
  openHandles_ -= 1;
  if (openHandles_ == 0 && done_ != nullptr) done_(target_);
}

}  // namespace lodestone
