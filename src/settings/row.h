// One row of the schema: all that is known about one setting.
//
// Parsing, printing, the guide's table, the ranges of simulations and the names on Windows come
// from these rows and from nowhere else. A built-in value stands once, as the default of its field
// in `HostSettings`, and the row reads it from there. Values of every kind are one whole number.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/profile_numbers.h"
#include "oriel/settings.h"

namespace oriel::settings {

enum class Kind : std::uint8_t { kBool, kNumber, kDuration, kWord };

/// False or true, the number, nanoseconds, or the word's index in its row's list.
using Value = std::int64_t;

/// When a change reaches a running stack.
enum class Effect : std::uint8_t { kNewConnections, kNewListeners, kAtOnce, kNextStart };

/// The profiles that know a setting; with others it has no effect.
struct ProfileRange {
  OsProfile first = OsProfile::k2000;
  OsProfile last = OsProfile::k11;
};

/// Its value in the registry: REG_DWORD below Tcpip\Parameters, of which 1 means `unit`.
struct RegistryName {
  std::string_view value = {};  ///< empty: none
  Value unit = 1;
};

enum class NetshContext : std::uint8_t { kNone, kTcpGlobal, kWinsock };

/// Its parameter of `netsh`; durations are written in milliseconds.
struct NetshName {
  NetshContext context = NetshContext::kNone;
  std::string_view word = {};
  std::string_view label = {};  ///< in the answer to `show`
};

/// Both ends included; low == high: simulations leave the setting alone.
struct Range {
  Value low = 0;
  Value high = 0;
};

struct Row {
  std::string_view name;   ///< the first part is the table in the file, the second the key
  std::string_view about;  ///< one line
  Kind kind = Kind::kBool;
  Range range = {0, 1};
  std::string_view unit = {};  ///< of numbers
  std::span<const std::string_view> words = {};
  ProfileRange profiles = {};
  Effect effect = Effect::kNewConnections;
  RegistryName registry = {};
  NetshName netsh = {};
  std::string_view socket_calls = {};  ///< with which a socket answers for itself; empty: none
  Range simulated = {};
  /// nullptr: profiles do not differ.
  Value (*of_profile)(const ProfileNumbers& numbers) = nullptr;
  /// nullopt: nothing is set; the profile's number holds, or the stack works one out.
  std::optional<Value> (*read)(const HostSettings& from) = nullptr;
  void (*write)(HostSettings& to, Value value) = nullptr;
  /// For an interface of its own; nullptr: the setting has one value for all.
  void (*write_interface)(InterfaceSettings& to, Value value) = nullptr;

  bool is_per_interface() const { return write_interface != nullptr; }
};

}  // namespace oriel::settings
