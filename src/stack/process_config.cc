// One row for each variable: its name, its key in the file, what reads its word.
#include "stack/process_config.h"

#include <algorithm>
#include <charconv>

#include "loopback/names.h"

namespace oriel::stack {
namespace {

constexpr std::size_t kInterfaceNameMax = 15;  ///< IFNAMSIZ - 1

std::string quoted(std::string_view word) {
  return "'" + std::string(word) + "'";
}

/// "a, b" into its words; empty ones are dropped.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view word = text.substr(0, comma);
    while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
    while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
    if (!word.empty()) words.push_back(word);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return words;
}

Result<void> read_link(std::string_view word, ProcessConfig& c) {
  const std::size_t colon = word.find(':');
  const std::string_view kind = word.substr(0, colon);
  const std::string_view rest = colon == word.npos ? "" : word.substr(colon + 1);
  const bool is_device = (kind == "tun" || kind == "tap") && !rest.empty();
  if (word != "user" && !is_device && !(kind == "unix" && !rest.empty())) {
    return fail(ErrorCode::kInvalidArgument,
                quoted(word) + " is not a link: write user, tun:NAME, tap:NAME or unix:PATH");
  }
  if (is_device && (rest.size() > kInterfaceNameMax || rest.find('/') != rest.npos)) {
    return fail(ErrorCode::kInvalidArgument,
                quoted(rest) +
                    " is not the name of a device: it has at most 15 characters, none "
                    "of them a slash");
  }
  c.link = word;
  return {};
}

Result<void> read_address(std::string_view text, ProcessConfig& c) {
  for (const std::string_view word : split(text)) {
    const auto prefix = Prefix::parse(word);
    if (!prefix || prefix->address.is_unspecified() || prefix->address.is_multicast()) {
      return fail(ErrorCode::kInvalidArgument,
                  quoted(word) +
                      " is not an address with its network: write 10.0.0.2/24 or "
                      "fd00::2/64, several separated by commas");
    }
    c.addresses.push_back(*prefix);
  }
  return {};
}

Result<std::vector<IpAddress>> read_addresses(std::string_view text) {
  std::vector<IpAddress> all;
  for (const std::string_view word : split(text)) {
    const auto address = IpAddress::parse(word);
    if (!address || address->is_unspecified() || address->is_multicast()) {
      return fail(ErrorCode::kInvalidArgument,
                  quoted(word) +
                      " is not an address: write 10.0.0.1 or fd00::1, several separated by commas");
    }
    all.push_back(*address);
  }
  return all;
}

Result<void> read_gateway(std::string_view text, ProcessConfig& c) {
  const auto all = read_addresses(text);
  if (!all) return Failure(all.error());
  for (const IpAddress& a : *all) {
    auto& gateway = a.is_v4() ? c.gateway_v4 : c.gateway_v6;
    if (gateway) {
      return fail(ErrorCode::kInvalidArgument,
                  quoted(text) +
                      " has two gateways of one family: write one for IPv4 and one for "
                      "IPv6 at most");
    }
    gateway = a;
  }
  return {};
}

Result<void> read_dns(std::string_view text, ProcessConfig& c) {
  auto all = read_addresses(text);
  if (!all) return Failure(all.error());
  c.dns = std::move(*all);
  return {};
}

Result<void> read_publish(std::string_view text, ProcessConfig& c) {
  for (const std::string_view word : split(text)) {
    const auto port = PublishedPort::parse(word);
    if (!port) return Failure(port.error());
    c.publish.push_back(*port);
  }
  return {};
}

// Said for profiles whose default window depends on it; it slows nothing down.
Result<void> read_link_rate(std::string_view word, ProcessConfig& c) {
  std::uint64_t number = 0;
  const auto r = std::from_chars(word.data(), word.data() + word.size(), number);
  const std::string_view unit = word.substr(static_cast<std::size_t>(r.ptr - word.data()));
  constexpr std::uint64_t kNumberMax = 1'000'000;
  std::uint64_t bits = 0;
  if (r.ec == std::errc() && number <= kNumberMax) {
    if (unit == "kbit") bits = number * 1'000;
    if (unit == "mbit") bits = number * 1'000'000;
    if (unit == "gbit") bits = number * 1'000'000'000;
  }
  if (bits == 0) {
    return fail(ErrorCode::kInvalidArgument,
                quoted(word) + " is not the speed of a link: write 56kbit, 10mbit or 1gbit");
  }
  c.link_bits_per_second = bits;
  return {};
}

Result<void> read_pcap(std::string_view word, ProcessConfig& c) {
  c.pcap = word;
  return {};
}

Result<void> read_end_wait(std::string_view word, ProcessConfig& c) {
  std::int64_t number = -1;
  const auto r = std::from_chars(word.data(), word.data() + word.size(), number);
  const std::string_view unit = word.substr(static_cast<std::size_t>(r.ptr - word.data()));
  Duration wait{-1};
  if (r.ec == std::errc() && number >= 0 && number <= 600'000) {
    if (unit == "ms") wait = std::chrono::milliseconds(number);
    if (unit == "s") wait = std::chrono::seconds(number);
  }
  if (wait < Duration{0} || wait > kEndWaitMax) {
    return fail(ErrorCode::kInvalidArgument,
                quoted(word) + " is not a time: write 0s to 600s, or milliseconds as in 500ms");
  }
  c.end_wait = wait;
  return {};
}

Result<void> read_host(std::string_view word, ProcessConfig& c) {
  if (const auto names = loopback::Names::of_domain(word); !names) return Failure(names.error());
  c.host = word;
  return {};
}

struct Row {
  std::string_view variable;
  std::string_view key;
  Result<void> (*read)(std::string_view word, ProcessConfig& config);
};
constexpr Row kRows[] = {{"ORIEL_LINK", "link", read_link},
                         {"ORIEL_ADDRESS", "address", read_address},
                         {"ORIEL_GATEWAY", "gateway", read_gateway},
                         {"ORIEL_DNS", "dns", read_dns},
                         {"ORIEL_PUBLISH", "publish", read_publish},
                         {"ORIEL_LINK_RATE", "link_rate", read_link_rate},
                         {"ORIEL_PCAP", "pcap", read_pcap},
                         {"ORIEL_HOST", "host", read_host},
                         {"ORIEL_END_WAIT", "end_wait", read_end_wait}};

bool is_in(const Prefix& network, const IpAddress& a) {
  return network.contains(a) && a.is_v4() == network.address.is_v4();
}

Result<void> finish_user(ProcessConfig& c) {
  const UserNetPlan plan = user_net_plan();
  for (const Prefix& p : c.addresses) {
    const IpAddress& a = p.address;
    const bool is_inside = is_in(plan.address_v4, a) || is_in(plan.address_v6, a);
    const bool is_taken =
        a == plan.gateway_v4 || a == plan.gateway_v6 || a == plan.dns_v4 || a == plan.dns_v6;
    if (!is_inside || is_taken) {
      return fail(ErrorCode::kInvalidArgument,
                  "ORIEL_ADDRESS: " + quoted(p.to_string()) +
                      " is not on the user link: leave it out, or write one of 10.0.2.0/24 and "
                      "fec0::/64 but not their .2 and .3");
    }
  }
  if (c.addresses.empty()) c.addresses = {plan.address_v4, plan.address_v6};
  if (!c.gateway_v4) c.gateway_v4 = plan.gateway_v4;
  if (!c.gateway_v6) c.gateway_v6 = plan.gateway_v6;
  if (c.dns.empty()) c.dns = {plan.dns_v4};
  return {};
}

Result<void> finish_other(const ProcessConfig& c) {
  if (c.addresses.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "ORIEL_ADDRESS is missing: the link " + c.link +
                    " needs the stack's own address and its network, as in 10.0.0.2/24");
  }
  if (!c.publish.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "ORIEL_PUBLISH is for the user link: over " + c.link +
                    " every port is reached at the stack's own address");
  }
  return {};
}

