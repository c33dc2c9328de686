// One row for each name; registry values are read from the name itself.
#include "lab_modes.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

namespace oriel::cli {
namespace {

struct Row {
  std::string_view name;
  void (*apply)(LabMode& mode);
  bool is_in_matrix = true;
};

void set_receive_mode(LabMode& m, ReceiveMode mode) {
  m.socket.compatibility.receive_mode = mode;
}
void may_shrink(LabMode& m) {
  m.socket.compatibility.may_shrink_receive_buffer = true;
}

constexpr std::array kRows = {
    Row{"default", [](LabMode&) {}},
    Row{"autotuning-vista", [](LabMode& m) { set_receive_mode(m, ReceiveMode::kShiftTwo); }},
    Row{"autotuning-xp", [](LabMode& m) { set_receive_mode(m, ReceiveMode::kNoScaling); }},
    Row{"all-vista",
        [](LabMode& m) {
          set_receive_mode(m, ReceiveMode::kShiftTwo);
          may_shrink(m);
        }},
    Row{"all-xp", [](LabMode& m) { set_receive_mode(m, ReceiveMode::kNoScaling); }},
    Row{"receivebuffering-vista", may_shrink},
    Row{"level-disabled",
        [](LabMode& m) { m.settings.autotuning_level = AutotuningLevel::kDisabled; }},
    Row{"level-highlyrestricted",
        [](LabMode& m) { m.settings.autotuning_level = AutotuningLevel::kHighlyRestricted; }},
    Row{"level-restricted",
        [](LabMode& m) { m.settings.autotuning_level = AutotuningLevel::kRestricted; }},
    Row{"level-normal", [](LabMode& m) { m.settings.autotuning_level = AutotuningLevel::kNormal; }},
    Row{"level-experimental",
        [](LabMode& m) { m.settings.autotuning_level = AutotuningLevel::kExperimental; }},
    Row{"normal", [](LabMode&) {}, false},
    Row{"no-scaling", [](LabMode& m) { m.settings.autotuning_level = AutotuningLevel::kDisabled; },
        false},
};

// Each bit alone and both, a window with each, and the largest that may be written.
constexpr std::array<std::string_view, 8> kRegistryModes = {
    "xp",
    "xp-tcp1323opts-1",
    "xp-tcp1323opts-2",
    "xp-tcp1323opts-3",
    "xp-tcpwindowsize-17520",
    "xp-tcpwindowsize-262144",
    "xp-tcpwindowsize-262144-tcp1323opts-1",
    "xp-tcpwindowsize-1073741823-tcp1323opts-3",
};

constexpr std::uint32_t kTcpWindowSizeMin = 1;
constexpr std::uint32_t kTcpWindowSizeMax = 1'073'741'823;
constexpr std::uint32_t kRfc1323OptionsMax = 3;

// "-KEY-NUMBER" taken from the front of `rest`; nothing taken where it does not stand there.
std::optional<std::uint32_t> take_number(std::string_view& rest, std::string_view key,
                                         std::uint32_t min, std::uint32_t max) {
  if (rest.substr(0, key.size()) != key) return std::nullopt;
  const std::string_view digits = rest.substr(key.size());
  std::uint32_t value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || value < min || value > max) return std::nullopt;
  rest = digits.substr(static_cast<std::size_t>(stop - digits.data()));
  return value;
}

bool apply_registry(std::string_view name, LabMode& m) {
  if (name.substr(0, 2) != "xp") return false;
  m.settings.profile = OsProfile::kXp;
  std::string_view rest = name.substr(2);
  if (const auto bytes =
          take_number(rest, "-tcpwindowsize-", kTcpWindowSizeMin, kTcpWindowSizeMax)) {
    m.settings.tcp_window_bytes = *bytes;
  }
  if (const auto bits = take_number(rest, "-tcp1323opts-", 0, kRfc1323OptionsMax)) {
    m.settings.rfc1323_options = static_cast<std::uint8_t>(*bits);
  }
  return rest.empty();
}

}  // namespace

std::vector<std::string> compat_mode_names() {
  std::vector<std::string> names;
  for (const Row& r : kRows) {
    if (r.is_in_matrix) names.emplace_back(r.name);
  }
  for (const std::string_view name : kRegistryModes) names.emplace_back(name);
  return names;
}

Result<LabMode> find_lab_mode(std::string_view name) {
  LabMode mode;
  mode.name = name;
  for (const Row& r : kRows) {
    if (r.name != name) continue;
    r.apply(mode);
    return mode;
  }
  if (apply_registry(name, mode)) return mode;
  std::string known;
  for (const Row& r : kRows) known += (known.empty() ? "" : ", ") + std::string(r.name);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is not a mode; there are {}, "
                          "xp[-tcpwindowsize-BYTES][-tcp1323opts-0..3]",
                          name, known));
}

}  // namespace oriel::cli
