// pread and pwrite where an offset is given, else at the file's own position.
#include "win32/disk_file.h"

#include <unistd.h>

#include <cerrno>

#include "win32/io_completion.h"
#include "win32/last_error.h"

namespace oriel::win32 {
namespace {

std::int64_t offset_of(const OVERLAPPED& overlapped) {
  return static_cast<std::int64_t>(std::uint64_t{overlapped.OffsetHigh} << 32 | overlapped.Offset);
}

NTSTATUS status_of_error(DWORD error) {
  if (error == ERROR_ACCESS_DENIED) return STATUS_ACCESS_DENIED;
  if (error == ERROR_DISK_FULL) return STATUS_DISK_FULL;
  return STATUS_UNSUCCESSFUL;
}

}  // namespace

DWORD win32_error_of_errno(int error) {
  switch (error) {
    case 0:
      return ERROR_SUCCESS;
    case ENOENT:
      return ERROR_FILE_NOT_FOUND;
    case ENOTDIR:
      return ERROR_PATH_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EISDIR:
    case EROFS:
      return ERROR_ACCESS_DENIED;
    case EBADF:
      return ERROR_INVALID_HANDLE;
    case EEXIST:
      return ERROR_FILE_EXISTS;
    case EMFILE:
    case ENFILE:
      return ERROR_TOO_MANY_OPEN_FILES;
    case ENOMEM:
      return ERROR_NOT_ENOUGH_MEMORY;
    case ENOSPC:
    case EDQUOT:
      return ERROR_DISK_FULL;
    case EPIPE:
      return ERROR_NO_DATA;
    case EINVAL:
      return ERROR_INVALID_PARAMETER;
    case ENAMETOOLONG:
      return ERROR_INVALID_NAME;
    case EBUSY:
      return ERROR_SHARING_VIOLATION;
    case EFAULT:
      return ERROR_NOACCESS;
    case EIO:
      return ERROR_IO_DEVICE;
    default:
      return ERROR_GEN_FAILURE;
  }
}

DiskFile::DiskFile(int fd, bool is_overlapped, bool is_owned)
    : FileObject(ObjectKind::kFile), fd_(fd), is_overlapped_(is_overlapped), is_owned_(is_owned) {}

DiskFile::~DiskFile() {
  if (is_owned_) ::close(fd_);
}

BOOL DiskFile::read(void* to, DWORD size, DWORD* bytes, OVERLAPPED* overlapped) {
  if (overlapped != nullptr) begin_overlapped(*overlapped);
  std::int64_t result = 0;
  do {
    result = overlapped != nullptr ? ::pread(fd_, to, size, offset_of(*overlapped))
                                   : ::read(fd_, to, size);
  } while (result < 0 && errno == EINTR);
  return finish(result, true, size, bytes, overlapped);
}

std::int64_t DiskFile::read_at(std::uint64_t offset, void* to, std::size_t size) const {
  for (;;) {
    const std::int64_t n = ::pread(fd_, to, size, static_cast<std::int64_t>(offset));
    if (n >= 0 || errno != EINTR) return n;
  }
}

std::uint64_t DiskFile::position() const {
  const std::int64_t at = ::lseek(fd_, 0, SEEK_CUR);
  return at < 0 ? 0 : static_cast<std::uint64_t>(at);
}

BOOL DiskFile::write(const void* from, DWORD size, DWORD* bytes, OVERLAPPED* overlapped) {
  if (overlapped != nullptr) begin_overlapped(*overlapped);
  const auto* next = static_cast<const char*>(from);
  std::int64_t done = 0;
  while (done < size) {
    const auto left = static_cast<std::size_t>(size - done);
    const std::int64_t result =
        overlapped != nullptr ? ::pwrite(fd_, next + done, left, offset_of(*overlapped) + done)
                              : ::write(fd_, next + done, left);
    if (result < 0 && errno == EINTR) continue;
    if (result <= 0) return finish(done != 0 ? done : -1, false, size, bytes, overlapped);
    done += result;
  }
  return finish(done, false, size, bytes, overlapped);
}

// A request that fails at once posts no packet; one that succeeds at once does.
BOOL DiskFile::finish(std::int64_t result, bool is_read, DWORD size, DWORD* bytes,
                      OVERLAPPED* overlapped) {
  const bool is_at_end = is_read && result == 0 && size != 0;
  DWORD error = result < 0 ? win32_error_of_errno(errno) : ERROR_SUCCESS;
  if (is_at_end && overlapped != nullptr) error = ERROR_HANDLE_EOF;
  const auto count = static_cast<DWORD>(result < 0 ? 0 : result);
  if (bytes != nullptr) *bytes = count;
  if (overlapped != nullptr && error == ERROR_SUCCESS) {
    complete_overlapped(*this, *overlapped, STATUS_SUCCESS, count, true);
    if (!is_overlapped_) {  // then the position moves as well
      ::lseek(fd_, offset_of(*overlapped) + count, SEEK_SET);
    }
  } else if (overlapped != nullptr) {
    overlapped->InternalHigh = 0;
    overlapped->Internal =
        static_cast<DWORD>(is_at_end ? STATUS_END_OF_FILE : status_of_error(error));
  }
  return error == ERROR_SUCCESS ? TRUE : fail_with(error, FALSE);
}

}  // namespace oriel::win32
