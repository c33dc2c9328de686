// Asking every process of a domain at once, and waiting for the answers no longer than a limit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "oriel/error.h"
#include "oriel/time.h"

namespace oriel::loopback {

/// What one process said.
struct Answer {
  int pid = 0;
  std::string program;
  bool is_whole = false;  ///< false: it did not answer in time, or broke off
  std::string text;
};

/// Bytes that are believed of one process.
inline constexpr std::size_t kAnswerBytesMax = 64u << 20;

/// Errors: kInvalidArgument (the domain's name). Thread: any; waits.
Result<std::vector<Answer>> ask_all(std::string_view domain, Duration limit);

}  // namespace oriel::loopback
