// AcceptEx, ConnectEx and DisconnectEx as a program uses them.
#include <thread>
#include <vector>

#include "api_winsock/extension_case.h"

using namespace extension_case;  // NOLINT(google-build-using-namespace)

namespace {

struct Buffer {
  char bytes[256] = {};
};

WIN_CASE(Extensions, AreFoundByTheirNames) {
  REQ("WS-4");
  const Started started;
  const SOCKET s = make_stream();
  const Functions functions(s);
  CHECK(functions.accept != nullptr);
  CHECK(get<LPFN_WSAPOLL>(s, WSAID_WSAPOLL) != nullptr);
  GUID unknown = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
  void* function = nullptr;
  DWORD bytes = 0;
  CHECK_EQ(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &unknown, sizeof unknown, &function,
                    sizeof function, &bytes, nullptr, nullptr),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK_EQ(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &unknown, sizeof unknown, &function, 4,
                    &bytes, nullptr, nullptr),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
}

DWORD routine_runs = 0, routine_bytes = 99, routine_error = 99;
void CALLBACK note_run(DWORD error, DWORD bytes, LPWSAOVERLAPPED, DWORD) {
  ++routine_runs;
  routine_error = error;
  routine_bytes = bytes;
}

WIN_CASE(Extensions, TheQuestionCompletesWithoutBytes) {
  const Started started;
  const SOCKET s = make_stream();
  GUID id = WSAID_ACCEPTEX;
  void* function = nullptr;
  DWORD bytes = 0;
  OVERLAPPED overlapped{};
  CHECK_EQ(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &function,
                    sizeof function, &bytes, &overlapped, note_run),
           0);
  CHECK_EQ(bytes, sizeof function);
  SleepEx(0, TRUE);
  CHECK_EQ(routine_runs, 1u);
  CHECK_EQ(routine_error, 0u);
  CHECK_EQ(routine_bytes, 0u);
}

