// Several threads at the same sockets: sending, receiving, cancelling, closing under each other.
// What is asserted is that each overlapped call ends once and that nobody hangs; the thread
// sanitizer sees the rest.
#include <array>
#include <atomic>
#include <thread>

#include "win32/io_completion.h"
#include "winsock/spi_case_test.h"

namespace oriel::winsock {
namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 150;
constexpr std::size_t kSlots = 6;

class SpiRace : public SpiCase {
 protected:
  std::array<std::atomic<SOCKET>, kSlots> slots{};
  std::atomic<SOCKET> listener{INVALID_SOCKET};
  std::uint16_t port = 0;

  // Puts a new connection's two ends into two slots; what was there is closed.
  void replace(std::size_t at) {
    INT e = 0;
    const SOCKET client = spi_socket(AF_INET, SOCK_STREAM, 0, nullptr, 0, WSA_FLAG_OVERLAPPED, &e);
    const sockaddr_in name = SpiCase::at(port);
    const auto* where = reinterpret_cast<const sockaddr*>(&name);
    ASSERT_EQ(spi_connect(client, where, sizeof name, nullptr, nullptr, nullptr, nullptr, &e), 0)
        << e;
    const SOCKET server = spi_accept(listener, nullptr, nullptr, nullptr, 0, &e);
    ASSERT_NE(server, INVALID_SOCKET) << e;
    for (const SOCKET s : {client, server}) {
      DWORD on = 1, returned = 0;
      spi_ioctl(s, static_cast<DWORD>(FIONBIO), &on, sizeof on, nullptr, 0, &returned, nullptr,
                nullptr, nullptr, &e);
      const SOCKET old = slots[at++ % kSlots].exchange(s);
      if (old != INVALID_SOCKET) spi_close_socket(old, &e);
    }
  }

  static void receive_and_cancel(SOCKET s) {
    char text[32];
    WSABUF b{sizeof text, text};
    DWORD n = 0, flags = 0;
    INT e = 0;
    WSAOVERLAPPED o{};
    const int r = spi_recv(s, &b, 1, &n, &flags, &o, nullptr, nullptr, &e);
    if (r == 0 || e != WSA_IO_PENDING) return;
    if (const auto socket = find_socket(s)) socket->cancel_io(&o, 0);
    // Cancelled, closed or filled: it ends.
    while (win32::is_pending(o)) std::this_thread::yield();
  }

  void work(std::uint32_t seed) {
    for (int i = 0; i < kRounds; ++i) {
      seed = seed * 1664525 + 1013904223;
      const std::size_t at = (seed >> 8) % kSlots;
      const SOCKET s = slots[at];
      char text[64] = {};
      WSABUF b{sizeof text, text};
      DWORD n = 0, flags = 0;
      INT e = 0;
      switch ((seed >> 20) % 6) {
        case 0:
        case 1:
          spi_send(s, &b, 1, &n, 0, nullptr, nullptr, nullptr, &e);
          break;
        case 2:
          spi_recv(s, &b, 1, &n, &flags, nullptr, nullptr, nullptr, &e);
          break;
        case 3:
        case 4:
          receive_and_cancel(s);
          break;
        case 5:
          replace(at);
          break;
      }
    }
  }
};

TEST_F(SpiRace, EightThreadsSendReceiveCancelAndClose) {
  for (auto& slot : slots) slot = INVALID_SOCKET;
  listener = make_listener(200);
  port = port_of(listener);
  for (std::size_t i = 0; i < kSlots; i += 2) replace(i);
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < kThreads; ++t) threads.emplace_back([this, t] { work(t + 1); });
  for (std::thread& t : threads) t.join();
  for (auto& slot : slots) close(slot);
  close(listener);
}

}  // namespace
}  // namespace oriel::winsock
