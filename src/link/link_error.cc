// errno to ErrorCode, for calls that set devices up. The data path keeps to errno itself.
#include "link/link_error.h"

#include <cerrno>
#include <system_error>

namespace oriel::link {

Error error_from_errno(const std::string& what, int error_number) {
  ErrorCode code = ErrorCode::kNotSupported;
  switch (error_number) {
    case EPERM:
    case EACCES:
    case EROFS:
      code = ErrorCode::kPermissionDenied;
      break;
    case ENOENT:
    case ENODEV:
    case ENOTDIR:
      code = ErrorCode::kNotFound;
      break;
    case EADDRINUSE:
      code = ErrorCode::kAddressInUse;
      break;
    case ECONNREFUSED:
      code = ErrorCode::kConnectionRefused;
      break;
    case EBUSY:
      code = ErrorCode::kInProgress;
      break;
    case ENOMEM:
    case ENOBUFS:
    case EMFILE:
    case ENFILE:
    case ENOSPC:
      code = ErrorCode::kNoBuffers;
      break;
    case EINVAL:
    case ENAMETOOLONG:
    case EISDIR:
      code = ErrorCode::kInvalidArgument;
      break;
    default:
      break;
  }
  return Error(code, what + ": " + std::generic_category().message(error_number));
}

}  // namespace oriel::link