WIN_CASE(AcceptEx, EndsWithTheConnectionAndBothNames) {
  REQ("WS-4");
  const Started started;
  const SOCKET listener = make_listener(), server = make_stream(), client = make_stream();
  const Functions f(listener);
  Buffer buffer;
  Call call;
  DWORD received = 99;
  CHECK(!f.accept(listener, server, buffer.bytes, 0, kBlock, kBlock, &received, &call.overlapped));
  CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
  sockaddr_in name = name_of(listener);
  REQUIRE_EQ(connect(client, as_sockaddr(name), sizeof name), 0);
  CHECK_EQ(call.end(listener), 0);
  CHECK(call.is_signalled());
  sockaddr *local = nullptr, *remote = nullptr;
  INT local_bytes = 0, remote_bytes = 0;
  f.names(buffer.bytes, 0, kBlock, kBlock, &local, &local_bytes, &remote, &remote_bytes);
  REQUIRE_EQ(local_bytes, int{sizeof(sockaddr_in)});
  REQUIRE_EQ(remote_bytes, int{sizeof(sockaddr_in)});
  CHECK_EQ(reinterpret_cast<sockaddr_in*>(local)->sin_port, name.sin_port);
  CHECK_EQ(reinterpret_cast<sockaddr_in*>(remote)->sin_port, name_of(client).sin_port);
  // Only with the listener's context has it names and can it be shut.
  sockaddr_in peer{};
  int bytes = sizeof peer;
  CHECK_EQ(getpeername(server, as_sockaddr(peer), &bytes), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
  CHECK_EQ(shutdown(server, SD_SEND), SOCKET_ERROR);
  CHECK_EQ(send(server, "early", 5, 0), 5);
  CHECK_EQ(receive(client), "early");
  SOCKET context = listener;
  CHECK_EQ(setsockopt(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                      reinterpret_cast<char*>(&context), sizeof context),
           0);
  CHECK_EQ(getpeername(server, as_sockaddr(peer), &bytes), 0);
  CHECK_EQ(peer.sin_port, name_of(client).sin_port);
  CHECK_EQ(name_of(server).sin_port, name.sin_port);
  CHECK_EQ(shutdown(server, SD_SEND), 0);
  CHECK_EQ(receive(client), "");
}

WIN_CASE(AcceptEx, WaitsForTheFirstBytesIfAsked) {
  const Started started;
  const SOCKET listener = make_listener(), server = make_stream(), client = make_stream();
  const Functions f(listener);
  Buffer buffer;
  Call call;
  DWORD connected = 0;
  int bytes = sizeof connected;
  auto* value = reinterpret_cast<char*>(&connected);
  CHECK_EQ(getsockopt(server, SOL_SOCKET, SO_CONNECT_TIME, value, &bytes), 0);
  CHECK_EQ(connected, 0xffffffffu);
  REQUIRE(is_begun(
      f.accept(listener, server, buffer.bytes, 64, kBlock, kBlock, nullptr, &call.overlapped)));
  sockaddr_in name = name_of(listener);
  REQUIRE_EQ(connect(client, as_sockaddr(name), sizeof name), 0);
  // It is connected, and the call is not over.
  while (getsockopt(server, SOL_SOCKET, SO_CONNECT_TIME, value, &bytes) == 0 &&
         connected == 0xffffffff) {
    SwitchToThread();
  }
  CHECK_LT(connected, 60u);
  CHECK(!call.is_signalled());
  CHECK_EQ(send(client, "first", 5, 0), 5);
  CHECK_EQ(call.end(listener), 5);
  CHECK_EQ(std::string(buffer.bytes, 5), "first");
  sockaddr *local = nullptr, *remote = nullptr;
  INT local_bytes = 0, remote_bytes = 0;
  GetAcceptExSockaddrs(buffer.bytes, 64, kBlock, kBlock, &local, &local_bytes, &remote,
                       &remote_bytes);
  CHECK_EQ(reinterpret_cast<sockaddr_in*>(remote)->sin_port, name_of(client).sin_port);
}

WIN_CASE(AcceptEx, APeerThatOnlyClosesEndsItWithoutBytes) {
  const Started started;
  const SOCKET listener = make_listener(), server = make_stream(), client = make_stream();
  Buffer buffer;
  Call call;
  REQUIRE(is_begun(
      AcceptEx(listener, server, buffer.bytes, 64, kBlock, kBlock, nullptr, &call.overlapped)));
  sockaddr_in name = name_of(listener);
  REQUIRE_EQ(connect(client, as_sockaddr(name), sizeof name), 0);
  closesocket(client);
  CHECK_EQ(call.end(listener), 0);
}

WIN_CASE(AcceptEx, SaysWhatIsWrong) {
  REQ("WS-2");
  const Started started;
  const SOCKET listener = make_listener(), fresh = make_stream(), bound = make_bound();
  const Functions f(listener);
  Buffer buffer;
  Call call, other;
  const auto error = [&](SOCKET l, SOCKET a, void* where, DWORD local, DWORD remote,
                         OVERLAPPED* overlapped) {
    CHECK(!f.accept(l, a, where, 0, local, remote, nullptr, overlapped));
    return WSAGetLastError();
  };
  OVERLAPPED* const o = &call.overlapped;
  CHECK_EQ(error(INVALID_SOCKET, fresh, buffer.bytes, kBlock, kBlock, o), WSAENOTSOCK);
  CHECK_EQ(error(listener, INVALID_SOCKET, buffer.bytes, kBlock, kBlock, o), WSAENOTSOCK);
  CHECK_EQ(error(listener, fresh, nullptr, kBlock, kBlock, o), WSAEINVAL);
  CHECK_EQ(error(listener, fresh, buffer.bytes, kBlock - 1, kBlock, o), WSAEFAULT);
  CHECK_EQ(error(listener, fresh, buffer.bytes, kBlock, kBlock - 1, o), WSAEFAULT);
  CHECK_EQ(error(listener, fresh, buffer.bytes, kBlock, kBlock, nullptr), ERROR_INVALID_PARAMETER);
  CHECK_EQ(error(bound, fresh, buffer.bytes, kBlock, kBlock, o), WSAEINVAL);
  CHECK_EQ(error(listener, bound, buffer.bytes, kBlock, kBlock, o), WSAEINVAL);
  SOCKET client, server;
  make_pair(client, server);
  CHECK_EQ(error(listener, client, buffer.bytes, kBlock, kBlock, o), WSAEINVAL);
  REQUIRE(is_begun(f.accept(listener, fresh, buffer.bytes, 0, kBlock, kBlock, nullptr, o)));
  CHECK_EQ(error(listener, fresh, buffer.bytes, kBlock, kBlock, &other.overlapped), WSAEINVAL);
  sockaddr_in name = loopback();
  CHECK_EQ(bind(fresh, as_sockaddr(name), sizeof name), SOCKET_ERROR);
  closesocket(listener);
  CHECK_EQ(call.end(bound), -long{WSA_OPERATION_ABORTED});
}

WIN_CASE(AcceptEx, EndsWithEitherSocketAndByCancel) {
  REQ("WS-2");
  const Started started;
  const SOCKET listener = make_listener();
  SOCKET server = make_stream();
  Buffer buffer;
  const auto accept_ex = [&](Call& call, DWORD bytes) {
    return is_begun(
        AcceptEx(listener, server, buffer.bytes, bytes, kBlock, kBlock, nullptr, &call.overlapped));
  };
  Call closed, cancelled, in_data, closed_in_data;
  REQUIRE(accept_ex(closed, 0));
  closesocket(server);
  CHECK_EQ(closed.end(listener), -long{WSA_OPERATION_ABORTED});
  server = make_stream();
  REQUIRE(accept_ex(cancelled, 0));
  CHECK(CancelIoEx(reinterpret_cast<HANDLE>(listener), &cancelled.overlapped));
  CHECK_EQ(cancelled.end(listener), -long{WSA_OPERATION_ABORTED});
  // The same socket again, now while its first bytes are awaited.
  sockaddr_in name = name_of(listener);
  const auto connect_one = [&](SOCKET client) {
    REQUIRE_EQ(connect(client, as_sockaddr(name), sizeof name), 0);
    DWORD seconds = 0xffffffff;
    int bytes = sizeof seconds;
    while (seconds == 0xffffffff) {
      REQUIRE_EQ(getsockopt(server, SOL_SOCKET, SO_CONNECT_TIME, reinterpret_cast<char*>(&seconds),
                            &bytes),
                 0);
    }
  };
  REQUIRE(accept_ex(in_data, 64));
  SOCKET client = make_stream();
  connect_one(client);
  CHECK(CancelIoEx(reinterpret_cast<HANDLE>(listener), &in_data.overlapped));
  CHECK_EQ(in_data.end(listener), -long{WSA_OPERATION_ABORTED});
  CHECK_EQ(receive(client), "!10054");
  closesocket(server);
  server = make_stream();
  REQUIRE(accept_ex(closed_in_data, 64));
  client = make_stream();
  connect_one(client);
  closesocket(server);
  CHECK_EQ(closed_in_data.end(listener), -long{WSA_OPERATION_ABORTED});
}

WIN_CASE(AcceptEx, ManyCompleteInTheirOrderThroughAPort) {
  const Started started;
  constexpr std::size_t kCalls = 1000;
  const SOCKET listener = make_listener();
  const Functions f(listener);
  const HANDLE port = CreateIoCompletionPort(reinterpret_cast<HANDLE>(listener), nullptr, 7, 0);
  REQUIRE(port != nullptr);
  struct One {
    OVERLAPPED overlapped{};
    SOCKET server = INVALID_SOCKET;
    Buffer buffer;
  };
  std::vector<One> all(kCalls);
  for (One& one : all) {
    one.server = make_stream();
    REQUIRE(is_begun(f.accept(listener, one.server, one.buffer.bytes, 0, kBlock, kBlock, nullptr,
                              &one.overlapped)));
  }
  sockaddr_in name = name_of(listener);
  for (std::size_t i = 0; i < kCalls; ++i) {
    const SOCKET client = make_stream();
    REQUIRE_EQ(connect(client, as_sockaddr(name), sizeof name), 0);
    DWORD bytes = 99;
    ULONG_PTR key = 0;
    LPOVERLAPPED overlapped = nullptr;
    REQUIRE(GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, INFINITE));
    REQUIRE_EQ(overlapped, &all[i].overlapped);
    CHECK_EQ(bytes, 0u);
    CHECK_EQ(key, ULONG_PTR{7});
    closesocket(client);
  }
  for (const One& one : all) closesocket(one.server);
  closesocket(listener);
  CloseHandle(port);
}

