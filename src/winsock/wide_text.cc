// UTF-8 as RFC 3629 has it: shortest forms only, nothing above U+10FFFF.
#include "winsock/wide_text.h"

#include <cstdint>

namespace oriel::winsock {
namespace {

constexpr std::uint32_t kReplacement = 0xfffd;

bool is_scalar(std::uint32_t c) {
  return c < 0xd800 || (c > 0xdfff && c < 0x110000);
}

// Bytes that follow the first byte of a character; -1: it cannot be first.
int bytes_after(std::uint8_t first) {
  if (first < 0x80) return 0;
  if (first >= 0xc2 && first < 0xe0) return 1;
  if (first >= 0xe0 && first < 0xf0) return 2;
  if (first >= 0xf0 && first < 0xf5) return 3;
  return -1;
}

// Takes one character off the front.
std::uint32_t take_character(std::string_view& text) {
  static constexpr std::uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
  const auto first = static_cast<std::uint8_t>(text[0]);
  const int more = bytes_after(first);
  text.remove_prefix(1);
  if (more <= 0) return more == 0 ? first : kReplacement;
  std::uint32_t c = first & (0x3fu >> more);
  for (int i = 0; i < more; ++i) {
    if (text.empty() || (text[0] & 0xc0) != 0x80) return kReplacement;
    c = c << 6 | (static_cast<std::uint8_t>(text[0]) & 0x3f);
    text.remove_prefix(1);
  }
  return is_scalar(c) && c >= kLeast[more] ? c : kReplacement;
}

void put(std::string& out, std::uint32_t c) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3f)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

std::wstring widen(std::string_view utf8) {
  std::wstring out;
  while (!utf8.empty()) out += static_cast<wchar_t>(take_character(utf8));
  return out;
}

std::string narrow(std::wstring_view wide) {
  std::string out;
  for (const wchar_t w : wide) {
    const auto c = static_cast<std::uint32_t>(w);
    put(out, is_scalar(c) ? c : kReplacement);
  }
  return out;
}

}  // namespace oriel::winsock
