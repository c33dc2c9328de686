// A setting's value as people write it, and back.
//
// One form for the file, the command line and the tables: true or false; a whole number; a time
// with its unit, as in 300ms; a word of the row's list. Nothing is guessed and nothing is rounded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "oriel/error.h"
#include "settings/row.h"

namespace oriel::settings {

/// What may be written: "write true or false", "write 1 to 255", "write one of ...".
std::string allowed(const Row& row);

/// Errors: kInvalidArgument, "'VALUE' is ...: write ...".
Result<Value> parse_value(const Row& row, std::string_view text);

/// A time in the largest unit that divides it.
std::string print_value(const Row& row, Value value);

/// The same as TOML: words and times in quotes.
std::string toml_value(const Row& row, Value value);

/// Digits, or hexadecimal ones behind 0x; nullopt: something else, or more than 2^63 - 1.
std::optional<Value> parse_whole(std::string_view text);

bool is_in(const Range& range, Value value);
/// Of words: every index.
Range range_of(const Row& row);

}  // namespace oriel::settings
