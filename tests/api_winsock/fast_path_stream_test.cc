// What a connection on loopback does, the same on the ordinary path and on the fast one: each case
// runs on both, IPv4 and IPv6.
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "api_winsock/fast_path_pair.h"
#include "api_winsock/started.h"

namespace {

using namespace fast_path;  // NOLINT(google-build-using-namespace)

std::string pattern(std::size_t n) {
  std::string out(n, '\0');
  std::uint32_t x = 9;
  for (char& c : out) c = static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
  return out;
}

/// Everything until the end of the stream.
std::string read_all(SOCKET s) {
  std::string all;
  char bytes[50'000];
  for (int n; (n = recv(s, bytes, sizeof bytes, 0)) > 0;)
    all.append(bytes, static_cast<std::size_t>(n));
  return all;
}

int receive_error(SOCKET s) {
  char c;
  const int n = recv(s, &c, 1, 0);
  return n == SOCKET_ERROR ? WSAGetLastError() : 0;
}

struct Event {
  WSAEVENT handle = WSACreateEvent();
  ~Event() { WSACloseEvent(handle); }
};

WIN_CASE(LoopbackStream, BlockingCallsCarryMegabytes) {
  REQ("LFP-3");
  REQ("LFP-8");
  const Started started;
  const std::string sent = pattern(3'000'000);
  for (const Way& way : kWays) {
    Pair pair(way);
    std::thread sender([&] {
      CHECK_EQ(send(pair.client, sent.data(), static_cast<int>(sent.size()), 0),
               static_cast<int>(sent.size()));
      CHECK_EQ(shutdown(pair.client, SD_SEND), 0);
    });
    CHECK(read_all(pair.server) == sent);
    sender.join();
  }
}

WIN_CASE(LoopbackStream, BlockingPingPong) {
  REQ("LFP-3");
  const Started started;
  for (const Way& way : kWays) {
    Pair pair(way);
    std::thread echo([&] {
      char bytes[64];
      while (recv(pair.server, bytes, sizeof bytes, MSG_WAITALL) == sizeof bytes) {
        CHECK_EQ(send(pair.server, bytes, sizeof bytes, 0), int{sizeof bytes});
      }
    });
    for (int i = 0; i < 2000; ++i) {
      char bytes[64];
      std::memset(bytes, i, sizeof bytes);
      CHECK_EQ(send(pair.client, bytes, sizeof bytes, 0), int{sizeof bytes});
      char back[64];
      REQUIRE_EQ(recv(pair.client, back, sizeof back, MSG_WAITALL), int{sizeof back});
      CHECK_EQ(std::memcmp(bytes, back, sizeof bytes), 0);
    }
    CHECK_EQ(shutdown(pair.client, SD_SEND), 0);
    echo.join();
  }
}

WIN_CASE(LoopbackStream, NonBlockingWithSelect) {
  REQ("LFP-8");
  const Started started;
  const std::string sent = pattern(2'000'000);
  for (const Way& way : kWays) {
    const Pair pair(way);
    loopback::set_non_blocking(pair.client);
    loopback::set_non_blocking(pair.server);
    std::string got;
    std::size_t at = 0;
    while (got.size() < sent.size()) {
      fd_set reading;
      fd_set writing;
      FD_ZERO(&reading);
      FD_ZERO(&writing);
      FD_SET(SOCKET{pair.server}, &reading);
      if (at < sent.size()) FD_SET(SOCKET{pair.client}, &writing);
      const timeval limit{10, 0};
      REQUIRE(select(0, &reading, &writing, nullptr, &limit) > 0);
      if (FD_ISSET(SOCKET{pair.client}, &writing)) {
        const int n = send(pair.client, sent.data() + at, static_cast<int>(sent.size() - at), 0);
        REQUIRE(n > 0);
        at += static_cast<std::size_t>(n);
      }
      if (FD_ISSET(SOCKET{pair.server}, &reading)) {
        char bytes[30'000];
        const int n = recv(pair.server, bytes, sizeof bytes, 0);
        REQUIRE(n > 0);
        got.append(bytes, static_cast<std::size_t>(n));
      }
    }
    CHECK(got == sent);
  }
}

// A refused send is followed by FD_WRITE when there is room again.
WIN_CASE(LoopbackStream, FdWriteIsRearmedByWouldBlock) {
  REQ("LFP-8");
  const Started started;
  for (const Way& way : kWays) {
    const Pair pair(way);
    const Event event;
    CHECK_EQ(WSAEventSelect(pair.client, event.handle, FD_WRITE), 0);
    WSANETWORKEVENTS recorded{};
    CHECK_EQ(WSAEnumNetworkEvents(pair.client, event.handle, &recorded), 0);
    CHECK_EQ(recorded.lNetworkEvents, FD_WRITE);
    static char bytes[60'000];
    std::size_t sent = 0;
    for (int n; (n = send(pair.client, bytes, sizeof bytes, 0)) > 0;)
      sent += static_cast<std::size_t>(n);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    CHECK_EQ(WSAEnumNetworkEvents(pair.client, event.handle, &recorded), 0);
    CHECK_EQ(recorded.lNetworkEvents, 0);
    for (std::size_t got = 0; got < sent;) {
      const int n = recv(pair.server, bytes, sizeof bytes, 0);
      REQUIRE(n > 0);
      got += static_cast<std::size_t>(n);
    }
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event.handle, FALSE, 10'000, FALSE), WSA_WAIT_EVENT_0);
    CHECK_EQ(WSAEnumNetworkEvents(pair.client, event.handle, &recorded), 0);
    CHECK_EQ(recorded.lNetworkEvents, FD_WRITE);
  }
}

WIN_CASE(LoopbackStream, FdReadAndFdCloseAreTold) {
  REQ("LFP-11");
  const Started started;
  for (const Way& way : kWays) {
    Pair pair(way);
    const Event event;
    CHECK_EQ(WSAEventSelect(pair.server, event.handle, FD_READ | FD_CLOSE), 0);
    CHECK_EQ(loopback::send_text(pair.client, "abc"), 3);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event.handle, FALSE, 10'000, FALSE), WSA_WAIT_EVENT_0);
    WSANETWORKEVENTS recorded{};
    CHECK_EQ(WSAEnumNetworkEvents(pair.server, event.handle, &recorded), 0);
    CHECK_EQ(recorded.lNetworkEvents, FD_READ);
    char c;
    CHECK_EQ(recv(pair.server, &c, 1, 0), 1);  // some is left: recorded again
    CHECK_EQ(WSAEnumNetworkEvents(pair.server, event.handle, &recorded), 0);
    CHECK_EQ(recorded.lNetworkEvents, FD_READ);
    char rest[8];
    CHECK_EQ(recv(pair.server, rest, sizeof rest, 0), 2);
    CHECK_EQ(pair.client.close(), 0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event.handle, FALSE, 10'000, FALSE), WSA_WAIT_EVENT_0);
    CHECK_EQ(WSAEnumNetworkEvents(pair.server, event.handle, &recorded), 0);
    CHECK_EQ(recorded.lNetworkEvents, FD_CLOSE);
    CHECK_EQ(recorded.iErrorCode[FD_CLOSE_BIT], 0);
  }
}

WIN_CASE(LoopbackStream, OverlappedSendWaitsForRoomAndEnds) {
  REQ("LFP-8");
  const Started started;
  const std::string sent = pattern(2'500'000);
  for (const Way& way : kWays) {
    const Pair pair(way);
    const Event event;
    // A first send fills what there is; the second then waits its turn.
    OVERLAPPED overlapped[2] = {};
    WSABUF buffers[2];
    DWORD bytes = 0;
    for (int i = 0; i < 2; ++i) {
      overlapped[i].hEvent = i == 1 ? event.handle : nullptr;
      buffers[i] = {static_cast<ULONG>(sent.size()), const_cast<CHAR*>(sent.data())};
      const int e = WSASend(pair.client, &buffers[i], 1, &bytes, 0, &overlapped[i], nullptr);
      if (e != 0) CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    }
    std::string got;
    while (got.size() < 2 * sent.size()) {
      char part[60'000];
      const int n = recv(pair.server, part, sizeof part, 0);
      REQUIRE(n > 0);
      got.append(part, static_cast<std::size_t>(n));
    }
    CHECK(got == sent + sent);
    DWORD flags = 0;
    CHECK(WSAGetOverlappedResult(pair.client, &overlapped[1], &bytes, TRUE, &flags));
    CHECK_EQ(bytes, sent.size());
  }
}

WIN_CASE(LoopbackStream, CompletionPortsOnBothEnds) {
  REQ("LFP-3");
  const Started started;
  for (const Way& way : kWays) {
    const Pair pair(way);
    const HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1);
    for (const SOCKET s : {SOCKET{pair.client}, SOCKET{pair.server}}) {
      CHECK(CreateIoCompletionPort(reinterpret_cast<HANDLE>(s), port, s, 0) == port);
    }
    OVERLAPPED receiving{};
    OVERLAPPED sending{};
    char in[4];
    char out[] = "four";
    WSABUF in_buffer{4, in};
    WSABUF out_buffer{4, out};
    DWORD flags = 0;
    CHECK_EQ(WSARecv(pair.server, &in_buffer, 1, nullptr, &flags, &receiving, nullptr),
             SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    (void)WSASend(pair.client, &out_buffer, 1, nullptr, 0, &sending, nullptr);
    int ends = 0;
    for (; ends < 2; ++ends) {
      DWORD bytes = 0;
      ULONG_PTR key = 0;
      OVERLAPPED* done = nullptr;
      REQUIRE(GetQueuedCompletionStatus(port, &bytes, &key, &done, 10'000));
      CHECK_EQ(bytes, 4u);
      CHECK_EQ(key, done == &receiving ? SOCKET{pair.server} : SOCKET{pair.client});
    }
    CHECK_EQ(std::memcmp(in, out, 4), 0);
    CloseHandle(port);
  }
}

WIN_CASE(LoopbackStream, HalfCloseLeavesTheOtherDirection) {
  REQ("LFP-11");
  const Started started;
  for (const Way& way : kWays) {
    const Pair pair(way);
    CHECK_EQ(loopback::send_text(pair.client, "question"), 8);
    CHECK_EQ(shutdown(pair.client, SD_SEND), 0);
    CHECK(read_all(pair.server) == "question");
    CHECK_EQ(loopback::send_text(pair.server, "answer"), 6);
    CHECK_EQ(loopback::send_text(pair.client, "more"), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAESHUTDOWN);
    CHECK_EQ(shutdown(pair.server, SD_SEND), 0);
    CHECK(read_all(pair.client) == "answer");
  }
}

WIN_CASE(LoopbackStream, BytesSentBeforeACloseArrive) {
  REQ("LFP-11");
  const Started started;
  for (const Way& way : kWays) {
    Pair pair(way);
    CHECK_EQ(loopback::send_text(pair.client, "left behind"), 11);
    CHECK_EQ(pair.client.close(), 0);
    CHECK(read_all(pair.server) == "left behind");
  }
}

WIN_CASE(LoopbackStream, CloseWithUnreadBytesResets) {
  REQ("LFP-11");
  const Started started;
  for (const Way& way : kWays) {
    Pair pair(way);
    CHECK_EQ(loopback::send_text(pair.client, "unread"), 6);
    char c;
    CHECK_EQ(recv(pair.server, &c, 1, 0), 1);
    CHECK_EQ(pair.server.close(), 0);
    CHECK_EQ(receive_error(pair.client), WSAECONNRESET);
  }
}

WIN_CASE(LoopbackStream, LingerOfZeroResets) {
  REQ("LFP-11");
  const Started started;
  for (const Way& way : kWays) {
    Pair pair(way);
    loopback::close_with_reset(pair.client);
    CHECK_EQ(receive_error(pair.server), WSAECONNRESET);
  }
}

WIN_CASE(LoopbackStream, SendingToAClosedEndEndsInAReset) {
  REQ("LFP-11");
  const Started started;
  for (const Way& way : kWays) {
    Pair pair(way);
    CHECK_EQ(pair.server.close(), 0);
    int e = 0;
    for (int i = 0; i < 100 && e == 0; ++i) {
      if (loopback::send_text(pair.client, "anybody?") == SOCKET_ERROR) e = WSAGetLastError();
    }
    CHECK_EQ(e, WSAECONNRESET);
  }
}

WIN_CASE(LoopbackStream, UrgentByteOutOfBandAndInLine) {
  REQ("LFP-11");
  const Started started;
  for (const Way& way : kWays) {
    for (const bool is_inline : {false, true}) {
      const Pair pair(way);
      const DWORD on = is_inline ? 1 : 0;
      CHECK_EQ(setsockopt(pair.server, SOL_SOCKET, SO_OOBINLINE, reinterpret_cast<const char*>(&on),
                          sizeof on),
               0);
      CHECK_EQ(loopback::send_text(pair.client, "ab"), 2);
      CHECK_EQ(loopback::send_text(pair.client, "!", MSG_OOB), 1);
      CHECK_EQ(loopback::send_text(pair.client, "cd"), 2);
      CHECK_EQ(shutdown(pair.client, SD_SEND), 0);
      if (is_inline) {
        CHECK(read_all(pair.server) == "ab!cd");
        continue;
      }
      fd_set urgent;
      FD_ZERO(&urgent);
      FD_SET(SOCKET{pair.server}, &urgent);
      const timeval limit{10, 0};
      CHECK_EQ(select(0, nullptr, nullptr, &urgent, &limit), 1);
      char c = 0;
      CHECK_EQ(recv(pair.server, &c, 1, MSG_OOB), 1);
      CHECK_EQ(c, '!');
      CHECK(read_all(pair.server) == "abcd");
    }
  }
}

WIN_CASE(LoopbackStream, CloseByAnotherThreadInterruptsABlockedReceive) {
  REQ("LFP-11");
  const Started started;
  for (const Way& way : kWays) {
    Pair pair(way);
    const SOCKET s = pair.server;
    std::thread closer([&] {
      Sleep(20);
      CHECK_EQ(pair.server.close(), 0);
    });
    char c;
    CHECK_EQ(recv(s, &c, 1, 0), SOCKET_ERROR);
    const int e = WSAGetLastError();
    CHECK(e == WSAEINTR || e == WSAENOTSOCK);
    closer.join();
  }
}

// What a fast connection takes leaves the sender at once: 64 KiB keep it busy, whatever was sent.
WIN_CASE(LoopbackStream, IdealSendBacklogOfAFastConnectionStays) {
  REQ("ISB-3");
  const Started started;
  for (const Way& way : kWays) {
    if (!way.is_fast) continue;
    Pair pair(way);
    Event changed;
    WSAOVERLAPPED wait{};
    wait.hEvent = changed.handle;
    CHECK_EQ(idealsendbacklognotify(pair.client, &wait, nullptr), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    const std::string sent = pattern(3'000'000);
    std::thread sender([&] {
      CHECK_EQ(send(pair.client, sent.data(), static_cast<int>(sent.size()), 0),
               static_cast<int>(sent.size()));
    });
    std::string got(sent.size(), '\0');
    CHECK_EQ(recv(pair.server, got.data(), static_cast<int>(got.size()), MSG_WAITALL),
             static_cast<int>(got.size()));
    sender.join();
    ULONG backlog = 0;
    CHECK_EQ(idealsendbacklogquery(pair.client, &backlog), 0);
    CHECK_EQ(backlog, 65536u);
    CHECK_EQ(WaitForSingleObject(changed.handle, 0), static_cast<DWORD>(WAIT_TIMEOUT));
    const SOCKET s = pair.client;
    DWORD bytes = 0;
    DWORD flags = 0;
    CHECK(CancelIoEx(reinterpret_cast<HANDLE>(s), &wait));
    CHECK(!WSAGetOverlappedResult(s, &wait, &bytes, TRUE, &flags));
    CHECK_EQ(WSAGetLastError(), WSA_OPERATION_ABORTED);
  }
}

WIN_CASE(LoopbackStream, ResetEndsABlockedSend) {
  REQ("LFP-8");
  REQ("LFP-11");
  const Started started;
  const std::string sent = pattern(4'000'000);
  for (const Way& way : kWays) {
    Pair pair(way);
    std::thread closer([&] {
      char c;
      CHECK_EQ(recv(pair.server, &c, 1, 0), 1);
      Sleep(20);
      loopback::close_with_reset(pair.server);
    });
    // The first is taken whole by the ordinary path's rule; the next ones wait.
    int e = 0;
    for (int i = 0; i < 4 && e == 0; ++i) {
      if (send(pair.client, sent.data(), static_cast<int>(sent.size()), 0) == SOCKET_ERROR) {
        e = WSAGetLastError();
      }
    }
    CHECK_EQ(e, WSAECONNRESET);
    closer.join();
  }
}

WIN_CASE(LoopbackStream, ReceiveTimeoutEndsTheCall) {
  REQ("LFP-10");
  const Started started;
  for (const Way& way : kWays) {
    const Pair pair(way);
    const DWORD ms = 30;
    CHECK_EQ(setsockopt(pair.client, SOL_SOCKET, SO_RCVTIMEO, reinterpret_cast<const char*>(&ms),
                        sizeof ms),
             0);
    CHECK_EQ(receive_error(pair.client), WSAETIMEDOUT);
  }
}

WIN_CASE(LoopbackStream, BorrowedSendsArrive) {
  REQ("LFP-8");
  const Started started;
  const std::string sent = pattern(1'000'000);
  for (const Way& way : kWays) {
    Pair pair(way);
    const int none = 0;
    CHECK_EQ(setsockopt(pair.client, SOL_SOCKET, SO_SNDBUF, reinterpret_cast<const char*>(&none),
                        sizeof none),
             0);
    std::thread sender([&] {
      CHECK_EQ(send(pair.client, sent.data(), static_cast<int>(sent.size()), 0),
               static_cast<int>(sent.size()));
      CHECK_EQ(shutdown(pair.client, SD_SEND), 0);
    });
    CHECK(read_all(pair.server) == sent);
    sender.join();
  }
}

// More than one turn copies, and nothing else happens that could call for the next one.
WIN_CASE(LoopbackStream, ReceiveOfAllThatIsThereAlready) {
  const Started started;
  constexpr int kBytes = 700'000;
  const std::string sent = pattern(kBytes);
  for (const Way& way : kWays) {
    const Socket listener = listening(way.family, way.is_fast);
    const int large = 1 << 20;
    CHECK_EQ(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, reinterpret_cast<const char*>(&large),
                        sizeof large),
             0);
    const Socket client = socket(way.family, SOCK_STREAM, 0);
    if (way.is_fast) CHECK_EQ(ask(client), 0);
    const Name to = endpoint_of(listener);
    CHECK_EQ(connect(client, to.get(), to.bytes), 0);
    const Socket server = accept(listener, nullptr, nullptr);
    OVERLAPPED sending{};
    WSABUF buffer{kBytes, const_cast<CHAR*>(sent.data())};
    (void)WSASend(client, &buffer, 1, nullptr, 0, &sending, nullptr);
    const u_long there_min = way.is_fast ? 256u << 10 : kBytes;
    for (u_long there = 0; there < there_min;) {
      CHECK_EQ(ioctlsocket(server, FIONREAD, &there), 0);
    }
    std::string got(kBytes, '\0');
    CHECK_EQ(recv(server, got.data(), kBytes, MSG_WAITALL), kBytes);
    CHECK(got == sent);
  }
}

WIN_CASE(LoopbackStream, ManyConnectionsComeAndGo) {
  REQ("LFP-3");
  const Started started;
  for (const Way& way : kWays) {
    for (int i = 0; i < 200; ++i) {
      Pair pair(way);
      CHECK_EQ(loopback::send_text(pair.client, "x"), 1);
      char c;
      CHECK_EQ(recv(pair.server, &c, 1, 0), 1);
    }
  }
}

}  // namespace
