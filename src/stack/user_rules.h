// The rules of the user's file (oriel/filter_file.h) in a host's engine, beside whatever else is
// there.
#pragma once

#include <string>
#include <vector>

#include "filter/engine.h"
#include "oriel/environment.h"

namespace oriel::stack {

/// Thread: one at a time.
class UserRules {
 public:
  explicit UserRules(const Environment& environment);

  /// Empty: nothing says where the file lies.
  const std::string& path() const { return path_; }

  /// Puts the file's rules in the place of those that it gave before. On any error (a sentence that
  /// names the file) the engine keeps what it has.
  Result<void> load(filter::Engine& engine);

 private:
  std::string path_;
  std::vector<FilterId> ids_;
};

}  // namespace oriel::stack
