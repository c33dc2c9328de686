// The file's rules replace their forerunners all at once.
#include "stack/user_rules.h"

#include <utility>

namespace oriel::stack {

UserRules::UserRules(const Environment& environment) : path_(filters_path(environment)) {}

Result<bool> UserRules::read() {
  if (path_.empty()) return false;
  auto all = read_filter_file(path_);
  if (!all) return Failure(all.error());
  if (*all == words_) return false;
  std::vector<FilterRule> rules;
  for (const auto& [name, words] : *all) {
    const auto rule = parse_filter(name, words);
    if (!rule) return Failure(rule.error());
    rules.push_back(*rule);
  }
  words_ = std::move(*all);
  rules_ = std::move(rules);
  return true;
}

Result<void> UserRules::put(filter::Engine& engine) {
  auto ids = engine.change(ids_, rules_);
  if (!ids) return fail(ids.error().code, path_ + ": " + ids.error().message());
  ids_ = std::move(*ids);
  return {};
}

Result<void> UserRules::load(filter::Engine& engine) {
  const auto is_new = read();
  if (!is_new) return Failure(is_new.error());
  return *is_new ? put(engine) : Result<void>{};
}

}  // namespace oriel::stack
