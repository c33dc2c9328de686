// A rule's words and what they mean: parse_filter.
#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "oriel/filter_file.h"

namespace oriel {
namespace {

constexpr std::array<std::string_view, 11> kKeys = {
    "action",      "layer",     "protocol", "local",  "local_port", "remote",
    "remote_port", "direction", "loopback", "weight", "final"};
constexpr std::size_t kNameCharsMax = 64;

std::string_view trim(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

Failure wrong(std::string_view key, std::string_view word, const char* allowed) {
  return fail(ErrorCode::kInvalidArgument,
              std::string(key) + ": '" + std::string(word) + "' is none; write " + allowed);
}

// Each piece between commas; an empty list is none.
Result<void> for_each_piece(std::string_view text,
                            const std::function<Result<void>(std::string_view)>& take) {
  for (;;) {
    const std::size_t comma = text.find(',');
    if (auto ok = take(trim(text.substr(0, comma))); !ok) return ok;
    if (comma == text.npos) return {};
    text.remove_prefix(comma + 1);
  }
}

template <class Number>
bool read_number(std::string_view text, Number max, Number& out) {
  const auto [end, e] = std::from_chars(text.data(), text.data() + text.size(), out);
  return e == std::errc{} && end == text.data() + text.size() && out <= max;
}

constexpr const char* kAddresses =
    "addresses, networks or ranges, as in 10.0.0.1, 10.0.0.0/8, fd00::/8, 10.0.0.1-10.0.0.9";

Result<void> add_addresses(std::string_view key, std::string_view text,
                           std::vector<AddressRange>& out) {
  return for_each_piece(text, [&](std::string_view piece) -> Result<void> {
    const std::size_t dash = piece.find('-');
    if (piece.find('/') != piece.npos) {
      const auto prefix = Prefix::parse(piece);
      if (!prefix) return wrong(key, piece, kAddresses);
      out.push_back(AddressRange::of(*prefix));
      return {};
    }
    const auto first = IpAddress::parse(trim(piece.substr(0, dash)));
    const auto last = dash == piece.npos ? first : IpAddress::parse(trim(piece.substr(dash + 1)));
    if (!first || !last || first->is_v4() != last->is_v4() || *last < *first) {
      return wrong(key, piece, kAddresses);
    }
    out.push_back({*first, *last});
    return {};
  });
}

constexpr const char* kPorts = "ports from 0 to 65535 or ranges of them, as in 80, 8000-8080";

Result<void> add_ports(std::string_view key, std::string_view text, std::vector<PortRange>& out) {
  return for_each_piece(text, [&](std::string_view piece) -> Result<void> {
    const std::size_t dash = piece.find('-');
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    if (!read_number<std::uint32_t>(trim(piece.substr(0, dash)), 65535, first)) {
      return wrong(key, piece, kPorts);
    }
    last = first;
    if (dash != piece.npos &&
        !read_number<std::uint32_t>(trim(piece.substr(dash + 1)), 65535, last)) {
      return wrong(key, piece, kPorts);
    }
    if (last < first) return wrong(key, piece, kPorts);
    out.push_back({static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last)});
    return {};
  });
}

Result<void> add_protocols(std::string_view text, std::vector<std::uint8_t>& out) {
  return for_each_piece(text, [&](std::string_view piece) -> Result<void> {
    std::uint32_t number = 0;
    if (piece == "tcp") {
      number = filter_protocol::kTcp;
    } else if (piece == "udp") {
      number = filter_protocol::kUdp;
    } else if (piece == "icmp") {
      number = filter_protocol::kIcmp;
    } else if (piece == "icmpv6") {
      number = filter_protocol::kIcmpv6;
    } else if (!read_number<std::uint32_t>(piece, 255, number)) {
      return wrong("protocol", piece, "tcp, udp, icmp, icmpv6 or a number up to 255");
    }
    out.push_back(static_cast<std::uint8_t>(number));
    return {};
  });
}

Result<void> read_layer(std::string_view word, FilterLayer& out) {
  for (std::size_t i = 0; i < kFilterLayers; ++i) {
    out = static_cast<FilterLayer>(i);
    if (word == to_string(out)) return {};
  }
  return wrong("layer", word, "connect, accept, inbound-transport, outbound-transport or stream");
}

Result<bool> read_truth(std::string_view key, std::string_view word) {
  if (word == "yes" || word == "true") return true;
  if (word == "no" || word == "false") return false;
  return wrong(key, word, "yes or no");
}

Result<void> read_word(std::string_view key, std::string_view word, FilterRule& rule) {
  if (key == "action") {
    if (word != "block" && word != "permit") return wrong(key, word, "block or permit");
    rule.action = word == "block" ? FilterAction::kBlock : FilterAction::kPermit;
    return {};
  }
  if (key == "layer") return read_layer(word, rule.layer);
  if (key == "protocol") return add_protocols(word, rule.protocols);
  if (key == "local") return add_addresses(key, word, rule.local_addresses);
  if (key == "remote") return add_addresses(key, word, rule.remote_addresses);
  if (key == "local_port") return add_ports(key, word, rule.local_ports);
  if (key == "remote_port") return add_ports(key, word, rule.remote_ports);
  if (key == "direction") {
    if (word != "in" && word != "out") return wrong(key, word, "in or out");
    rule.direction = word == "in" ? FilterDirection::kInbound : FilterDirection::kOutbound;
    return {};
  }
  if (key == "weight") {
    constexpr std::uint64_t kMax = ~std::uint64_t{0};
    if (read_number(word, kMax, rule.weight)) return {};
    return wrong(key, word, "a number from 0 to 18446744073709551615");
  }
  const auto truth = read_truth(key, word);
  if (!truth) return Failure(truth.error());
  if (key == "loopback") rule.is_loopback = *truth;
  if (key == "final") rule.is_final = *truth;
  return {};
}

}  // namespace

std::span<const std::string_view> filter_keys() {
  return kKeys;
}

bool is_filter_name(std::string_view name) {
  const auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return !name.empty() && name.size() <= kNameCharsMax &&
         std::all_of(name.begin(), name.end(), is_good);
}

Result<FilterRule> parse_filter(const std::string& name, const FilterWords& words) {
  if (!is_filter_name(name)) {
    return fail(ErrorCode::kInvalidArgument,
                "'" + name + "' names no rule: write 1 to 64 letters, digits, - and _");
  }
  FilterRule rule;
  rule.name = name;
  for (const auto& [key, word] : words) {
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
      return fail(ErrorCode::kInvalidArgument,
                  "there is no key '" + key +
                      "': write action, layer, protocol, local, local_port, remote, remote_port, "
                      "direction, loopback, weight or final");
    }
    if (const auto ok = read_word(key, trim(word), rule); !ok) return Failure(ok.error());
  }
  for (const std::string_view key : {kKeys[0], kKeys[1]}) {
    if (words.find(key) != words.end()) continue;
    return fail(ErrorCode::kInvalidArgument,
                key == "action" ? "action is missing: write block or permit"
                                : "layer is missing: write connect, accept, inbound-transport, "
                                  "outbound-transport or stream");
  }
  if (rule.is_final && rule.action == FilterAction::kBlock) {
    return fail(ErrorCode::kInvalidArgument, "final: only a permit takes it; a block always is");
  }
  return rule;
}

}  // namespace oriel
