// Writes a whole text to a file; "-" is standard output. Options that name such files are looked at
// before the work: figures of a long run should not be lost to a folder that is not there.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "oriel/error.h"

namespace oriel::cli {

/// Why `path` cannot be written; empty: nothing known. Makes no file.
inline std::string output_obstacle(const std::string& path) {
  if (path == "-") return {};
  const bool is_there = ::access(path.c_str(), F_OK) == 0;
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (::access(is_there ? path.c_str() : folder.c_str(), W_OK) == 0 && !path.empty()) return {};
  return "cannot write " + path + ": " + std::strerror(path.empty() ? ENOENT : errno);
}

inline Result<void> write_text(const std::string& path, const std::string& text) {
  std::FILE* f = path == "-" ? stdout : std::fopen(path.c_str(), "we");
  if (f == nullptr) {
    return fail(ErrorCode::kInvalidArgument, "cannot write " + path + ": " + std::strerror(errno));
  }
  bool is_written = std::fwrite(text.data(), 1, text.size(), f) == text.size();
  is_written = (f == stdout ? std::fflush(f) : std::fclose(f)) == 0 && is_written;
  if (!is_written) return fail(ErrorCode::kInvalidArgument, "cannot write all of " + path);
  return {};
}

}  // namespace oriel::cli