// A gateway of a family in which the stack has no address leads nowhere.
Result<void> check_gateways(const ProcessConfig& c) {
  for (const auto& gateway : {c.gateway_v4, c.gateway_v6}) {
    if (!gateway || c.link == "user") continue;
    const bool is_reached = std::any_of(c.addresses.begin(), c.addresses.end(),
                                        [&](const Prefix& p) { return is_in(p, *gateway); });
    if (!is_reached && !gateway->is_link_local()) {
      return fail(ErrorCode::kInvalidArgument,
                  "ORIEL_GATEWAY: " + quoted(gateway->to_string()) +
                      " is in none of the networks of ORIEL_ADDRESS: write one that is");
    }
  }
  return {};
}

}  // namespace

std::vector<std::string_view> config_keys() {
  std::vector<std::string_view> keys;
  for (const Row& row : kRows) keys.push_back(row.key);
  return keys;
}

Result<ProcessConfig> parse_process_config(const Environment& environment, const Environment& file,
                                           const std::string& file_name) {
  ProcessConfig c;
  for (const Row& row : kRows) {
    const auto variable = environment.find(row.variable);
    const bool is_set = variable != environment.end() && !variable->second.empty();
    const auto key = file.find(row.key);
    if (!is_set && key == file.end()) continue;
    const auto r = row.read(is_set ? variable->second : key->second, c);
    if (r) continue;
    const std::string where =
        is_set ? std::string(row.variable) : file_name + ": " + std::string(row.key);
    return fail(r.error().code, where + ": " + r.error().message());
  }
  const auto r = c.link == "user" ? finish_user(c) : finish_other(c);
  if (!r) return Failure(r.error());
  if (const auto g = check_gateways(c); !g) return Failure(g.error());
  return c;
}

}  // namespace oriel::stack
