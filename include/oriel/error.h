// The errors of the native API: one code per documented cause, and text where a person will read
// it.
//
// Codes are RFC and socket terms; the Windows front-ends translate them in one table each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "oriel/export.h"

namespace oriel {

enum class ErrorCode : std::uint8_t {
  kOk = 0,
  kInvalidArgument,      // a parameter is outside what the call allows
  kNotSupported,         // this object or device cannot do that
  kAddressInUse,         // the port is taken
  kAddressNotAvailable,  // the local address is not one of the host's, or no free port is left
  kNetworkUnreachable,   // no route
  kHostUnreachable,      // neighbour does not answer, or an ICMP error said so
  kConnectionRefused,    // RST in answer to the SYN, or port unreachable
  kConnectionReset,      // RST on an established connection
  kConnectionAborted,    // ended locally: abort, or the host gave it up (device lost, limits)
  kTimedOut,             // R2 / user timeout reached (RFC 9293 3.8.3)
  kNotConnected,
  kAlreadyConnected,
  kInProgress,  // the same operation is already under way
  kShutDown,    // this direction was closed before
  kWouldBlock,
  kCancelled,
  kMessageTooLong,    // datagram larger than the path or the buffer allows
  kNoBuffers,         // a named limit of memory or objects was reached
  kDeviceLost,        // the device vanished under the host
  kPermissionDenied,  // rights are missing for a device or a port
  kNotFound,
  kMalformed,  // bytes that do not parse
};

/// Short English name of a code, such as "connection refused".
ORIEL_API std::string_view to_string(ErrorCode code);

/// A code and, from set-up calls, one sentence for the person who has to mend it.
struct Error {
  ErrorCode code = ErrorCode::kOk;
  std::string text;

  Error() = default;
  Error(ErrorCode c) : code(c) {}  // NOLINT(google-explicit-constructor): a bare code is an Error
  Error(ErrorCode c, std::string t) : code(c), text(std::move(t)) {}
  /// The sentence if there is one, else the code's name.
  std::string message() const { return text.empty() ? std::string(to_string(code)) : text; }
};

template <class T>
using Result = tl::expected<T, Error>;
using Failure = tl::unexpected<Error>;

inline Failure fail(ErrorCode code) {
  return Failure(Error(code));
}
inline Failure fail(ErrorCode code, std::string text) {
  return Failure(Error(code, std::move(text)));
}

}  // namespace oriel
