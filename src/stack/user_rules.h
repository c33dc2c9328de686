// The rules of the user's file (oriel/filter_file.h) in a host's engine, beside whatever else is
// there.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "filter/engine.h"
#include "oriel/environment.h"
#include "oriel/filter_file.h"

namespace oriel::stack {

/// Thread: one at a time; `put` and `load`: the host's owner.
class UserRules {
 public:
  explicit UserRules(const Environment& environment);

  /// Empty: nothing says where the file lies.
  const std::string& path() const { return path_; }

  /// Reads the file. False: it says what it said before. Errors: a sentence that names the file.
  Result<bool> read();
  /// Puts the rules that were read in the place of those that were there before. On any error the
  /// engine keeps what it has.
  Result<void> put(filter::Engine& engine);
  /// Both.
  Result<void> load(filter::Engine& engine);

 private:
  std::string path_;
  std::vector<std::pair<std::string, FilterWords>> words_;  ///< read last
  std::vector<FilterRule> rules_;
  std::vector<FilterId> ids_;  ///< in the engine
};

}  // namespace oriel::stack
