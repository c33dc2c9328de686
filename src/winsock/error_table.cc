// Two tables, searched from the top: they are short, and only failures come here.
//
// Pairs of status and error as Windows' provider gives them (Wine's public conformance tests assert
// the ones that programs meet).
#include "winsock/error_table.h"

namespace oriel::winsock {
namespace {

struct CodeRow {
  ErrorCode code;
  NTSTATUS status;
};
constexpr CodeRow kCodes[] = {
    {ErrorCode::kOk, STATUS_SUCCESS},
    {ErrorCode::kInvalidArgument, STATUS_INVALID_PARAMETER},
    {ErrorCode::kNotSupported, STATUS_NOT_SUPPORTED},
    {ErrorCode::kAddressInUse, STATUS_ADDRESS_ALREADY_EXISTS},
    {ErrorCode::kAddressNotAvailable, STATUS_INVALID_ADDRESS_COMPONENT},
    {ErrorCode::kNetworkUnreachable, STATUS_NETWORK_UNREACHABLE},
    {ErrorCode::kHostUnreachable, STATUS_HOST_UNREACHABLE},
    {ErrorCode::kConnectionRefused, STATUS_CONNECTION_REFUSED},
    {ErrorCode::kConnectionReset, STATUS_CONNECTION_RESET},
    {ErrorCode::kConnectionAborted, STATUS_CONNECTION_ABORTED},
    {ErrorCode::kTimedOut, STATUS_IO_TIMEOUT},
    {ErrorCode::kNotConnected, STATUS_INVALID_CONNECTION},
    {ErrorCode::kAlreadyConnected, STATUS_CONNECTION_ACTIVE},
    {ErrorCode::kInProgress, STATUS_INVALID_DEVICE_STATE},
    {ErrorCode::kShutDown, STATUS_PIPE_DISCONNECTED},
    {ErrorCode::kWouldBlock, STATUS_DEVICE_NOT_READY},
    {ErrorCode::kCancelled, STATUS_CANCELLED},
    {ErrorCode::kMessageTooLong, STATUS_INVALID_BUFFER_SIZE},
    {ErrorCode::kNoBuffers, STATUS_INSUFFICIENT_RESOURCES},
    {ErrorCode::kDeviceLost, STATUS_DEVICE_DOES_NOT_EXIST},
    {ErrorCode::kPermissionDenied, STATUS_ACCESS_DENIED},
    {ErrorCode::kNotFound, STATUS_NOT_FOUND},
    {ErrorCode::kMalformed, STATUS_INVALID_PARAMETER},
};

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

NTSTATUS status_of(ErrorCode code) {
  for (const CodeRow& row : kCodes) {
    if (row.code == code) return row.status;
  }
  return STATUS_UNSUCCESSFUL;
}

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
