// UTF-8 to code points and back, strictly: no overlong forms, no surrogates, nothing above
// U+10FFFF.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace oriel::win32 {

inline constexpr char32_t kReplacement = 0xFFFD;

/// Code points that UTF-8 cannot hold become U+FFFD; returns false for those.
bool append_utf8(std::string& to, char32_t code_point);

/// Reads the code point at `at` (< text.size()) and moves behind it; nothing: ill-formed, and `at`
/// has moved behind the longest part that could have begun one.
std::optional<char32_t> next_of_utf8(std::string_view text, std::size_t& at);

}  // namespace oriel::win32
