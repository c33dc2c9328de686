// SIO_IDEAL_SEND_BACKLOG_QUERY and _CHANGE as a program calls them: answers, sizes, order of
// errors, every way in which a wait completes and every cause that ends it.
//
// A connection's backlog is 65,536 until more than that can be outstanding; bytes that are sent and
// read soon let the peer's window, and with it the backlog, grow.
#include <winsock2.h>
// After it: they build on its types.
#include <mswsock.h>
#include <ws2tcpip.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "api_winsock/extension_case.h"

using namespace extension_case;  // NOLINT(google-build-using-namespace)

namespace {

constexpr DWORD kUntouched = 0xdeadbeef;
constexpr ULONG kInitial = 65536;

struct Pair {
  Pair() { make_pair(client, server); }
  ~Pair() {
    closesocket(client);
    closesocket(server);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  /// Bytes flow until `is_done()` says so: the client's backlog changes meanwhile.
  template <class Done>
  void pump(Done is_done) const {
    static const std::string piece(65536, 'x');
    while (!is_done()) {
      const int n = send(client, piece.data(), static_cast<int>(piece.size()), 0);
      if (n > 0) receive_all(server, static_cast<std::size_t>(n));
    }
  }
  void pump_until(const OVERLAPPED& overlapped) const {
    pump([&] { return HasOverlappedIoCompleted(&overlapped); });
  }
  SOCKET client = INVALID_SOCKET;
  SOCKET server = INVALID_SOCKET;
};

HANDLE handle_of(SOCKET s) {
  return reinterpret_cast<HANDLE>(s);
}
ULONG query(SOCKET s) {
  ULONG backlog = 0;
  CHECK_EQ(idealsendbacklogquery(s, &backlog), 0);
  return backlog;
}
/// The error of a query that must fail.
int query_error(SOCKET s) {
  ULONG backlog = kUntouched;
  DWORD bytes = kUntouched;
  CHECK_EQ(WSAIoctl(s, SIO_IDEAL_SEND_BACKLOG_QUERY, nullptr, 0, &backlog, sizeof backlog, &bytes,
                    nullptr, nullptr),
           SOCKET_ERROR);
  const int error = WSAGetLastError();
  if (error != WSAENOTSOCK) CHECK_EQ(bytes, 0u);
  CHECK_EQ(backlog, kUntouched);
  return error;
}
/// Posts a wait: 0 or the error.
int notify(SOCKET s, OVERLAPPED* overlapped) {
  return idealsendbacklognotify(s, overlapped, nullptr) == 0 ? 0 : WSAGetLastError();
}
/// Asks until the last acknowledgements have come in and the value stands.
void settle(SOCKET s) {
  ULONG before = 0;
  for (int same = 0; same < 1000; ++same) {
    const ULONG now = query(s);
    if (now != before) same = 0;
    before = now;
  }
}
/// Blocks until a change: 0 or the error.
int wait(SOCKET s) {
  return notify(s, nullptr);
}

WIN_CASE(BacklogQuery, AnIdleConnectionAnswers65536) {
  REQ("ISB-1");
  REQ("ISB-2");
  const Started started;
  const Pair pair;
  for (const SOCKET s : {pair.client, pair.server}) {
    ULONG backlog = kUntouched;
    DWORD bytes = kUntouched;
    CHECK_EQ(WSAIoctl(s, SIO_IDEAL_SEND_BACKLOG_QUERY, nullptr, 0, &backlog, sizeof backlog, &bytes,
                      nullptr, nullptr),
             0);
    CHECK_EQ(backlog, 0x10000u);
    CHECK_EQ(bytes, 4u);
    CHECK_EQ(query(s), 0x10000u);
  }
}

WIN_CASE(BacklogQuery, SizesAndPointers) {
  REQ("ISB-1");
  const Started started;
  const Pair pair;
  ULONG room[2] = {kUntouched, kUntouched};
  DWORD bytes = kUntouched;
  for (const DWORD size : {0, 1, 3}) {
    CHECK_EQ(WSAIoctl(pair.client, SIO_IDEAL_SEND_BACKLOG_QUERY, nullptr, 0, room, size, &bytes,
                      nullptr, nullptr),
             SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    CHECK_EQ(bytes, 0u);
  }
  CHECK_EQ(WSAIoctl(pair.client, SIO_IDEAL_SEND_BACKLOG_QUERY, nullptr, 0, nullptr, 4, &bytes,
                    nullptr, nullptr),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  CHECK_EQ(WSAIoctl(pair.client, SIO_IDEAL_SEND_BACKLOG_QUERY, nullptr, 0, room, 4, nullptr,
                    nullptr, nullptr),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  CHECK_EQ(WSAIoctl(pair.client, SIO_IDEAL_SEND_BACKLOG_QUERY, nullptr, 0, room, sizeof room,
                    &bytes, nullptr, nullptr),
           0);
  CHECK_EQ(bytes, 4u);
  CHECK_EQ(room[0], kInitial);
  CHECK_EQ(room[1], kUntouched);
}

WIN_CASE(BacklogQuery, OverlappedEndsAtOnceAndIsTold) {
  REQ("ISB-1");
  REQ("WS-1");
  const Started started;
  const Pair pair;
  Call call;
  ULONG backlog = 0;
  DWORD bytes = 0;
  CHECK_EQ(WSAIoctl(pair.client, SIO_IDEAL_SEND_BACKLOG_QUERY, nullptr, 0, &backlog, 4, &bytes,
                    &call.overlapped, nullptr),
           0);
  CHECK_EQ(bytes, 4u);
  CHECK_EQ(backlog, kInitial);
  CHECK_EQ(call.end(pair.client), 4);
}

WIN_CASE(Backlog, OrderOfErrors) {
  REQ("ISB-1");
  REQ("ISB-8");
  const Started started;
  const SOCKET unconnected = make_stream();
  const SOCKET listener = make_listener();
  const SOCKET datagrams = make_bound(SOCK_DGRAM);
  const SOCKET closed = make_stream();
  closesocket(closed);
  for (const SOCKET s : {unconnected, listener}) {
    CHECK_EQ(query_error(s), WSAENOTCONN);
    CHECK_EQ(wait(s), WSAENOTCONN);
    Call call;
    CHECK_EQ(notify(s, &call.overlapped), WSAENOTCONN);
    CHECK(!call.is_signalled());
  }
  CHECK_EQ(query_error(datagrams), WSAEOPNOTSUPP);
  CHECK_EQ(wait(datagrams), WSAEOPNOTSUPP);
  CHECK_EQ(query_error(closed), WSAENOTSOCK);
  CHECK_EQ(wait(closed), WSAENOTSOCK);
  // Not connected goes before a wrong size.
  DWORD bytes = 0, out = 0;
  CHECK_EQ(WSAIoctl(unconnected, SIO_IDEAL_SEND_BACKLOG_QUERY, nullptr, 0, &out, 1, &bytes, nullptr,
                    nullptr),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
  for (const SOCKET s : {unconnected, listener, datagrams}) closesocket(s);
}

WIN_CASE(BacklogChange, TakesNoBuffers) {
  REQ("ISB-4");
  const Started started;
  const Pair pair;
  DWORD bytes = kUntouched, out = 0;
  Call call;
  for (OVERLAPPED* overlapped : {static_cast<OVERLAPPED*>(nullptr), &call.overlapped}) {
    bytes = kUntouched;
    CHECK_EQ(WSAIoctl(pair.client, SIO_IDEAL_SEND_BACKLOG_CHANGE, nullptr, 0, &out, sizeof out,
                      &bytes, overlapped, nullptr),
             SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    CHECK_EQ(bytes, 0u);
    CHECK_EQ(WSAIoctl(pair.client, SIO_IDEAL_SEND_BACKLOG_CHANGE, nullptr, 0, nullptr, 0, nullptr,
                      overlapped, nullptr),
             SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  }
  CHECK(!call.is_signalled());
}

WIN_CASE(BacklogChange, BlocksEvenOnANonBlockingSocket) {
  REQ("ISB-4");
  const Started started;
  for (const bool is_non_blocking : {false, true}) {
    const Pair pair;
    u_long on = is_non_blocking ? 1 : 0;
    CHECK_EQ(ioctlsocket(pair.client, static_cast<LONG>(FIONBIO), &on), 0);
    DWORD bytes = kUntouched;
    int result = -2;
    std::atomic<bool> is_done{false};
    std::thread waiter([&] {
      result = WSAIoctl(pair.client, SIO_IDEAL_SEND_BACKLOG_CHANGE, nullptr, 0, nullptr, 0, &bytes,
                        nullptr, nullptr);
      is_done = true;
    });
    pair.pump([&] { return is_done.load(); });
    waiter.join();
    CHECK_EQ(result, 0);
    CHECK_EQ(bytes, 0u);
    CHECK_GT(query(pair.client), kInitial);
  }
}

// A socket without the overlapped attribute ignores the OVERLAPPED, a routine alone is no
// overlapped call either.
WIN_CASE(BacklogChange, BlocksWhereItIsNotOverlapped) {
  REQ("ISB-4");
  REQ("WS-1");
  const Started started;
  const SOCKET listener = make_listener();
  Pair pair;
  closesocket(pair.client);
  closesocket(pair.server);
  pair.client = WSASocketW(AF_INET, SOCK_STREAM, 0, nullptr, 0, 0);
  sockaddr_in name = name_of(listener);
  CHECK_EQ(connect(pair.client, as_sockaddr(name), sizeof name), 0);
  pair.server = accept(listener, nullptr, nullptr);
  closesocket(listener);
  Call call;
  int result = -2;
  std::atomic<bool> is_done{false};
  std::thread waiter([&] {
    result = notify(pair.client, &call.overlapped);
    is_done = true;
  });
  pair.pump([&] { return is_done.load(); });
  waiter.join();
  CHECK_EQ(result, 0);
  CHECK(!call.is_signalled());
}

WIN_CASE(BacklogChange, TellsByEvent) {
  REQ("ISB-5");
  const Started started;
  const Pair pair;
  Call call;
  DWORD bytes = kUntouched;
  CHECK_EQ(WSAIoctl(pair.client, SIO_IDEAL_SEND_BACKLOG_CHANGE, nullptr, 0, nullptr, 0, &bytes,
                    &call.overlapped, nullptr),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
  CHECK_EQ(bytes, kUntouched);
  CHECK(!call.is_signalled());
  pair.pump_until(call.overlapped);
  CHECK_EQ(call.end(pair.client), 0);
  CHECK_EQ(bytes, kUntouched);
  CHECK_EQ(call.overlapped.InternalHigh, 0u);
}

int routine_calls = 0;
DWORD routine_error = kUntouched, routine_bytes = kUntouched;
void CALLBACK on_change(DWORD error, DWORD bytes, LPWSAOVERLAPPED, DWORD flags) {
  ++routine_calls;
  routine_error = error;
  routine_bytes = bytes;
  CHECK_EQ(flags, 0u);
}

WIN_CASE(BacklogChange, TellsByRoutine) {
  REQ("ISB-5");
  const Started started;
  const Pair pair;
  OVERLAPPED overlapped{};
  routine_calls = 0;
  CHECK_EQ(idealsendbacklognotify(pair.client, &overlapped, on_change), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
  pair.pump_until(overlapped);
  CHECK_EQ(SleepEx(INFINITE, TRUE), DWORD{WAIT_IO_COMPLETION});
  CHECK_EQ(routine_calls, 1);
  CHECK_EQ(routine_error, 0u);
  CHECK_EQ(routine_bytes, 0u);
  settle(pair.client);
  CHECK_EQ(idealsendbacklognotify(pair.client, &overlapped, on_change), SOCKET_ERROR);
  CHECK_EQ(shutdown(pair.client, SD_SEND), 0);
  CHECK_EQ(SleepEx(INFINITE, TRUE), DWORD{WAIT_IO_COMPLETION});
  CHECK_EQ(routine_calls, 2);
  CHECK_EQ(routine_error, DWORD{WSA_OPERATION_ABORTED});
}

WIN_CASE(BacklogChange, TellsByCompletionPort) {
  REQ("ISB-5");
  const Started started;
  const Pair pair;
  const HANDLE port = CreateIoCompletionPort(reinterpret_cast<HANDLE>(pair.client), nullptr, 7, 0);
  OVERLAPPED overlapped{};
  CHECK_EQ(notify(pair.client, &overlapped), WSA_IO_PENDING);
  pair.pump_until(overlapped);
  DWORD bytes = kUntouched;
  ULONG_PTR key = 0;
  OVERLAPPED* ended = nullptr;
  CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &ended, INFINITE));
  CHECK_EQ(bytes, 0u);
  CHECK_EQ(key, 7u);
  CHECK(ended == &overlapped);
  settle(pair.client);
  CHECK_EQ(notify(pair.client, &overlapped), WSA_IO_PENDING);
  CHECK(CancelIoEx(reinterpret_cast<HANDLE>(pair.client), &overlapped));
  CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &ended, INFINITE));
  CHECK_EQ(GetLastError(), DWORD{ERROR_OPERATION_ABORTED});
  CHECK(ended == &overlapped);
  CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &ended, 0));
  CHECK(ended == nullptr);
  CloseHandle(port);
}

// Neither order of asking and waiting loses a change, and waiting alone does not spin.
WIN_CASE(BacklogChange, AChangeBeforeTheWaitEndsIt) {
  REQ("ISB-5");
  const Started started;
  const Pair pair;
  Call first;
  CHECK_EQ(notify(pair.client, &first.overlapped), WSA_IO_PENDING);
  pair.pump_until(first.overlapped);
  CHECK_EQ(first.end(pair.client), 0);
  int completions = 0;  // of late acknowledgements: then it waits
  for (;; ++completions) {
    Call again;
    CHECK_EQ(notify(pair.client, &again.overlapped), WSA_IO_PENDING);
    if (again.is_signalled()) continue;
    CancelIoEx(handle_of(pair.client), &again.overlapped);
    again.end(pair.client);
    break;
  }
  CHECK_LT(completions, 10);

  Call told;  // outlives its socket, which ends it
  const Pair other;
  std::size_t pumped = 0;
  other.pump([&] { return ++pumped > 64; });
  Call late;
  CHECK_EQ(notify(other.client, &late.overlapped), WSA_IO_PENDING);
  other.pump_until(late.overlapped);  // at once if it has changed, else with the change
  CHECK_EQ(late.end(other.client), 0);
  settle(other.client);
  CHECK_GT(query(other.client), kInitial);
  CHECK_EQ(notify(other.client, &told.overlapped), WSA_IO_PENDING);
  CHECK(!told.is_signalled());
}

WIN_CASE(BacklogChange, OneAtATime) {
  REQ("ISB-6");
  const Started started;
  const Pair pair;
  Call first, second;
  CHECK_EQ(notify(pair.client, &first.overlapped), WSA_IO_PENDING);
  CHECK_EQ(notify(pair.client, &second.overlapped), WSA_OPERATION_ABORTED);
  CHECK(!second.is_signalled());
  CHECK_EQ(wait(pair.client), WSAEINTR);
  CHECK(!first.is_signalled());
  pair.pump_until(first.overlapped);
  CHECK_EQ(first.end(pair.client), 0);
}

/// A wait of each form, what should end it, and what a later one says.
struct Cause {
  const char* name;
  std::function<void(Pair&)> act;
  bool is_final = true;      ///< later waits and queries fail, too
  bool ends_blocked = true;  ///< also a thread that blocks
};

BOOL disconnect(SOCKET s, OVERLAPPED* overlapped, DWORD flags) {
  return Functions(s).disconnect(s, overlapped, flags, 0);
}
BOOL transmit_packets(SOCKET s, DWORD flags) {
  const auto transmit = get<LPFN_TRANSMITPACKETS>(s, WSAID_TRANSMITPACKETS);
  TRANSMIT_PACKETS_ELEMENT element{};
  char text[] = "last";
  element.dwElFlags = TP_ELEMENT_MEMORY;
  element.cLength = 4;
  element.pBuffer = text;
  Call call;
  const BOOL is_ok = is_begun(transmit(s, &element, 1, 0, &call.overlapped, flags));
  if (is_ok) call.end(s);
  return is_ok;
}
void reset_by_peer(Pair& p) {
  const linger now{1, 0};
  setsockopt(p.server, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&now), sizeof now);
  closesocket(p.server);
  p.server = INVALID_SOCKET;
  CHECK_EQ(receive(p.client), "!10054");
}
int flush(SOCKET s) {
  DWORD bytes = 0;
  return WSAIoctl(s, SIO_FLUSH, nullptr, 0, nullptr, 0, &bytes, nullptr, nullptr);
}

const Cause kCauses[] = {
    {"shutdown(SD_SEND)", [](Pair& p) { CHECK_EQ(shutdown(p.client, SD_SEND), 0); }},
    {"shutdown(SD_BOTH)", [](Pair& p) { CHECK_EQ(shutdown(p.client, SD_BOTH), 0); }},
    {"WSASendDisconnect", [](Pair& p) { CHECK_EQ(WSASendDisconnect(p.client, nullptr), 0); }},
    {"DisconnectEx", [](Pair& p) { CHECK(disconnect(p.client, nullptr, 0)); }},
    {"TransmitFile with TF_DISCONNECT",
     [](Pair& p) {
       CHECK(TransmitFile(p.client, nullptr, 0, 0, nullptr, nullptr, TF_DISCONNECT));
     }},
    {"TransmitPackets with TF_DISCONNECT",
     [](Pair& p) { CHECK(transmit_packets(p.client, TF_DISCONNECT)); }},
    {"reset by the peer", reset_by_peer},
    {"CancelIo", [](Pair& p) { CHECK(CancelIo(handle_of(p.client))); }, false, false},
    {"CancelIoEx", [](Pair& p) { CHECK(CancelIoEx(handle_of(p.client), nullptr)); }, false, false},
    {"SIO_FLUSH", [](Pair& p) { CHECK_EQ(flush(p.client), 0); }, false, true},
    {"closesocket",
     [](Pair& p) {
       closesocket(p.client);
       p.client = INVALID_SOCKET;
     },
     false, true},
    {"closesocket with linger 0",
     [](Pair& p) {
       const linger now{1, 0};
       setsockopt(p.client, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&now), sizeof now);
       closesocket(p.client);
       p.client = INVALID_SOCKET;
     },
     false, true},
};

WIN_CASE(BacklogChange, IsAbortedByWhatEndsSending) {
  REQ("ISB-7");
  const Started started;
  for (const Cause& cause : kCauses) {
    Pair pair;
    Call call;
    CHECK_EQ(notify(pair.client, &call.overlapped), WSA_IO_PENDING);
    cause.act(pair);
    CHECK_EQ(WaitForSingleObject(call.overlapped.hEvent, INFINITE), DWORD{WAIT_OBJECT_0});
    CHECK_EQ(static_cast<DWORD>(call.overlapped.Internal), 0xC0000120u);  // STATUS_CANCELLED
    CHECK_EQ(call.end(pair.server != INVALID_SOCKET ? pair.server : pair.client),
             -WSA_OPERATION_ABORTED);
    if (cause.is_final) {
      Call later;
      CHECK_EQ(notify(pair.client, &later.overlapped), WSA_OPERATION_ABORTED);
      CHECK(!later.is_signalled());
      CHECK_EQ(wait(pair.client), WSAEINTR);
      CHECK_EQ(query_error(pair.client), WSA_OPERATION_ABORTED);
    }
    if (win_case::has_failed()) {
      CHECK_EQ(std::string(cause.name), "the cause above");
      return;
    }
  }
}

WIN_CASE(BacklogChange, ABlockedThreadIsInterrupted) {
  REQ("ISB-7");
  const Started started;
  for (const Cause& cause : kCauses) {
    if (!cause.ends_blocked) continue;
    Pair pair;
    const SOCKET s = pair.client;
    int outcome = 0;
    std::atomic<bool> is_acted{false};
    std::thread waiter([&] {
      do {
        outcome = wait(s);  // again where a probe was before it
      } while (!is_acted);
    });
    // Until it waits: then another is refused.
    for (Call probe; notify(s, &probe.overlapped) == WSA_IO_PENDING;) {
      CHECK(CancelIoEx(handle_of(s), &probe.overlapped));
      CHECK_EQ(probe.end(s), -WSA_OPERATION_ABORTED);
    }
    is_acted = true;
    cause.act(pair);
    waiter.join();
    CHECK_EQ(outcome, WSAEINTR);
    if (win_case::has_failed()) {
      CHECK_EQ(std::string(cause.name), "the cause above");
      return;
    }
  }
}

// While the reuse waits for the peer's end the socket is one whose sending has ended; afterwards it
// is not connected.
WIN_CASE(BacklogChange, AReuseEndsTheConnection) {
  REQ("ISB-7");
  const Started started;
  using Reuse = std::function<BOOL(SOCKET, OVERLAPPED*)>;
  const Reuse ways[] = {
      [](SOCKET s, OVERLAPPED* o) { return disconnect(s, o, TF_REUSE_SOCKET); },
      [](SOCKET s, OVERLAPPED* o) {
        return TransmitFile(s, nullptr, 0, 0, o, nullptr, TF_DISCONNECT | TF_REUSE_SOCKET);
      },
  };
  for (const Reuse& reuse : ways) {
    Pair pair;
    Call pending, reusing, later;
    CHECK_EQ(notify(pair.client, &pending.overlapped), WSA_IO_PENDING);
    CHECK(is_begun(reuse(pair.client, &reusing.overlapped)));
    CHECK_EQ(pending.end(pair.client), -WSA_OPERATION_ABORTED);
    CHECK_EQ(notify(pair.client, &later.overlapped), WSA_OPERATION_ABORTED);
    closesocket(pair.server);
    pair.server = INVALID_SOCKET;
    CHECK_EQ(reusing.end(pair.client), 0);
    CHECK_EQ(notify(pair.client, &later.overlapped), WSAENOTCONN);
    CHECK_EQ(wait(pair.client), WSAENOTCONN);
    CHECK_EQ(query_error(pair.client), WSAENOTCONN);
  }
}

// Cancelling others' waits leaves this one alone.
WIN_CASE(BacklogChange, CancellingIsForTheChosen) {
  REQ("ISB-7");
  const Started started;
  const Pair pair;
  Call call, other;
  CHECK_EQ(notify(pair.client, &call.overlapped), WSA_IO_PENDING);
  CHECK(!CancelIoEx(handle_of(pair.client), &other.overlapped));
  CHECK_EQ(GetLastError(), DWORD{ERROR_NOT_FOUND});
  std::thread([&] { CHECK(CancelIo(handle_of(pair.client))); }).join();  // that thread has none
  CHECK(!call.is_signalled());
  pair.pump_until(call.overlapped);
  CHECK_EQ(call.end(pair.client), 0);
}

// The peer's end is not ours: who still sends still hears.
WIN_CASE(BacklogChange, ThePeersHalfCloseChangesNothing) {
  const Started started;
  const Pair pair;
  Call call;
  CHECK_EQ(notify(pair.client, &call.overlapped), WSA_IO_PENDING);
  CHECK_EQ(shutdown(pair.server, SD_SEND), 0);
  CHECK_EQ(receive(pair.client), "");
  CHECK(!call.is_signalled());
  pair.pump_until(call.overlapped);
  CHECK_EQ(call.end(pair.client), 0);
}

}  // namespace
