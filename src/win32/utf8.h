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

// Whole texts, as the A and W forms of a function hand them to each other. WCHAR is the 32-bit
// wchar_t of Linux, so a character is one unit. What is no character becomes one U+FFFD, together
// with the bytes 0x80 to 0xBF that follow it.
std::wstring widen(std::string_view utf8);
std::string narrow(std::wstring_view wide);

}  // namespace oriel::win32
