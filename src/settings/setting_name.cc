#include "settings/setting_name.h"

#include <algorithm>

#include "settings/schema.h"

namespace oriel::settings {
namespace {

bool may_stand_in_a_name(char c) {
  return c > ' ' && c < 0x7f && c != '@' && c != '=' && c != ',' && c != '\\' && c != '"';
}

/// Names that `wrong` may have meant: those of its table, or those that contain its last part.
std::string names_near(std::string_view wrong) {
  const std::string_view table = wrong.substr(0, wrong.find('.') + 1);
  const std::string_view key = wrong.substr(wrong.rfind('.') + 1);
  std::string near;
  for (const Row& row : schema()) {
    const bool is_of_table = !table.empty() && row.name.starts_with(table);
    const bool is_like = key.size() > 2 && row.name.find(key) != row.name.npos;
    if (is_of_table || is_like) near += (near.empty() ? "" : ", ") + std::string(row.name);
  }
  return near;
}

}  // namespace

std::string SettingName::to_string() const {
  return std::string(row->name) + (interface.empty() ? "" : "@" + interface);
}

Result<SettingName> parse_name(std::string_view text) {
  const std::size_t at = std::min(text.find('@'), text.size());
  SettingName name;
  name.row = find_row(text.substr(0, at));
  if (name.row == nullptr) {
    const std::string near = names_near(text.substr(0, at));
    return fail(ErrorCode::kInvalidArgument,
                "there is no setting '" + std::string(text.substr(0, at)) + "': " +
                    (near.empty() ? "oriel settings list shows all" : "write one of " + near));
  }
  if (at == text.size()) return name;
  name.interface = text.substr(at + 1);
  if (const auto ok = check_interface(*name.row, name.interface); !ok) return Failure(ok.error());
  return name;
}

Result<void> check_interface(const Row& row, std::string_view interface) {
  if (!row.is_per_interface()) {
    return fail(ErrorCode::kInvalidArgument, std::string(row.name) +
                                                 " has one value for all interfaces: leave out '" +
                                                 std::string(interface) + "'");
  }
  const bool is_good = !interface.empty() && interface.size() <= kInterfaceBytesMax &&
                       std::all_of(interface.begin(), interface.end(), may_stand_in_a_name);
  if (is_good) return {};
  return fail(ErrorCode::kInvalidArgument,
              "'" + std::string(interface) +
                  "' is no interface: write an address of the stack, as in 10.0.0.2, or the name "
                  "of a link, as in oriel0");
}

}  // namespace oriel::settings
