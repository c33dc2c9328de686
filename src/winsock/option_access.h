// Options that are a member of SocketOptions: the functions of their rows.
#pragma once

#include <cstring>

#include "winsock/option_table.h"

namespace oriel::winsock::option {

inline constexpr auto kAny = OptionFor::kAny;
inline constexpr auto kStream = OptionFor::kStream;
inline constexpr auto kDatagram = OptionFor::kDatagram;

using stack::Core;
using O = SocketOptions;

inline constexpr int kFlagBytes = sizeof(BOOL);
inline constexpr int kNumberBytes = sizeof(DWORD);

inline DWORD number(const void* value) {
  DWORD n;
  std::memcpy(&n, value, sizeof n);
  return n;
}
inline int give(void* value, DWORD n) {
  std::memcpy(value, &n, sizeof n);
  return 0;
}

// Options that are a member of SocketOptions.
template <bool SocketOptions::*Member>
int get_flag(Socket& s, Core&, void* value) {
  return give(value, s.options().*Member ? 1 : 0);
}
template <bool SocketOptions::*Member>
int set_flag(Socket& s, Core& core, const void* value) {
  s.options().*Member = number(value) != 0;
  s.apply_options(core);
  return 0;
}
template <DWORD SocketOptions::*Member>
int get_number(Socket& s, Core&, void* value) {
  return give(value, s.options().*Member);
}
template <DWORD SocketOptions::*Member>
int set_number(Socket& s, Core& core, const void* value) {
  s.options().*Member = number(value);
  s.apply_options(core);
  return 0;
}
template <DWORD SocketOptions::*Member, bool SocketOptions::*IsSet>
int set_buffer(Socket& s, Core& core, const void* value) {
  if (number(value) > 0x7fffffff) return WSAENOBUFS;
  s.options().*IsSet = true;
  return set_number<Member>(s, core, value);
}

/// A number that must lie within [kMin, kMax].
template <auto Member, DWORD kMin, DWORD kMax>
int set_within(Socket& s, Core& core, const void* value) {
  const DWORD n = number(value);
  if (n - kMin > kMax - kMin) return WSAEINVAL;
  using Kept = std::remove_reference_t<decltype(s.options().*Member)>;
  s.options().*Member = static_cast<Kept>(n);
  s.apply_options(core);
  return 0;
}
template <auto Member>
int get_kept(Socket& s, Core&, void* value) {
  return give(value, static_cast<DWORD>(s.options().*Member));
}

/// Flags that are remembered, one bit each.
template <KeptFlag kFlag>
int get_bit(Socket& s, Core&, void* value) {
  return give(value, s.options().has(kFlag) ? 1 : 0);
}
template <KeptFlag kFlag>
int set_bit(Socket& s, Core&, const void* value) {
  s.options().set(kFlag, number(value) != 0);
  return 0;
}

template <bool SocketOptions::*Member>
constexpr OptionRow flag(int level, int name, OptionFor kinds) {
  return {level, name, kinds, OptionShape::kFlag, kFlagBytes, get_flag<Member>, set_flag<Member>};
}
/// A BOOL of which one byte is enough.
template <KeptFlag kFlag>
constexpr OptionRow bit(int level, int name, OptionFor kinds) {
  return {level, name, kinds, OptionShape::kFlag, kFlagBytes, get_bit<kFlag>, set_bit<kFlag>};
}
/// BOOLs that need all their bytes.
template <bool SocketOptions::*Member>
constexpr OptionRow whole_flag(int level, int name, OptionFor kinds) {
  OptionRow row = flag<Member>(level, name, kinds);
  row.shape = OptionShape::kNumber;
  return row;
}
template <KeptFlag kFlag>
constexpr OptionRow whole_bit(int level, int name, OptionFor kinds) {
  return {level, name, kinds, OptionShape::kNumber, kNumberBytes, get_bit<kFlag>, set_bit<kFlag>};
}
/// A number within bounds; of `kByte` ones the lowest byte is enough.
template <auto Member, DWORD kMin, DWORD kMax>
constexpr OptionRow within(int level, int name, OptionFor kinds,
                           OptionShape shape = OptionShape::kNumber) {
  return {
      level, name, kinds, shape, kNumberBytes, get_kept<Member>, set_within<Member, kMin, kMax>};
}

}  // namespace oriel::winsock::option
