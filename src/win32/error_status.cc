// A table, searched from the top: it is short, and only failures come here.
#include "win32/error_status.h"

namespace oriel::win32 {
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

}  // namespace

NTSTATUS status_of(ErrorCode code) {
  for (const CodeRow& row : kCodes) {
    if (row.code == code) return row.status;
  }
  return STATUS_UNSUCCESSFUL;
}

}  // namespace oriel::win32
