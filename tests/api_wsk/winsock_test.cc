// WSK and Winsock sockets of one process talk to each other, on both loopback paths.
#include <winsock2.h>
// behind it
#include "api_wsk/wsk_case.h"

namespace {

using namespace wsk_case;

/// Winsock for the length of a case.
struct Winsock {
  Winsock() { CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0); }
  ~Winsock() { WSACleanup(); }
  WSADATA data;
};

void ask(SOCKET s, bool is_fast) {
  DWORD on = is_fast ? 1 : 0, bytes = 0;
  CHECK_EQ(
      WSAIoctl(s, SIO_LOOPBACK_FAST_PATH, &on, sizeof on, nullptr, 0, &bytes, nullptr, nullptr), 0);
}

void talk(SOCKET a, PWSK_SOCKET b) {
  CHECK_EQ(::send(a, "from winsock", 12, 0), 12);
  CHECK_EQ(receive(b), "from winsock");
  CHECK_EQ(wsk_case::send(b, "from wsk"), STATUS_SUCCESS);
  char in[64];
  CHECK_EQ(::recv(a, in, sizeof in, 0), 8);
  CHECK_EQ(std::string(in, 8), "from wsk");
  CHECK_EQ(closesocket(a), 0);
  CHECK_EQ(receive(b), "");
}

WIN_CASE(WskAndWinsock, AWinsockClientOfAWskServer) {
  REQ("WSK-1");
  REQ("LFP-1");
  Winsock winsock;
  Client client;
  for (const bool is_fast : {false, true}) {
    PWSK_SOCKET listener = client.socket(WSK_FLAG_LISTEN_SOCKET);
    if (is_fast) CHECK_EQ(ask_for_fast_path(listener), STATUS_SUCCESS);
    CHECK_EQ(wsk_case::bind(listener), STATUS_SUCCESS);
    sockaddr_in to = address(port_of_listening(listener));
    Irp accepts;
    CHECK_EQ(listening(listener).WskAccept(listener, 0, nullptr, nullptr, nullptr, nullptr,
                                           accepts.get()),
             STATUS_PENDING);
    const SOCKET s = ::socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    ask(s, is_fast);
    CHECK_EQ(::connect(s, name(to), sizeof to), 0);
    CHECK_EQ(accepts.wait(), STATUS_SUCCESS);
    talk(s, accepts.socket());
    CHECK_EQ(close(accepts.socket()), STATUS_SUCCESS);
    CHECK_EQ(close(listener), STATUS_SUCCESS);
  }
}

WIN_CASE(WskAndWinsock, AWskClientOfAWinsockServer) {
  REQ("WSK-1");
  REQ("LFP-1");
  Winsock winsock;
  Client client;
  for (const bool is_fast : {false, true}) {
    const SOCKET listener = ::socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    ask(listener, is_fast);
    sockaddr_in any = address(0);
    CHECK_EQ(::bind(listener, name(any), sizeof any), 0);
    CHECK_EQ(::listen(listener, 5), 0);
    int bytes = sizeof any;
    CHECK_EQ(getsockname(listener, name(any), &bytes), 0);
    PWSK_SOCKET s = client.socket(WSK_FLAG_CONNECTION_SOCKET);
    if (is_fast) CHECK_EQ(ask_for_fast_path(s), STATUS_SUCCESS);
    CHECK_EQ(wsk_case::bind(s), STATUS_SUCCESS);
    CHECK_EQ(wsk_case::connect(s, ntohs(any.sin_port)), STATUS_SUCCESS);
    const SOCKET accepted = ::accept(listener, nullptr, nullptr);
    CHECK(accepted != INVALID_SOCKET);
    talk(accepted, s);
    CHECK_EQ(close(s), STATUS_SUCCESS);
    CHECK_EQ(closesocket(listener), 0);
  }
}

}  // namespace
