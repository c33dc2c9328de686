// The encoding of RFC 3629.
#include "win32/utf8.h"

namespace oriel::win32 {

bool append_utf8(std::string& to, char32_t c) {
  const bool is_valid = c < 0xD800 || (c > 0xDFFF && c <= 0x10FFFF);
  if (!is_valid) c = kReplacement;
  auto put = [&to](char32_t byte) { to.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
  return is_valid;
}

std::optional<char32_t> next_of_utf8(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0x80) return first;
  if (first < 0xC2 || first > 0xF4) return std::nullopt;
  const int more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  char32_t c = first & (0x3F >> more);
  for (int i = 0; i < more; ++i) {
    if (at == text.size()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(text[at]);
    unsigned char least = 0x80;
    unsigned char most = 0xBF;
    if (i == 0 && first == 0xE0) least = 0xA0;
    if (i == 0 && first == 0xED) most = 0x9F;
    if (i == 0 && first == 0xF0) least = 0x90;
    if (i == 0 && first == 0xF4) most = 0x8F;
    if (byte < least || byte > most) return std::nullopt;
    c = c << 6 | (byte & 0x3F);
    ++at;
  }
  return c;
}

std::wstring widen(std::string_view utf8) {
  std::wstring wide;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto c = next_of_utf8(utf8, at);
    wide.push_back(static_cast<wchar_t>(c.value_or(kReplacement)));
    if (c) continue;
    while (at < utf8.size() && (utf8[at] & 0xC0) == 0x80) ++at;
  }
  return wide;
}

std::string narrow(std::wstring_view wide) {
  std::string utf8;
  for (const wchar_t c : wide) append_utf8(utf8, static_cast<char32_t>(c));
  return utf8;
}

}  // namespace oriel::win32
