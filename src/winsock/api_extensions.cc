// What mswsock exports: each fetches the provider's function with
// SIO_GET_EXTENSION_FUNCTION_POINTER and calls it, so that a layered provider may answer with its
// own.
#include <mswsock.h>
#include <ws2tcpip.h>

#include "winsock/sockaddr.h"
#include "winsock/startup.h"
#include "winsock/thread_state.h"

using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

namespace {

// nullptr, with the last error: no socket, or one without this function.
template <class Function>
Function extension(SOCKET s, GUID id) {
  Function function = nullptr;
  DWORD bytes = 0;
  const int result = WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &function,
                              sizeof function, &bytes, nullptr, nullptr);
  return result == SOCKET_ERROR ? nullptr : function;
}

// It asks no socket; any provider's is the same, so the first socket that asked has told it.
LPFN_GETACCEPTEXSOCKADDRS address_splitter() {
  const SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  if (s == INVALID_SOCKET) return nullptr;
  const auto function = extension<LPFN_GETACCEPTEXSOCKADDRS>(s, WSAID_GETACCEPTEXSOCKADDRS);
  closesocket(s);
  return function;
}

}  // namespace

BOOL PASCAL AcceptEx(SOCKET listening, SOCKET accepting, PVOID buffer, DWORD receive_size,
                     DWORD local_size, DWORD remote_size, LPDWORD received,
                     LPOVERLAPPED overlapped) {
  const auto accept_ex = extension<LPFN_ACCEPTEX>(listening, WSAID_ACCEPTEX);
  return accept_ex != nullptr && accept_ex(listening, accepting, buffer, receive_size, local_size,
                                           remote_size, received, overlapped);
}

VOID PASCAL GetAcceptExSockaddrs(PVOID buffer, DWORD receive_size, DWORD local_size,
                                 DWORD remote_size, struct sockaddr** local, LPINT local_length,
                                 struct sockaddr** remote, LPINT remote_length) {
  static const LPFN_GETACCEPTEXSOCKADDRS split = address_splitter();
  if (split == nullptr) return;
  split(buffer, receive_size, local_size, remote_size, local, local_length, remote, remote_length);
}

BOOL PASCAL TransmitFile(SOCKET s, HANDLE file, DWORD bytes, DWORD bytes_per_send,
                         LPOVERLAPPED overlapped, LPTRANSMIT_FILE_BUFFERS buffers, DWORD flags) {
  const auto transmit = extension<LPFN_TRANSMITFILE>(s, WSAID_TRANSMITFILE);
  return transmit != nullptr &&
         transmit(s, file, bytes, bytes_per_send, overlapped, buffers, flags);
}

int WSAAPI WSASendMsg(SOCKET s, LPWSAMSG message, DWORD flags, LPDWORD sent,
                      LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  const auto send_message = extension<LPFN_WSASENDMSG>(s, WSAID_WSASENDMSG);
  if (send_message == nullptr) return SOCKET_ERROR;
  return send_message(s, message, flags, sent, overlapped, routine);
}

// recv, but a datagram that is longer than the buffer is no error: MSG_PARTIAL comes back in the
// flags.
int PASCAL WSARecvEx(SOCKET s, char* buffer, int size, int* flags) {
  if (is_bad_pointer(flags) || size < 0) return is_refused() ? SOCKET_ERROR : fail_with(WSAEFAULT);
  WSABUF one = {static_cast<ULONG>(size), buffer};
  DWORD bytes = 0;
  auto both_flags = static_cast<DWORD>(*flags);
  const int result = WSARecv(s, &one, 1, &bytes, &both_flags, nullptr, nullptr);
  const bool is_cut = result == SOCKET_ERROR && WSAGetLastError() == WSAEMSGSIZE;
  if (result == SOCKET_ERROR && !is_cut) return SOCKET_ERROR;
  *flags = is_cut ? MSG_PARTIAL : static_cast<int>(both_flags);
  return is_cut ? size : static_cast<int>(bytes);
}
