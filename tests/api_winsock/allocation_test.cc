// What an overlapped echo allocates once it is under way: Winsock nothing, nor the fast path. TCP's
// queues of a connection give their memory back whenever they are empty, so that idle connections
// are small, and take it again with each message: three blocks.
#include <winsock2.h>
#include <ws2tcpip.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "api_winsock/fast_path_pair.h"
#include "api_winsock/started.h"
#include "support/win_case.h"

namespace {

std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t bytes) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}

void* counted(std::size_t bytes, std::align_val_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const auto grain = static_cast<std::size_t>(alignment);
  if (void* const memory = std::aligned_alloc(grain, (bytes + grain - 1) / grain * grain)) {
    return memory;
  }
  throw std::bad_alloc();
}

}  // namespace

// The program's, and so everybody's: the library's calls come here as well.
void* operator new(std::size_t bytes) {
  return counted(bytes);
}
void* operator new[](std::size_t bytes) {
  return counted(bytes);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, alignment);
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, alignment);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace {

/// One end of an echo: a receive and a send under way in turn, by overlapped calls.
struct End {
  SOCKET socket = INVALID_SOCKET;
  WSAOVERLAPPED receiving{};
  WSAOVERLAPPED sending{};
  char bytes[64] = {};

  bool receive() {
    receiving = {};
    WSABUF buffer{sizeof bytes, bytes};
    DWORD flags = 0;
    return WSARecv(socket, &buffer, 1, nullptr, &flags, &receiving, nullptr) == 0 ||
           WSAGetLastError() == WSA_IO_PENDING;
  }
  bool send() {
    sending = {};
    WSABUF buffer{sizeof bytes, bytes};
    return WSASend(socket, &buffer, 1, nullptr, 0, &sending, nullptr) == 0 ||
           WSAGetLastError() == WSA_IO_PENDING;
  }
};

class Echo {
 public:
  explicit Echo(const fast_path::Way& way) : pair_(way) {
    port_ = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1);
    ends_[0].socket = pair_.client;
    ends_[1].socket = pair_.server;
    for (End& end : ends_) {
      CreateIoCompletionPort(reinterpret_cast<HANDLE>(end.socket), port_, 0, 0);
      CHECK(end.receive());
    }
    CHECK(ends_[0].send());
  }
  ~Echo() { CloseHandle(port_); }
  Echo(const Echo&) = delete;
  Echo& operator=(const Echo&) = delete;

  /// Passes the message on so many times.
  void pass(int times) {
    for (int done = 0; done < times;) {
      OVERLAPPED_ENTRY entries[8];
      ULONG count = 0;
      if (!GetQueuedCompletionStatusEx(port_, entries, 8, &count, INFINITE, FALSE)) return;
      for (ULONG i = 0; i < count; ++i) {
        for (End& end : ends_) {
          if (entries[i].lpOverlapped != &end.receiving) continue;
          ++done;
          if (!end.send() || !end.receive()) return;
        }
      }
    }
  }

 private:
  fast_path::Pair pair_;
  HANDLE port_ = nullptr;
  End ends_[2];
};

}  // namespace

WIN_CASE(Allocations, NoneInTheSteadyStateOfAnOverlappedEcho) {
  REQ("WS-4");
  const Started started;
  constexpr int kMessages = 1000;
  constexpr std::uint64_t kBlocksOfTcp = 3;
  for (const fast_path::Way& way : {fast_path::kWays[0], fast_path::kWays[1]}) {
    Echo echo(way);
    echo.pass(2 * kMessages);
    const std::uint64_t before = allocations;
    CHECK(before != 0);  // they are counted at all
    echo.pass(kMessages);
    const std::uint64_t made = allocations - before;
    if (way.is_fast) CHECK_EQ(made, 0u);
    if (!way.is_fast) CHECK_LT(made, (kBlocksOfTcp + 1) * kMessages);  // a fourth is an operation
  }
}
