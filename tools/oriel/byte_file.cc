// Plain read and write; interrupted calls go on.
#include "byte_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace oriel::cli {

Result<ByteFile> ByteFile::open_to_read(const std::string& path) {
  if (path == "-") return ByteFile(0, false, "standard input");
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) return ByteFile(fd, true, path);
  return fail(ErrorCode::kNotFound, "cannot read " + path + ": " + std::strerror(errno));
}

Result<ByteFile> ByteFile::open_to_write(const std::string& path) {
  if (path == "-") return ByteFile(1, false, "standard output");
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd >= 0) return ByteFile(fd, true, path);
  return fail(ErrorCode::kPermissionDenied, "cannot write " + path + ": " + std::strerror(errno));
}

ByteFile::ByteFile(ByteFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      is_owned_(other.is_owned_),
      name_(std::move(other.name_)) {}

ByteFile::~ByteFile() {
  if (is_owned_ && fd_ >= 0) ::close(fd_);
}

Result<std::size_t> ByteFile::read(ByteSpan buffer) {
  ssize_t n = -1;
  do {
    n = ::read(fd_, buffer.data(), buffer.size());
  } while (n < 0 && errno == EINTR);
  if (n >= 0) return static_cast<std::size_t>(n);
  return fail(ErrorCode::kInvalidArgument, "reading " + name_ + ": " + std::strerror(errno));
}

Result<void> ByteFile::write_all(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      return fail(ErrorCode::kInvalidArgument, "writing " + name_ + ": " + std::strerror(errno));
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

}  // namespace oriel::cli
