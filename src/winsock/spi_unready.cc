// The base provider's functions before their own files are here: each answers WSAEOPNOTSUPP.
#include "winsock/base_provider.h"

namespace oriel::winsock {
namespace {

template <class Result>
Result refuse(Result failed, LPINT error) {
  if (error != nullptr) *error = WSAEOPNOTSUPP;
  return failed;
}

}  // namespace

SOCKET WSPAPI spi_accept(SOCKET, sockaddr*, LPINT, LPCONDITIONPROC, DWORD_PTR, LPINT error) {
  return refuse(SOCKET{INVALID_SOCKET}, error);
}
int WSPAPI spi_async_select(SOCKET, HWND, unsigned int, LONG, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_bind(SOCKET, const sockaddr*, int, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_cancel_blocking_call(LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_close_socket(SOCKET, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_connect(SOCKET, const sockaddr*, int, LPWSABUF, LPWSABUF, LPQOS, LPQOS,
                       LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_duplicate_socket(SOCKET, DWORD, LPWSAPROTOCOL_INFOW, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_enum_network_events(SOCKET, WSAEVENT, LPWSANETWORKEVENTS, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_event_select(SOCKET, WSAEVENT, LONG, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
BOOL WSPAPI spi_get_overlapped_result(SOCKET, LPWSAOVERLAPPED, LPDWORD, BOOL, LPDWORD,
                                      LPINT error) {
  return refuse(BOOL{FALSE}, error);
}
int WSPAPI spi_get_peer_name(SOCKET, sockaddr*, LPINT, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_get_sock_name(SOCKET, sockaddr*, LPINT, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_get_sock_opt(SOCKET, int, int, char*, LPINT, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
BOOL WSPAPI spi_get_qos_by_name(SOCKET, LPWSABUF, LPQOS, LPINT error) {
  return refuse(BOOL{FALSE}, error);
}
int WSPAPI spi_ioctl(SOCKET, DWORD, LPVOID, DWORD, LPVOID, DWORD, LPDWORD, LPWSAOVERLAPPED,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
SOCKET WSPAPI spi_join_leaf(SOCKET, const sockaddr*, int, LPWSABUF, LPWSABUF, LPQOS, LPQOS, DWORD,
                            LPINT error) {
  return refuse(SOCKET{INVALID_SOCKET}, error);
}
int WSPAPI spi_listen(SOCKET, int, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_recv(SOCKET, LPWSABUF, DWORD, LPDWORD, LPDWORD, LPWSAOVERLAPPED,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_recv_disconnect(SOCKET, LPWSABUF, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_recv_from(SOCKET, LPWSABUF, DWORD, LPDWORD, LPDWORD, sockaddr*, LPINT,
                         LPWSAOVERLAPPED, LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID,
                         LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_select(int, fd_set*, fd_set*, fd_set*, const timeval*, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_send(SOCKET, LPWSABUF, DWORD, LPDWORD, DWORD, LPWSAOVERLAPPED,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_send_disconnect(SOCKET, LPWSABUF, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_send_to(SOCKET, LPWSABUF, DWORD, LPDWORD, DWORD, const sockaddr*, int,
                       LPWSAOVERLAPPED, LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID,
                       LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_set_sock_opt(SOCKET, int, int, const char*, int, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
int WSPAPI spi_shutdown(SOCKET, int, LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
SOCKET WSPAPI spi_socket(int, int, int, LPWSAPROTOCOL_INFOW, GROUP, DWORD, LPINT error) {
  return refuse(SOCKET{INVALID_SOCKET}, error);
}

int base_poll(WSAPOLLFD*, ULONG, INT, INT* error) {
  return refuse(int{SOCKET_ERROR}, error);
}

}  // namespace oriel::winsock
