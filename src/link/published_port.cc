// Published ports as people write them: "8080:80", "udp/5353:53", "127.0.0.1:8080:80".
#include <charconv>
#include <string>

#include "oriel/link.h"

namespace oriel {
namespace {

Failure port_forms(std::string_view word) {
  return fail(
      ErrorCode::kInvalidArgument,
      "'" + std::string(word) +
          "' does not publish a port: write HOSTPORT:PORT, with udp/ in front for datagrams "
          "and ADDRESS: before HOSTPORT to listen on one address, as in 8080:80, "
          "udp/5353:53 or [::1]:8080:80");
}

std::optional<std::uint16_t> to_port(std::string_view text) {
  unsigned value = 0;
  const char* end = text.data() + text.size();
  const auto r = std::from_chars(text.data(), end, value);
  if (r.ec != std::errc() || r.ptr != end || value == 0 || value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

/// Takes "tcp/" or "udp/" off the front; false: another word stands there.
bool take_protocol(std::string_view& text, bool& is_udp) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return true;
  const std::string_view protocol = text.substr(0, slash);
  text.remove_prefix(slash + 1);
  is_udp = protocol == "udp";
  return is_udp || protocol == "tcp";
}

std::string_view without_brackets(std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return text;
  return text.substr(1, text.size() - 2);
}

}  // namespace

Result<PublishedPort> PublishedPort::parse(std::string_view word) {
  PublishedPort p;
  std::string_view text = word;
  if (!take_protocol(text, p.is_udp)) return port_forms(word);
  const std::size_t last = text.rfind(':');
  if (last == std::string_view::npos) return port_forms(word);
  const auto port = to_port(text.substr(last + 1));
  text = text.substr(0, last);
  const std::size_t before = text.rfind(':');
  const bool has_address = before != std::string_view::npos;
  const auto host_port = to_port(has_address ? text.substr(before + 1) : text);
  if (!port || !host_port) return port_forms(word);
  if (has_address) {
    const auto address = IpAddress::parse(without_brackets(text.substr(0, before)));
    if (!address) return port_forms(word);
    p.host_address = *address;
  }
  p.host_port = *host_port;
  p.port = *port;
  return p;
}

std::string PublishedPort::to_string() const {
  std::string s = is_udp ? "udp/" : "";
  if (host_address) {
    s += host_address->is_v4() ? host_address->to_string() : "[" + host_address->to_string() + "]";
    s += ":";
  }
  return s + std::to_string(host_port) + ":" + std::to_string(port);
}

}  // namespace oriel
