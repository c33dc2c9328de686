// Every argument wrong, one at a time, in the calls that are no WSPxxx functions: AcceptEx and its
// like, messages, and connecting by name or list. The documented error, and the sockets go on.
#include <mswsock.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include "api_winsock/bad_input.h"
#include "api_winsock/loopback_pair.h"
#include "api_winsock/started.h"
#include "support/win_case.h"

namespace {

constexpr DWORD kBlock = sizeof(sockaddr_in) + 16;

template <class Function>
Function extension(SOCKET s, GUID id) {
  Function function = nullptr;
  DWORD n = 0;
  CHECK_EQ(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &function,
                    sizeof function, &n, nullptr, nullptr),
           0);
  return function;
}

WIN_CASE(BadExtensionInput, OfAcceptEx) {
  REQ("WS-2");
  const Started started;
  const SOCKET listener = listening_socket();
  const SOCKET fresh = socket(AF_INET, SOCK_STREAM, 0);
  const SOCKET datagrams = socket(AF_INET, SOCK_DGRAM, 0);
  const SOCKET other_family = socket(AF_INET6, SOCK_STREAM, 0);
  char room[2 * kBlock];
  DWORD n = 0;
  OVERLAPPED o{};
  for (const ULONG_PTR at : kBadAddresses) {
    if (at == 0) continue;  // WSAEINVAL and ERROR_INVALID_PARAMETER, below
    FAILS(!AcceptEx(listener, fresh, bad<void>(at), 0, kBlock, kBlock, &n, &o), WSAEFAULT);
    FAILS(!AcceptEx(listener, fresh, room, 0, kBlock, kBlock, &n, bad<OVERLAPPED>(at)), WSAEFAULT);
  }
  FAILS(!AcceptEx(listener, fresh, nullptr, 0, kBlock, kBlock, &n, &o), WSAEINVAL);
  FAILS(!AcceptEx(listener, fresh, room, 0, kBlock, kBlock, &n, nullptr), ERROR_INVALID_PARAMETER);
  FAILS(!AcceptEx(listener, fresh, room, 0, 0, kBlock, &n, &o), WSAEFAULT);
  FAILS(!AcceptEx(listener, fresh, room, 0, kBlock, 0, &n, &o), WSAEFAULT);
  FAILS(!AcceptEx(listener, datagrams, room, 0, kBlock, kBlock, &n, &o), WSAEINVAL);
  FAILS(!AcceptEx(datagrams, fresh, room, 0, kBlock, kBlock, &n, &o), WSAEINVAL);
  FAILS(!AcceptEx(fresh, fresh, room, 0, kBlock, kBlock, &n, &o), WSAEINVAL);
  FAILS(!AcceptEx(listener, other_family, room, 0, kBlock, kBlock, &n, &o), WSAEINVAL);
  FAILS(!AcceptEx(listener, listener, room, 0, kBlock, kBlock, &n, &o), WSAEINVAL);
  for (const SOCKET s : {listener, fresh, datagrams, other_family}) CHECK_EQ(closesocket(s), 0);
}

