// The user's file of filter rules, which every process of the user with a stack of its own reads
// when that stack starts.
//
//   [no-web]                       # a rule's name
//   action = "block"
//   layer = "connect"
//   remote = "192.0.2.0/24, 2001:db8::/32"
//   remote_port = "80, 8000-8080"
//
// docs/guide/filter.md has the table of words.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "oriel/environment.h"
#include "oriel/error.h"
#include "oriel/export.h"
#include "oriel/filter.h"

namespace oriel {

/// A rule as words by key, such as {"layer", "connect"}.
using FilterWords = std::map<std::string, std::string, std::less<>>;

/// The keys that a rule may have, "action" and "layer" first, which it must have.
ORIEL_API std::span<const std::string_view> filter_keys();

/// What the words say. Errors: kInvalidArgument with one sentence that names the key and lists what
/// is allowed.
ORIEL_API Result<FilterRule> parse_filter(const std::string& name, const FilterWords& words);

/// Names are 1 to 64 letters, digits, '-' and '_'.
ORIEL_API bool is_filter_name(std::string_view name);

/// Where the file lies: ORIEL_FILTERS, else $XDG_CONFIG_HOME/oriel/filters.toml, else
/// ~/.config/oriel/filters.toml. Empty: nothing says where.
ORIEL_API std::string filters_path(const Environment& environment);

/// The rules of a text in its order. `name` is for sentences. Errors as parse_filter.
ORIEL_API Result<std::vector<std::pair<std::string, FilterWords>>> read_filters(
    std::string_view text, const std::string& name);

/// The rules of the file; none if it is not there. Errors also: kPermissionDenied and others, with
/// a sentence that names the file.
ORIEL_API Result<std::vector<std::pair<std::string, FilterWords>>> read_filter_file(
    const std::string& path);

/// Adds a rule to the file, which is made if it is not there; everything else in it stays as it is.
/// Errors: kAddressInUse (the name is taken).
ORIEL_API Result<void> add_to_filter_file(const std::string& path, const std::string& name,
                                          const FilterWords& words);
/// kNotFound: no rule has that name.
ORIEL_API Result<void> delete_from_filter_file(const std::string& path, const std::string& name);

}  // namespace oriel
