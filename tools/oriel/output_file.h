// Writes a whole text to a file; "-" is standard output.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "oriel/error.h"

namespace oriel::cli {

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
