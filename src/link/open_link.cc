// From a word on a command line to a device: "user", "tun:NAME", "tap:NAME", "unix:PATH".
#include <string>

#include "oriel/link.h"

namespace oriel {
namespace {

Error link_forms(std::string_view spec) {
  return {ErrorCode::kInvalidArgument,
          "'" + std::string(spec) +
              "' is not a link: write user (no rights needed), tun:NAME, tap:NAME (network "
              "devices) or unix:PATH (a socket between two processes)"};
}

}  // namespace

Result<std::unique_ptr<Device>> open_link(std::string_view spec, bool is_listener) {
  if (spec == "user") return open_user_net();
  const std::size_t colon = spec.find(':');
  if (colon == std::string_view::npos || colon + 1 == spec.size()) return Failure(link_forms(spec));
  const std::string_view kind = spec.substr(0, colon);
  const std::string rest(spec.substr(colon + 1));
  if (kind == "tun" || kind == "tap") {
    TunOptions options;
    options.name = rest;
    options.is_tap = kind == "tap";
    options.may_create = is_listener;  // else a name that was typed wrong would become a device
    return open_tun(options);
  }
  if (kind == "unix") {
    UnixLinkOptions options;
    options.path = rest;
    options.is_listener = is_listener;
    return open_unix_link(options);
  }
  return Failure(link_forms(spec));
}

}  // namespace oriel
