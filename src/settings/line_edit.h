// One value of a TOML text changed, added or taken out; every other line stays as a person wrote
// it.
//
// The new text is read again before it is given out: if anything else would have changed, as where
// the value stands in an inline table, the edit is refused with a sentence.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "oriel/error.h"

namespace oriel::settings {

/// `value` is TOML. A new value goes behind its neighbours, or into a table at the end. `file` is
/// for sentences. Errors: kInvalidArgument.
Result<std::string> with_value(std::string_view text, const std::string& file,
                               const std::vector<std::string>& path, const std::string& value);

/// Takes out the value's line, with a comment that stands on it. A text without it stays as it is.
Result<std::string> without_value(std::string_view text, const std::string& file,
                                  const std::vector<std::string>& path);

}  // namespace oriel::settings
