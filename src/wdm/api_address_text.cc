// IPv4 addresses as text, as inet_aton reads them.
#include <ip2string.h>
#include <wdm.h>

#include <array>
#include <cstdint>
#include <cwchar>
#include <optional>

namespace {

bool is_digit(wchar_t c, unsigned base) {
  if (base == 16 && ((c >= L'a' && c <= L'f') || (c >= L'A' && c <= L'F'))) return true;
  return c >= L'0' && c < static_cast<wchar_t>(L'0' + (base == 8 ? 8 : 10));
}

/// Reads a number and moves behind it. Nothing: none, or above 32 bits, or not decimal where that
/// is asked for.
std::optional<std::uint64_t> read_number(const wchar_t*& at, bool is_strict) {
  unsigned base = 10;
  if (at[0] == L'0' && (at[1] == L'x' || at[1] == L'X')) {
    base = 16;
    at += 2;
  } else if (at[0] == L'0' && is_digit(at[1], 10)) {
    base = 8;
  }
  if (!is_digit(*at, base) || (is_strict && base != 10)) return std::nullopt;
  std::uint64_t number = 0;
  for (; is_digit(*at, base); ++at) {
    const auto digit = *at <= L'9' ? *at - L'0' : (*at | 0x20) - L'a' + 10;
    number = number * base + static_cast<std::uint64_t>(digit);
    if (number > 0xffffffffu) return std::nullopt;
  }
  return number;
}

}  // namespace

NTSTATUS NTAPI RtlIpv4StringToAddressW(PCWSTR text, BOOLEAN is_strict, LPCWSTR* end,
                                       struct in_addr* address) {
  std::array<std::uint64_t, 4> parts{};
  std::size_t count = 0;
  const wchar_t* at = text;
  for (;;) {
    const auto number = read_number(at, is_strict != FALSE);
    *end = at;
    if (!number) return STATUS_INVALID_PARAMETER;
    parts[count++] = *number;
    if (*at != L'.' || count == parts.size()) break;
    ++at;
  }
  if (is_strict && count != parts.size()) return STATUS_INVALID_PARAMETER;
  const std::uint64_t last = parts[count - 1];
  std::uint64_t value = last;
  if (last >> (8 * (5 - count)) != 0) return STATUS_INVALID_PARAMETER;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    if (parts[i] > 0xff) return STATUS_INVALID_PARAMETER;
    value |= parts[i] << (8 * (3 - i));
  }
  address->S_un.S_addr = RtlUlongByteSwap(static_cast<ULONG>(value));
  return STATUS_SUCCESS;
}