WIN_CASE(AcceptEx, TheListenersOptionsComeWithItsContext) {
  const Started started;
  const SOCKET listener = make_listener(), server = make_stream(), client = make_stream();
  DWORD size = 4321;
  setsockopt(listener, SOL_SOCKET, SO_SNDBUF, reinterpret_cast<char*>(&size), sizeof size);
  Buffer buffer;
  Call call;
  REQUIRE(is_begun(
      AcceptEx(listener, server, buffer.bytes, 0, kBlock, kBlock, nullptr, &call.overlapped)));
  sockaddr_in name = name_of(listener);
  REQUIRE_EQ(connect(client, as_sockaddr(name), sizeof name), 0);
  CHECK_EQ(call.end(listener), 0);
  const auto buffer_bytes = [&] {
    DWORD value = 0;
    int bytes = sizeof value;
    getsockopt(server, SOL_SOCKET, SO_SNDBUF, reinterpret_cast<char*>(&value), &bytes);
    return value;
  };
  CHECK_NE(buffer_bytes(), 4321u);
  const auto update = [&](SOCKET context, int bytes) {
    const int r = setsockopt(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                             reinterpret_cast<char*>(&context), bytes);
    return r == 0 ? 0 : WSAGetLastError();
  };
  CHECK_EQ(update(listener, 4), WSAEFAULT);
  CHECK_EQ(update(INVALID_SOCKET, sizeof(SOCKET)), WSAENOTSOCK);
  CHECK_EQ(update(client, sizeof(SOCKET)), WSAEINVAL);
  CHECK_EQ(update(listener, sizeof(SOCKET)), 0);
  CHECK_EQ(buffer_bytes(), 4321u);
}

