// A TOML text as a list of its entries, each with its place, so that sentences can name a line and
// an edit can change one value and nothing else.
//
// The only file that includes toml++ (docs/adr/0014). Tables are flattened: [a] with b = 1 is the
// entry a.b; a table without entries is an entry of its own, so that nothing goes unnoticed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "oriel/error.h"

namespace oriel::settings {

struct TomlEntry {
  enum class Kind : std::uint8_t { kText, kWhole, kBool, kTexts, kEmptyTable, kOther };

  std::vector<std::string> path;  ///< keys from the outermost table to the entry's own
  Kind kind = Kind::kOther;
  std::string text;           ///< of a text, number or truth; texts of a list joined with commas
  std::size_t line = 0;       ///< from 1
  std::size_t key_begin = 0;  ///< byte offsets in the whole text; the key's last part
  std::size_t value_begin = 0;
  std::size_t value_end = 0;
};

inline constexpr std::size_t kTomlBytesMax = 1u << 20;

/// Entries in the order of the text. `name` is for the sentence of an error, which has the line.
Result<std::vector<TomlEntry>> read_toml(std::string_view text, const std::string& name);

/// "NAME, line 3: KEY" of an entry, for sentences.
std::string place_of(const TomlEntry& entry, const std::string& name);

/// The keys joined with dots; those that TOML would want in quotes are in quotes.
std::string dotted(const std::vector<std::string>& path);

/// `text` as a TOML string in quotes.
std::string toml_quoted(std::string_view text);

}  // namespace oriel::settings
