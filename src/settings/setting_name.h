// The name of a setting, for all or for one interface: tcp.window_bytes, tcp.window_bytes@10.0.0.2.
#pragma once

#include <string>
#include <string_view>

#include "oriel/error.h"
#include "settings/row.h"

namespace oriel::settings {

inline constexpr std::size_t kInterfaceBytesMax = 64;

struct SettingName {
  const Row* row = nullptr;
  std::string interface;  ///< an address of the stack or the name of a link; empty: for all

  std::string to_string() const;
};

/// Errors: kInvalidArgument with the names that come near, or what the interface's may be.
Result<SettingName> parse_name(std::string_view text);

/// Whether `interface` may be one's name, and `row` may have values for it.
Result<void> check_interface(const Row& row, std::string_view interface);

}  // namespace oriel::settings
