// Winsock sockets whose other end is a native program on the machine's loopback: connections run on
// the kernel's TCP, and what is asked about them is answered from there.
#include <mstcpip.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include <cstring>
#include <string>

#include "api_winsock/fast_path_pair.h"
#include "api_winsock/native_peer.h"
#include "api_winsock/started.h"

namespace {

using fast_path::ask;
using fast_path::info_of;
using loopback::Socket;
using native_peer::Peer;

sockaddr_in at_port(unsigned short port) {
  sockaddr_in at = loopback::any_port();
  at.sin_port = htons(port);
  return at;
}

ULONG backlog_of(SOCKET s) {
  ULONG backlog = 0;
  DWORD bytes = 0;
  CHECK_EQ(WSAIoctl(s, SIO_IDEAL_SEND_BACKLOG_QUERY, nullptr, 0, &backlog, sizeof backlog, &bytes,
                    nullptr, nullptr),
           0);
  return backlog;
}

WIN_CASE(Native, AConnectionIsTheKernels) {
  REQ("LFP-4");
  const Started started;
  const Peer listener(Peer::listening());
  const Socket client = socket(AF_INET, SOCK_STREAM, 0);
  CHECK_EQ(ask(client), 0);  // nobody there can have asked too: no effect, no error
  REQUIRE_EQ(loopback::connect_to(client, at_port(listener.port())), 0);
  const Peer server(listener.accept());
  CHECK_EQ(send(client, "hello", 5, 0), 5);
  char got[100] = "";
  CHECK_EQ(server.receive(got, sizeof got), 5);
  CHECK_EQ(std::string(got), std::string("hello"));
  CHECK_EQ(server.send("answer", 6), 6);
  CHECK_EQ(recv(client, got, 6, MSG_WAITALL), 6);
  const TCP_INFO_v0 info = info_of(client);
  CHECK_EQ(int{info.State}, int{TCPSTATE_ESTABLISHED});
  CHECK_GT(info.Mss, 0u);
  CHECK_GT(info.Cwnd, info.Mss);
  CHECK_GT(info.RttUs, 0u);
  CHECK_GT(info.RcvWnd, 0u);
  CHECK_EQ(info.BytesOut, 5u);
  CHECK_EQ(info.BytesIn, 6u);
  CHECK_GE(backlog_of(client), 65536u);
}

WIN_CASE(Native, ACallerIsAcceptedAndEndsInOrder) {
  const Started started;
  const Socket listener = loopback::listening();
  const Peer caller(Peer::connected(ntohs(loopback::name_of(listener).sin_port)));
  REQUIRE(caller.fd() >= 0);
  sockaddr_in from{};
  int bytes = sizeof from;
  const Socket server = accept(listener, reinterpret_cast<sockaddr*>(&from), &bytes);
  REQUIRE(server != INVALID_SOCKET);
  CHECK_EQ(ntohs(from.sin_port), caller.port());
  CHECK_EQ(from.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
  CHECK_EQ(caller.send("request", 7), 7);
  char got[100] = "";
  CHECK_EQ(recv(server, got, 7, MSG_WAITALL), 7);
  CHECK_EQ(send(server, "reply", 5, 0), 5);
  CHECK_EQ(shutdown(server, SD_SEND), 0);
  CHECK_EQ(caller.receive(got, sizeof got), 5);
  CHECK_EQ(caller.receive(got, sizeof got), 0);
}

WIN_CASE(Native, APortOfANativeProgramIsInUse) {
  const Started started;
  const Peer streams(Peer::listening());
  const Peer datagrams(Peer::datagrams());
  const struct {
    int type;
    unsigned short port;
  } rows[] = {{SOCK_STREAM, streams.port()}, {SOCK_DGRAM, datagrams.port()}};
  for (const auto& row : rows) {
    for (const u_long address : {u_long{INADDR_LOOPBACK}, u_long{INADDR_ANY}}) {
      const Socket s = socket(AF_INET, row.type, 0);
      sockaddr_in at = at_port(row.port);
      at.sin_addr.s_addr = htonl(address);
      CHECK_EQ(bind(s, reinterpret_cast<const sockaddr*>(&at), sizeof at), SOCKET_ERROR);
      CHECK_EQ(WSAGetLastError(), WSAEADDRINUSE);
    }
  }
}

WIN_CASE(Native, DatagramsPassBothWays) {
  const Started started;
  const Peer peer(Peer::datagrams());
  const Socket s = loopback::bound(SOCK_DGRAM);
  const sockaddr_in to = at_port(peer.port());
  REQUIRE_EQ(connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  CHECK_EQ(send(s, "one", 3, 0), 3);
  char got[100] = "";
  CHECK_EQ(peer.receive(got, sizeof got), 3);
  CHECK_EQ(std::string(got), std::string("one"));
}

WIN_CASE(Native, ADatagramToNobodyIsReportedAsWithoutNativePrograms) {
  const Started started;
  const Socket s = loopback::bound(SOCK_DGRAM);
  sockaddr_in to;
  {
    const Peer gone(Peer::datagrams());
    to = at_port(gone.port());
  }
  REQUIRE_EQ(connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  CHECK_EQ(send(s, "one", 3, 0), 3);
  char got[100] = "";
  CHECK_EQ(recv(s, got, sizeof got, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
}

}  // namespace
