// The settings of the process's host, and the user's filter rules in it, follow the files that they
// came from.
//
// The kernel tells when one of them may have changed; nothing is asked in between. A file that is
// wrong while the program runs changes nothing: one sentence goes to the standard error, once.
#pragma once

#include <optional>
#include <string>

#include "oriel/environment.h"
#include "oriel/settings.h"
#include "runtime/file_watch.h"
#include "stack/user_rules.h"

namespace oriel::stack {

/// Thread: one at a time.
class SettingsWatch {
 public:
  /// Watches from now on: what is read afterwards is not missed.
  explicit SettingsWatch(const Environment& environment);

  /// Readable when `take` has something to do; -1: changes cannot be heard.
  int fd() const { return files_.fd(); }
  struct Changes {
    std::optional<HostSettings> settings;  ///< as they are now, if they may have changed
    bool are_rules_new = false;            ///< rules() has others to put in
  };
  /// What became of the files that are good.
  Changes take();
  UserRules& rules() { return rules_; }
  /// Says that those cannot be put in.
  void complain_about_rules(const Error& error) { complain(rules_complaint_, error, "rules"); }

 private:
  static void complain(std::string& last, const Error& error, const char* what);

  Environment environment_;
  runtime::FileWatch files_;
  UserRules rules_;
  std::string settings_complaint_;  ///< the last one said; empty: the files are good
  std::string rules_complaint_;
};

}  // namespace oriel::stack
