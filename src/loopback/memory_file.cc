// memfd, seals, mappings.
#include "loopback/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace oriel::loopback {
namespace {

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;

/// Beyond it the system does not only refuse but sends a signal that kills (RLIMIT_FSIZE).
bool is_over_file_limit(std::size_t bytes) {
  rlimit limit{};
  return ::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < bytes;
}

Failure no_memory(const char* what) {
  return fail(ErrorCode::kNoBuffers, std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

MemoryFile::MemoryFile(MemoryFile&& other) noexcept {
  *this = std::move(other);
}

MemoryFile& MemoryFile::operator=(MemoryFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(memory_, other.memory_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

MemoryFile::~MemoryFile() {
  if (memory_ != nullptr) ::munmap(memory_, bytes_);
  close_fd();
}

void MemoryFile::close_fd() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

// Sealed after it is mapped: from then on this is the only writable mapping there can be.
Result<MemoryFile> MemoryFile::create(std::size_t bytes, const char* name) {
  const int fd = ::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return no_memory("memfd_create");
  MemoryFile file(fd, nullptr, bytes);
  if (is_over_file_limit(bytes)) return fail(ErrorCode::kNoBuffers, "the limit of file sizes");
  if (::ftruncate(fd, static_cast<off_t>(bytes)) != 0) return no_memory("ftruncate");
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return no_memory("mmap");
  file.memory_ = static_cast<std::uint8_t*>(memory);
  if (::fcntl(fd, F_ADD_SEALS, kSeals) != 0) return no_memory("F_ADD_SEALS");
  return file;
}

Result<MemoryFile> MemoryFile::open(int fd, std::size_t bytes) {
  MemoryFile file(fd, nullptr, bytes);
  const int seals = ::fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0) {
    return fail(ErrorCode::kPermissionDenied, "the memory of the other process is not sealed");
  }
  struct stat status {};
  if (::fstat(fd, &status) != 0) return no_memory("fstat");
  if (status.st_size < static_cast<off_t>(bytes)) return fail(ErrorCode::kMalformed);
  void* memory = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return no_memory("mmap");
  file.memory_ = static_cast<std::uint8_t*>(memory);
  return file;
}

}  // namespace oriel::loopback
