// A file to read or write in large pieces; "-" is standard input or output.
#pragma once

#include <string>

#include "oriel/link.h"

namespace oriel::cli {

class ByteFile {
 public:
  static Result<ByteFile> open_to_read(const std::string& path);
  static Result<ByteFile> open_to_write(const std::string& path);
  ByteFile(ByteFile&& other) noexcept;
  ByteFile& operator=(ByteFile&&) = delete;
  ~ByteFile();

  /// At least 1 byte, or 0 at the end. Errors: a sentence.
  Result<std::size_t> read(ByteSpan buffer);
  Result<void> write_all(ByteView bytes);

 private:
  ByteFile(int fd, bool is_owned, std::string name)
      : fd_(fd), is_owned_(is_owned), name_(std::move(name)) {}
  int fd_;
  bool is_owned_;
  std::string name_;
};

}  // namespace oriel::cli
