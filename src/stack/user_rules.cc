// The file's rules replace their forerunners all at once.
#include "stack/user_rules.h"

#include <utility>

#include "oriel/filter_file.h"

namespace oriel::stack {

UserRules::UserRules(const Environment& environment) : path_(filters_path(environment)) {}

Result<void> UserRules::load(filter::Engine& engine) {
  if (path_.empty()) return {};
  const auto all = read_filter_file(path_);
  if (!all) return Failure(all.error());
  std::vector<FilterRule> rules;
  for (const auto& [name, words] : *all) {
    const auto rule = parse_filter(name, words);
    if (!rule) return Failure(rule.error());
    rules.push_back(*rule);
  }
  auto ids = engine.change(ids_, rules);
  if (!ids) return fail(ids.error().code, path_ + ": " + ids.error().message());
  ids_ = std::move(*ids);
  return {};
}

}  // namespace oriel::stack