WIN_CASE(ConnectEx, SendsWithTheConnection) {
  REQ("WS-4");
  const Started started;
  const SOCKET listener = make_listener(), client = make_bound();
  const Functions f(client);
  sockaddr_in name = name_of(listener);
  Call call;
  char hello[] = "hello";
  DWORD sent = 99;
  CHECK(!f.connect(client, as_sockaddr(name), sizeof name, hello, 5, &sent, &call.overlapped));
  CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
  const SOCKET server = accept(listener, nullptr, nullptr);
  REQUIRE_NE(server, INVALID_SOCKET);
  CHECK_EQ(receive(server), "hello");
  CHECK_EQ(call.end(client), 5);
  sockaddr_in peer{};
  int bytes = sizeof peer;
  CHECK_EQ(getpeername(client, as_sockaddr(peer), &bytes), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
  CHECK_EQ(shutdown(client, SD_SEND), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
  CHECK_EQ(setsockopt(client, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, nullptr, 0), 0);
  CHECK_EQ(getpeername(client, as_sockaddr(peer), &bytes), 0);
  CHECK_EQ(peer.sin_port, name.sin_port);
  CHECK_EQ(shutdown(client, SD_SEND), 0);
  CHECK_EQ(receive(server), "");
  Call again;
  CHECK(!f.connect(client, as_sockaddr(name), sizeof name, nullptr, 0, nullptr, &again.overlapped));
  CHECK_EQ(WSAGetLastError(), WSAEISCONN);
}

WIN_CASE(ConnectEx, SaysWhatIsWrong) {
  REQ("WS-2");
  const Started started;
  const SOCKET listener = make_listener(), unbound = make_stream(), bound = make_bound();
  const Functions f(bound);
  sockaddr_in name = name_of(listener);
  Call call;
  const auto error = [&](SOCKET s, const sockaddr* to, int bytes, OVERLAPPED* overlapped) {
    CHECK(!f.connect(s, to, bytes, nullptr, 0, nullptr, overlapped));
    return WSAGetLastError();
  };
  OVERLAPPED* const o = &call.overlapped;
  CHECK_EQ(error(INVALID_SOCKET, as_sockaddr(name), sizeof name, o), WSAENOTSOCK);
  CHECK_EQ(error(unbound, as_sockaddr(name), sizeof name, o), WSAEINVAL);
  CHECK_EQ(error(listener, as_sockaddr(name), sizeof name, o), WSAEINVAL);
  CHECK_EQ(error(bound, as_sockaddr(name), sizeof name, nullptr), ERROR_INVALID_PARAMETER);
  CHECK_EQ(error(bound, as_sockaddr(name), 4, o), WSAEFAULT);
  CHECK_EQ(error(bound, nullptr, sizeof name, o), WSAEFAULT);
  CHECK_EQ(setsockopt(bound, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, nullptr, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
  closesocket(listener);
  REQUIRE(is_begun(f.connect(bound, as_sockaddr(name), sizeof name, nullptr, 0, nullptr, o)));
  CHECK_EQ(call.end(bound), -long{WSAECONNREFUSED});
}

WIN_CASE(DisconnectEx, EndsOurSideWithoutWaitingForThePeer) {
  REQ("WS-4");
  const Started started;
  SOCKET client, server;
  make_pair(client, server);
  const Functions f(client);
  Call call, again;
  const SOCKET fresh = make_stream();
  CHECK(!f.disconnect(fresh, &call.overlapped, 0, 0));
  CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
  CHECK(!f.disconnect(client, &call.overlapped, 4, 0));
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK(!f.disconnect(client, &call.overlapped, 0, 1));
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  REQUIRE(is_begun(f.disconnect(client, &call.overlapped, 0, 0)));
  CHECK_EQ(call.end(client), 0);
  CHECK_EQ(receive(server), "");
  CHECK_EQ(send(client, "x", 1, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAESHUTDOWN);
  sockaddr_in name = loopback(htons(1));
  CHECK_EQ(connect(client, as_sockaddr(name), sizeof name), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEISCONN);
  CHECK_EQ(send(server, "still", 5, 0), 5);
  CHECK_EQ(receive(client), "still");
  CHECK(is_begun(f.disconnect(client, &again.overlapped, 0, 0)));
  CHECK_EQ(again.end(client), 0);
}

WIN_CASE(DisconnectEx, GivesSocketsBack) {
  const Started started;
  const SOCKET listener = make_listener(), server = make_stream(), client = make_bound();
  const Functions f(listener);
  sockaddr_in name = name_of(listener);
  for (int round = 0; round < 3; ++round) {
    Buffer buffer;
    Call accepting, connecting, ending_server, ending_client;
    REQUIRE(is_begun(f.accept(listener, server, buffer.bytes, 16, kBlock, kBlock, nullptr,
                              &accepting.overlapped)));
    char text[] = "round";
    REQUIRE(is_begun(f.connect(client, as_sockaddr(name), sizeof name, text, 5, nullptr,
                               &connecting.overlapped)));
    REQUIRE_EQ(connecting.end(client), 5);
    REQUIRE_EQ(accepting.end(listener), 5);
    // The server ends first, so that the client's port does not wait in TIME_WAIT.
    REQUIRE(is_begun(f.disconnect(server, &ending_server.overlapped, TF_REUSE_SOCKET, 0)));
    CHECK_EQ(receive(client), "");
    REQUIRE(is_begun(f.disconnect(client, &ending_client.overlapped, TF_REUSE_SOCKET, 0)));
    REQUIRE_EQ(ending_client.end(client), 0);
    REQUIRE_EQ(ending_server.end(server), 0);
    CHECK_EQ(send(server, "x", 1, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
  }
  // Without an OVERLAPPED it waits for the peer's end itself.
  SOCKET near_end, far_end;
  make_pair(near_end, far_end);
  std::thread closes([&] {
    CHECK_EQ(receive(far_end), "");
    closesocket(far_end);
  });
  CHECK(f.disconnect(near_end, nullptr, TF_REUSE_SOCKET, 0));
  closes.join();
}

}  // namespace
