// The settings of the process's host follow the files that they came from.
//
// The kernel tells when one of them may have changed; nothing is asked in between. A file that is
// wrong while the program runs changes nothing: one sentence goes to the standard error, once.
#pragma once

#include <optional>
#include <string>

#include "oriel/environment.h"
#include "oriel/settings.h"
#include "runtime/file_watch.h"

namespace oriel::stack {

/// Thread: one at a time.
class SettingsWatch {
 public:
  /// Watches from now on: what is read afterwards is not missed.
  explicit SettingsWatch(const Environment& environment);

  /// Readable when `take` has something to do; -1: changes cannot be heard.
  int fd() const { return files_.fd(); }
  /// The settings as they are now, if they may have changed and their files are good.
  std::optional<HostSettings> take();

 private:
  Environment environment_;
  runtime::FileWatch files_;
  std::string complaint_;  ///< the last one said; empty: the files are good
};

}  // namespace oriel::stack
