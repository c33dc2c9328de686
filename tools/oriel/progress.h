// One line on the terminal for anything that takes more than two seconds; nothing elsewhere.
#pragma once

#include <chrono>
#include <string>

namespace oriel::cli {

class Progress {
 public:
  Progress();
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Shows `text` in place of the last one, at most ten times a second.
  void show(const std::string& text);
  /// Takes the line away, so that output may follow.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool is_terminal_;
  bool is_shown_ = false;
  Clock::time_point start_;
  Clock::time_point last_;
};

}  // namespace oriel::cli
