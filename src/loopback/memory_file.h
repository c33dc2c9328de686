// A piece of memory that one process writes and others may only read.
//
// The creator maps it writable and then seals the file: nobody can map it writable again, shrink it
// (which would kill whoever reads it), grow it, or lift the seals. It has no name: it is gone with
// its last mapping and descriptor. Surprise: whoever receives the descriptor must check the seals
// before mapping, because an unsealed file can be cut under the reader.
#pragma once

#include <cstddef>
#include <cstdint>

#include "oriel/error.h"

namespace oriel::loopback {

/// A mapping; unmapped and closed with the object.
class MemoryFile {
 public:
  MemoryFile() = default;
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&& other) noexcept;
  ~MemoryFile();

  /// New, zeroed, sealed memory. Errors: kNoBuffers with the system's reason.
  /// `name` is only for who looks at a process's mappings.
  static Result<MemoryFile> create(std::size_t bytes, const char* name = "oriel-ring");
  /// Maps what another process created, read-only. Takes the descriptor over. Errors:
  /// kPermissionDenied when seals are missing, kMalformed when it is smaller than `bytes`,
  /// kNoBuffers.
  static Result<MemoryFile> open(int fd, std::size_t bytes);

  explicit operator bool() const { return memory_ != nullptr; }
  std::size_t size() const { return bytes_; }
  /// Requires: created here.
  std::uint8_t* own() { return memory_; }
  const std::uint8_t* view() const { return memory_; }
  /// To hand to another process; stays this object's.
  int fd() const { return fd_; }
  /// Keeps the mapping alone: it is handed to nobody.
  void close_fd();

 private:
  MemoryFile(int fd, std::uint8_t* memory, std::size_t bytes)
      : fd_(fd), memory_(memory), bytes_(bytes) {}
  int fd_ = -1;
  std::uint8_t* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace oriel::loopback
