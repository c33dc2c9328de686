// The short English name of every error code, for messages that a person reads.
#include "oriel/error.h"

namespace oriel {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kOk:
      return "no error";
    case ErrorCode::kInvalidArgument:
      return "invalid argument";
    case ErrorCode::kNotSupported:
      return "not supported";
    case ErrorCode::kAddressInUse:
      return "address in use";
    case ErrorCode::kAddressNotAvailable:
      return "address not available";
    case ErrorCode::kNetworkUnreachable:
      return "network unreachable";
    case ErrorCode::kHostUnreachable:
      return "host unreachable";
    case ErrorCode::kConnectionRefused:
      return "connection refused";
    case ErrorCode::kConnectionReset:
      return "connection reset";
    case ErrorCode::kConnectionAborted:
      return "connection aborted";
    case ErrorCode::kTimedOut:
      return "timed out";
    case ErrorCode::kNotConnected:
      return "not connected";
    case ErrorCode::kAlreadyConnected:
      return "already connected";
    case ErrorCode::kInProgress:
      return "operation in progress";
    case ErrorCode::kShutDown:
      return "direction shut down";
    case ErrorCode::kWouldBlock:
      return "would block";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kMessageTooLong:
      return "message too long";
    case ErrorCode::kNoBuffers:
      return "no buffers";
    case ErrorCode::kDeviceLost:
      return "device lost";
    case ErrorCode::kPermissionDenied:
      return "permission denied";
    case ErrorCode::kNotFound:
      return "not found";
    case ErrorCode::kMalformed:
      return "malformed";
  }
  return "unknown error";
}

}  // namespace oriel
