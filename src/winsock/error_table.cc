// A table, searched from the top: it is short, and only failures come here.
//
// Pairs of status and error as Windows' provider gives them (Wine's public conformance tests assert
// the ones that programs meet).
#include "winsock/error_table.h"

namespace oriel::winsock {
namespace {

struct StatusRow {
  NTSTATUS status;
  int error;
};
constexpr StatusRow kStatuses[] = {
    {STATUS_PENDING, WSA_IO_INCOMPLETE},
    {STATUS_CANCELLED, WSA_OPERATION_ABORTED},
    {STATUS_DEVICE_NOT_READY, WSAEWOULDBLOCK},
    {STATUS_BUFFER_OVERFLOW, WSAEMSGSIZE},
    {STATUS_INVALID_BUFFER_SIZE, WSAEMSGSIZE},
    {STATUS_NOT_SUPPORTED, WSAEOPNOTSUPP},
    {STATUS_INVALID_PARAMETER, WSAEINVAL},
    {STATUS_NOT_FOUND, WSAEINVAL},
    {STATUS_ACCESS_VIOLATION, WSAEFAULT},
    {STATUS_ACCESS_DENIED, WSAEACCES},
    {STATUS_INVALID_HANDLE, WSAENOTSOCK},
    {STATUS_OBJECT_TYPE_MISMATCH, WSAENOTSOCK},
    {STATUS_INSUFFICIENT_RESOURCES, WSAENOBUFS},
    {STATUS_NO_MEMORY, WSAENOBUFS},
    {STATUS_ADDRESS_ALREADY_EXISTS, WSAEADDRINUSE},
    {STATUS_INVALID_ADDRESS_COMPONENT, WSAEADDRNOTAVAIL},
    {STATUS_DEVICE_DOES_NOT_EXIST, WSAENETDOWN},  // our choice of a status
    {STATUS_NETWORK_UNREACHABLE, WSAENETUNREACH},
    {STATUS_HOST_UNREACHABLE, WSAEHOSTUNREACH},
    {STATUS_PORT_UNREACHABLE, WSAECONNRESET},
    {STATUS_HOPLIMIT_EXCEEDED, WSAENETRESET},
    {STATUS_CONNECTION_REFUSED, WSAECONNREFUSED},
    {STATUS_CONNECTION_RESET, WSAECONNRESET},
    {STATUS_REMOTE_DISCONNECT, WSAECONNRESET},
    {STATUS_CONNECTION_ABORTED, WSAECONNABORTED},
    {STATUS_LOCAL_DISCONNECT, WSAECONNABORTED},
    {STATUS_CONNECTION_DISCONNECTED, WSAECONNRESET},
    {STATUS_IO_TIMEOUT, WSAETIMEDOUT},
    {STATUS_INVALID_CONNECTION, WSAENOTCONN},
    {STATUS_CONNECTION_INVALID, WSAENOTCONN},
    {STATUS_CONNECTION_ACTIVE, WSAEISCONN},
    {STATUS_INVALID_DEVICE_STATE, WSAEALREADY},
    {STATUS_PIPE_DISCONNECTED, WSAESHUTDOWN},
};

}  // namespace

int wsa_error_of(NTSTATUS status) {
  if (status >= 0 && status != STATUS_PENDING) return 0;
  for (const StatusRow& row : kStatuses) {
    if (row.status == status) return row.error;
  }
  return WSAEINVAL;
}

int wsa_error_of(ErrorCode code) {
  return code == ErrorCode::kOk ? 0 : wsa_error_of(status_of(code));
}

ErrorCode datagram_error(ErrorCode code) {
  return code == ErrorCode::kConnectionRefused ? ErrorCode::kConnectionReset : code;
}

}  // namespace oriel::winsock