WIN_CASE(BadExtensionInput, OfConnectExAndDisconnectEx) {
  REQ("WS-2");
  const Started started;
  const LoopbackPair pair;
  const SOCKET bound = bound_socket();
  const SOCKET fresh = socket(AF_INET, SOCK_STREAM, 0);
  const SOCKET datagrams = bound_socket(SOCK_DGRAM);
  const auto connect_ex = extension<LPFN_CONNECTEX>(bound, WSAID_CONNECTEX);
  const auto disconnect_ex = extension<LPFN_DISCONNECTEX>(bound, WSAID_DISCONNECTEX);
  const sockaddr_in to = name_of(bound);
  sockaddr_in foreign = to;
  foreign.sin_family = AF_INET6;
  constexpr int kBytes = sizeof to;
  DWORD n = 0;
  OVERLAPPED o{};
  for (const ULONG_PTR at : kBadAddresses) {
    FAILS(!connect_ex(bound, bad<sockaddr>(at), kBytes, nullptr, 0, &n, &o), WSAEFAULT);
    if (at == 0) continue;  // nothing to send; no OVERLAPPED
    FAILS(!connect_ex(bound, as_name(to), kBytes, bad<void>(at), 1, &n, &o), WSAEFAULT);
    FAILS(!connect_ex(bound, as_name(to), kBytes, nullptr, 0, &n, bad<OVERLAPPED>(at)), WSAEFAULT);
    FAILS(!disconnect_ex(pair.client, bad<OVERLAPPED>(at), 0, 0), WSAEFAULT);
  }
  FAILS(!connect_ex(bound, as_name(to), kBytes, nullptr, 0, &n, nullptr), ERROR_INVALID_PARAMETER);
  FAILS(!connect_ex(bound, as_name(to), kBytes - 1, nullptr, 0, &n, &o), WSAEFAULT);
  FAILS(!connect_ex(bound, as_name(to), 0, nullptr, 0, &n, &o), WSAEFAULT);
  FAILS(!connect_ex(bound, as_name(foreign), kBytes, nullptr, 0, &n, &o), WSAEAFNOSUPPORT);
  FAILS(!connect_ex(fresh, as_name(to), kBytes, nullptr, 0, &n, &o), WSAEINVAL);
  FAILS(!connect_ex(datagrams, as_name(to), kBytes, nullptr, 0, &n, &o), WSAEOPNOTSUPP);
  FAILS(!connect_ex(pair.client, as_name(to), kBytes, nullptr, 0, &n, &o), WSAEISCONN);
  FAILS(!disconnect_ex(INVALID_SOCKET, &o, 0, 0), WSAENOTSOCK);
  FAILS(!disconnect_ex(fresh, nullptr, 0, 0), WSAENOTCONN);
  FAILS(!disconnect_ex(datagrams, nullptr, 0, 0), WSAENOTCONN);
  FAILS(!disconnect_ex(pair.client, nullptr, TF_DISCONNECT, 0), WSAEINVAL);
  FAILS(!disconnect_ex(pair.client, nullptr, 0, 1), WSAEINVAL);
  char byte = 'x';
  CHECK_EQ(send(pair.client, &byte, 1, 0), 1);  // none of these has disconnected it
  CHECK_EQ(recv(pair.server, &byte, 1, 0), 1);
  for (const SOCKET s : {bound, fresh, datagrams}) CHECK_EQ(closesocket(s), 0);
}

WIN_CASE(BadExtensionInput, OfTransmitFileAndTransmitPackets) {
  REQ("WS-2");
  const Started started;
  const LoopbackPair pair;
  const SOCKET s = pair.client;
  const SOCKET fresh = socket(AF_INET, SOCK_STREAM, 0);
  const SOCKET datagrams = bound_socket(SOCK_DGRAM);
  const auto packets = extension<LPFN_TRANSMITPACKETS>(s, WSAID_TRANSMITPACKETS);
  const HANDLE no_file = reinterpret_cast<HANDLE>(pair.server);
  char byte = 'x';
  for (const ULONG_PTR at : kBadAddresses) {
    TRANSMIT_FILE_BUFFERS head = {bad<void>(at), 1, nullptr, 0};
    TRANSMIT_FILE_BUFFERS tail = {&byte, 1, bad<void>(at), 1};
    FAILS(!TransmitFile(s, nullptr, 0, 0, nullptr, &head, 0), WSAEFAULT);
    FAILS(!TransmitFile(s, nullptr, 0, 0, nullptr, &tail, 0), WSAEFAULT);
    TRANSMIT_PACKETS_ELEMENT element{};
    element.dwElFlags = TP_ELEMENT_MEMORY;
    element.cLength = 1;
    element.pBuffer = bad<void>(at);
    FAILS(!packets(s, &element, 1, 0, nullptr, 0), WSAEFAULT);
    FAILS(!packets(s, bad<TRANSMIT_PACKETS_ELEMENT>(at), 1, 0, nullptr, 0), WSAEFAULT);
    if (at == 0) continue;  // no buffers; no OVERLAPPED
    FAILS(!TransmitFile(s, nullptr, 0, 0, nullptr, bad<TRANSMIT_FILE_BUFFERS>(at), 0), WSAEFAULT);
    FAILS(!TransmitFile(s, no_file, 0, 0, bad<OVERLAPPED>(at), nullptr, 0), WSAEFAULT);
    element.pBuffer = &byte;
    FAILS(!packets(s, &element, 1, 0, bad<OVERLAPPED>(at), 0), WSAEFAULT);
  }
  TRANSMIT_PACKETS_ELEMENT memory{};
  memory.dwElFlags = TP_ELEMENT_MEMORY;
  memory.cLength = 1;
  memory.pBuffer = &byte;
  TRANSMIT_PACKETS_ELEMENT file{};
  file.dwElFlags = TP_ELEMENT_FILE;
  file.hFile = no_file;
  TRANSMIT_PACKETS_ELEMENT unknown{};
  FAILS(!packets(INVALID_SOCKET, &memory, 1, 0, nullptr, 0), WSAENOTSOCK);
  FAILS(!packets(s, &memory, 1, 0, nullptr, TF_REUSE_SOCKET), WSAEINVAL);
  FAILS(!packets(s, &unknown, 1, 0, nullptr, 0), WSAEINVAL);
  FAILS(!packets(s, &file, 1, 0, nullptr, 0), WSA_INVALID_HANDLE);
  FAILS(!packets(fresh, &memory, 1, 0, nullptr, 0), WSAENOTCONN);
  FAILS(!packets(datagrams, &memory, 1, 0, nullptr, 0), WSAEOPNOTSUPP);
  FAILS(!TransmitFile(datagrams, nullptr, 0, 0, nullptr, nullptr, 0), WSAEOPNOTSUPP);
  CHECK_EQ(send(s, &byte, 1, 0), 1);  // nothing of these has gone
  char got[4];
  CHECK_EQ(recv(pair.server, got, sizeof got, 0), 1);
  CHECK_EQ(shutdown(s, SD_SEND), 0);
  FAILS(!packets(s, &memory, 1, 0, nullptr, 0), WSAESHUTDOWN);
  FAILS(!TransmitFile(s, nullptr, 0, 0, nullptr, nullptr, 0), WSAESHUTDOWN);
  for (const SOCKET each : {fresh, datagrams}) CHECK_EQ(closesocket(each), 0);
}

