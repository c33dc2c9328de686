// Functions of the base provider that have no file of their own yet: each answers WSAEOPNOTSUPP.
#include "winsock/base_provider.h"

namespace oriel::winsock {
namespace {

template <class Result>
Result refuse(Result failed, LPINT error) {
  if (error != nullptr) *error = WSAEOPNOTSUPP;
  return failed;
}

}  // namespace

int WSPAPI spi_cancel_blocking_call(LPINT error) {
  return refuse(int{SOCKET_ERROR}, error);
}
BOOL WSPAPI spi_get_qos_by_name(SOCKET, LPWSABUF, LPQOS, LPINT error) {
  return refuse(BOOL{FALSE}, error);
}
SOCKET WSPAPI spi_join_leaf(SOCKET, const sockaddr*, int, LPWSABUF, LPWSABUF, LPQOS, LPQOS, DWORD,
                            LPINT error) {
  return refuse(SOCKET{INVALID_SOCKET}, error);
}

}  // namespace oriel::winsock
