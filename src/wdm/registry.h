// The keys of drivers: values under a path, in memory.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace oriel::wdm {

/// One value: a number, or text.
struct RegistryValue {
  bool is_number = false;
  std::uint32_t number = 0;
  std::wstring text;
};
using RegistryKey = std::map<std::wstring, RegistryValue>;

/// NAME=VALUE lines as a key; false: a line has no name or no '='.
bool parse_key(std::string_view lines, RegistryKey& key);

/// What lies under `path`. Thread: none may query meanwhile.
void set_key(const std::wstring& path, RegistryKey key);

}  // namespace oriel::wdm
