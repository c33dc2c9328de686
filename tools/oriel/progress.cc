// Carriage return and erase-to-end: understood by every terminal in use.
#include "progress.h"

#include <unistd.h>

#include <cstdio>

namespace oriel::cli {
namespace {
constexpr auto kQuietFor = std::chrono::seconds(2);
constexpr auto kInterval = std::chrono::milliseconds(100);
}  // namespace

Progress::Progress() : is_terminal_(::isatty(2) != 0), start_(Clock::now()), last_(start_) {}

void Progress::show(const std::string& text) {
  if (!is_terminal_) return;
  const auto now = Clock::now();
  if (now - start_ < kQuietFor || now - last_ < kInterval) return;
  last_ = now;
  is_shown_ = true;
  std::fprintf(stderr, "\r\033[K%s", text.c_str());
  std::fflush(stderr);
}

void Progress::clear() {
  if (!is_shown_) return;
  is_shown_ = false;
  std::fprintf(stderr, "\r\033[K");
  std::fflush(stderr);
}

}  // namespace oriel::cli
