// A file of the machine, or one of its standard streams, as something to issue requests on.
//
// Reads and writes end before the call does, overlapped ones too.
#pragma once

#include "win32/file_object.h"

namespace oriel::win32 {

class DiskFile final : public FileObject {
 public:
  /// Takes the descriptor over; `is_owned` false: it is the process's and stays open.
  DiskFile(int fd, bool is_overlapped, bool is_owned = true);
  ~DiskFile() override;
  static constexpr bool is_kind(ObjectKind kind) { return kind == ObjectKind::kFile; }

  int fd() const { return fd_; }
  BOOL read(void* to, DWORD size, DWORD* bytes, OVERLAPPED* overlapped) override;
  BOOL write(const void* from, DWORD size, DWORD* bytes, OVERLAPPED* overlapped) override;
  /// Bytes from `offset`, without moving the position; fewer at the end, -1: it failed. Blocks on
  /// the disk. Thread: any.
  std::int64_t read_at(std::uint64_t offset, void* to, std::size_t size) const;
  std::uint64_t position() const;

 private:
  BOOL finish(std::int64_t result, bool is_read, DWORD size, DWORD* bytes, OVERLAPPED* overlapped);

  const int fd_;
  const bool is_overlapped_;
  const bool is_owned_;
};

/// The machine's error number as a Win32 error.
DWORD win32_error_of_errno(int error);

}  // namespace oriel::win32