WIN_CASE(BadExtensionInput, OfMessages) {
  REQ("WS-2");
  const Started started;
  const SOCKET s = bound_socket(SOCK_DGRAM);
  set_non_blocking(s);
  const auto receive_message = extension<LPFN_WSARECVMSG>(s, WSAID_WSARECVMSG);
  const auto send_message = extension<LPFN_WSASENDMSG>(s, WSAID_WSASENDMSG);
  char byte = 'x';
  char control[64] = {};
  sockaddr_in name = name_of(s);
  DWORD n = 0;
  for (const ULONG_PTR at : kBadAddresses) {
    WSABUF good = {1, &byte};
    WSABUF wrong = {1, bad<char>(at)};
    const WSAMSG sound = {
        reinterpret_cast<sockaddr*>(&name), sizeof name, &good, 1, {0, nullptr}, 0};
    WSAMSG no_buffers = sound;
    no_buffers.lpBuffers = bad<WSABUF>(at);
    WSAMSG no_memory = sound;
    no_memory.lpBuffers = &wrong;
    WSAMSG no_control = sound;
    no_control.Control = {sizeof control, bad<char>(at)};
    WSAMSG no_name = sound;
    no_name.name = bad<sockaddr>(at);
    for (WSAMSG* m : {bad<WSAMSG>(at), &no_buffers, &no_memory, &no_control}) {
      SAYS(receive_message(s, m, &n, nullptr, nullptr), WSAEFAULT);
      SAYS(send_message(s, m, 0, &n, nullptr, nullptr), WSAEFAULT);
    }
    WSAMSG whole = sound;
    SAYS(receive_message(s, &whole, bad<DWORD>(at), nullptr, nullptr), WSAEFAULT);
    SAYS(send_message(s, &whole, 0, bad<DWORD>(at), nullptr, nullptr), WSAEFAULT);
    if (at == 0) continue;  // no name is asked for, or the connected one meant; no OVERLAPPED
    SAYS(receive_message(s, &no_name, &n, nullptr, nullptr), WSAEFAULT);
    SAYS(send_message(s, &no_name, 0, &n, nullptr, nullptr), WSAEFAULT);
    SAYS(receive_message(s, &whole, &n, bad<WSAOVERLAPPED>(at), nullptr), WSAEFAULT);
    SAYS(send_message(s, &whole, 0, &n, bad<WSAOVERLAPPED>(at), nullptr), WSAEFAULT);
  }
  // Control data whose entries do not add up.
  WSABUF good = {1, &byte};
  WSAMSG cut = {reinterpret_cast<sockaddr*>(&name), sizeof name, &good, 1, {4, control}, 0};
  SAYS(send_message(s, &cut, 0, &n, nullptr, nullptr), WSAEINVAL);
  cut.Control.len = sizeof control;  // an entry of no length
  SAYS(send_message(s, &cut, 0, &n, nullptr, nullptr), WSAEINVAL);
  SAYS(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);  // nothing was sent
  CHECK_EQ(closesocket(s), 0);
}

