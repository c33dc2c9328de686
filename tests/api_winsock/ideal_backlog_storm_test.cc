// Eight threads post, cancel, send, shut and close at random: whatever they do to each other, each
// wait for another backlog that was taken ends exactly once.
#include <array>
#include <atomic>

#include "api_winsock/extension_case.h"
#include "api_winsock/storm_frame.h"

using namespace extension_case;  // NOLINT(google-build-using-namespace)

namespace {

constexpr std::size_t kPairs = 6;
constexpr int kStepsPerThread = 400;

struct Ends {
  std::atomic<SOCKET> client{INVALID_SOCKET};
  std::atomic<SOCKET> server{INVALID_SOCKET};
};

class Storm {
 public:
  explicit Storm(storm::Tally& tally) : tally_(tally), listener_(make_listener()) {
    name_ = name_of(listener_);
    for (Ends& ends : pairs_) replace(ends);
  }
  void run(std::size_t thread, storm::Begun& begun) {
    auto random = static_cast<std::uint32_t>(thread * 7919 + 1);
    for (int i = 0; i < kStepsPerThread; ++i) {
      random = random * 1664525 + 1013904223;
      const std::uint32_t draw = random >> 8;
      step(draw / kPairs, pairs_[draw % kPairs], begun);
    }
  }
  void close_all() {
    for (Ends& ends : pairs_) {
      closesocket(ends.client);
      closesocket(ends.server);
    }
    closesocket(listener_);
  }

 private:
  void replace(Ends& ends) {
    const SOCKET client = make_stream();
    sockaddr_in name = name_;
    CHECK_EQ(connect(client, as_sockaddr(name), sizeof name), 0);
    const SOCKET server = accept(listener_, nullptr, nullptr);
    u_long on = 1;
    ioctlsocket(client, static_cast<LONG>(FIONBIO), &on);
    ioctlsocket(server, static_cast<LONG>(FIONBIO), &on);
    tally_.watch(client);
    const SOCKET old_client = ends.client.exchange(client);
    const SOCKET old_server = ends.server.exchange(server);
    if (old_client != INVALID_SOCKET) closesocket(old_client);
    if (old_server != INVALID_SOCKET) closesocket(old_server);
  }
  void step(std::uint32_t what, Ends& ends, storm::Begun& waits) {
    const SOCKET s = ends.client;
    static thread_local char bytes[16384];
    ULONG backlog = 0;
    switch (what % 16) {
      default: {
        storm::One& wait = storm::add_to(waits);
        wait.is_taken = idealsendbacklognotify(s, &wait.overlapped, nullptr) != 0 &&
                        WSAGetLastError() == WSA_IO_PENDING;
        return;
      }
      case 0:
      case 1:
      case 2:
        send(s, bytes, sizeof bytes, 0);
        return;
      case 3:
      case 4:
        recv(ends.server, bytes, sizeof bytes, 0);
        return;
      case 5:
      case 6:
        CancelIoEx(reinterpret_cast<HANDLE>(s),
                   what % 2 == 0 || waits.empty() ? nullptr : &waits.back()->overlapped);
        return;
      case 7:
        idealsendbacklogquery(s, &backlog);
        return;
      case 8:
        if (what % 5 == 0) shutdown(s, SD_SEND);
        return;
      case 9:
        if (what % 3 == 0) replace(ends);
        return;
    }
  }

  storm::Tally& tally_;
  SOCKET listener_;
  sockaddr_in name_{};
  std::array<Ends, kPairs> pairs_;
};

WIN_CASE(BacklogStorm, EachWaitEndsExactlyOnce) {
  REQ("ISB-5");
  REQ("ISB-6");
  REQ("ISB-7");
  const Started started;
  storm::Tally tally;
  Storm storm(tally);
  tally.run([&](std::size_t thread, storm::Begun& begun) { storm.run(thread, begun); });
  storm.close_all();
  tally.check_each_ends_once(100);
}

}  // namespace