WIN_CASE(BadExtensionInput, OfConnectingByNameAndByList) {
  REQ("WS-2");
  const Started started;
  const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in name = loopback_name();
  sockaddr_in out{};
  auto* const local = reinterpret_cast<sockaddr*>(&out);
  DWORD bytes = sizeof out;
  const auto by_name = [&](const char* node, const char* service, DWORD* size, sockaddr* where,
                           const timeval* limit) {
    return WSAConnectByNameA(s, node, service, size, where, nullptr, nullptr, limit, nullptr);
  };
  SOCKET_ADDRESS_LIST list{};
  list.iAddressCount = 1;
  list.Address[0] = {reinterpret_cast<sockaddr*>(&name), sizeof name};
  const auto by_list = [&](SOCKET_ADDRESS_LIST* addresses, DWORD* size, sockaddr* where,
                           const timeval* limit) {
    return WSAConnectByList(s, addresses, size, where, nullptr, nullptr, limit, nullptr);
  };
  WSAOVERLAPPED o{};
  for (const ULONG_PTR at : kBadAddresses) {
    FAILS(!by_name("127.0.0.1", "9", bad<DWORD>(at), local, nullptr), WSAEFAULT);
    FAILS(!by_list(&list, bad<DWORD>(at), local, nullptr), WSAEFAULT);
    SOCKET_ADDRESS_LIST wrong = list;
    wrong.Address[0].lpSockaddr = bad<sockaddr>(at);
    FAILS(!by_list(&wrong, nullptr, nullptr, nullptr), WSAEFAULT);
    FAILS(!by_list(bad<SOCKET_ADDRESS_LIST>(at), nullptr, nullptr, nullptr),
          at == 0 ? WSAEINVAL : WSAEFAULT);
    const int missing = at == 0 ? WSAEINVAL : WSAEFAULT;
    FAILS(!by_name(bad<char>(at), "9", nullptr, nullptr, nullptr), missing);
    FAILS(!by_name("127.0.0.1", bad<char>(at), nullptr, nullptr, nullptr), missing);
    if (at == 0) continue;  // no address is asked for; no limit
    FAILS(!by_name("127.0.0.1", "9", &bytes, bad<sockaddr>(at), nullptr), WSAEFAULT);
    FAILS(!by_name("127.0.0.1", "9", nullptr, nullptr, bad<timeval>(at)), WSAEFAULT);
    FAILS(!by_list(&list, &bytes, bad<sockaddr>(at), nullptr), WSAEFAULT);
    FAILS(!by_list(&list, nullptr, nullptr, bad<timeval>(at)), WSAEFAULT);
  }
  SOCKET_ADDRESS_LIST wrong = list;
  wrong.iAddressCount = 0;
  FAILS(!by_list(&wrong, nullptr, nullptr, nullptr), WSAEINVAL);
  wrong = list;
  wrong.Address[0].iSockaddrLength = 4;
  FAILS(!by_list(&wrong, nullptr, nullptr, nullptr), WSAEFAULT);
  FAILS(!WSAConnectByList(s, &list, nullptr, nullptr, nullptr, nullptr, nullptr, &o), WSAEINVAL);
  FAILS(!WSAConnectByNameA(s, "127.0.0.1", "9", nullptr, nullptr, nullptr, nullptr, nullptr, &o),
        WSAEINVAL);
  FAILS(!WSAConnectByList(INVALID_SOCKET, &list, nullptr, nullptr, nullptr, nullptr, nullptr,
                          nullptr),
        WSAENOTSOCK);
  sockaddr_in foreign = name;
  foreign.sin_family = 99;
  wrong = list;
  wrong.Address[0].lpSockaddr = reinterpret_cast<sockaddr*>(&foreign);
  FAILS(!by_list(&wrong, nullptr, nullptr, nullptr), WSAEAFNOSUPPORT);
  CHECK_EQ(closesocket(s), 0);
}

}  // namespace
