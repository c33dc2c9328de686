// The core's beginning, its links, and what it can say about itself.
#include "stack/core.h"

#include "stack/config.h"

namespace oriel::stack {
namespace {

/// Sockets that a host may have beside one for each connection: those not connected yet.
constexpr std::size_t kSpareSockets = 65536;

/// Ends of fast connections at once; each has an address range of its own for its ring.
constexpr std::uint32_t kPipesMax = 1u << 16;

std::uint32_t pipes_max(const HostSettings& settings) {
  return std::min(settings.connections_max, kPipesMax);
}

SipKey key_from(Random& random) {
  SipKey key;
  key.k0 = random.next();
  key.k1 = random.next();
  return key;
}

}  // namespace

Core::Core(const HostSettings& settings, std::uint64_t seed, Instant start)
    : now_(start),
      settings_(settings),
      random_(seed),
      isn_key_(key_from(random_)),
      timers_(start),
      ip_(pool_, random_.next(), ip_settings(settings)),
      streams_(settings.connections_max),
      sockets_(settings.connections_max + kSpareSockets),
      pipes_(pipes_max(settings)),
      table_(key_from(random_)),
      tcp_ports_(key_from(random_)),
      udp_ports_(key_from(random_)),
      reset_limit_(kResetsPerSecondMax) {
  pool_.set_budget(settings.memory_bytes_max);
  links_.emplace_back();  // loopback has no device
}

Core::~Core() = default;

Result<LinkId> Core::add_link(std::unique_ptr<Device> device, const LinkOptions& options) {
  if (device == nullptr) return fail(ErrorCode::kInvalidArgument, "no device");
  DeviceInfo info = device->info();
  if (options.mtu != 0) info.mtu = std::min(options.mtu, info.mtu);
  const auto index = ip_.add_interface(info);
  if (!index) return Failure(index.error());
  links_.resize(*index + 1);
  links_[*index] = std::make_unique<LinkPort>(std::move(device), *index, pool_);
  links_[*index]->bits_per_second = options.bits_per_second;
  const auto configure = [&]() -> Result<void> {
    for (const Prefix& address : options.addresses) {
      if (const auto r = ip_.add_address(*index, address); !r) return r;
    }
    if (options.gateway_v4) {
      const auto r = ip_.add_route({IpAddress::v4_any(), 0}, options.gateway_v4, *index);
      if (!r) return r;
    }
    if (options.gateway_v6) return ip_.add_route({IpAddress(), 0}, options.gateway_v6, *index);
    return {};
  };
  if (const auto r = configure(); !r) {
    lose_link(*links_[*index]);
    return Failure(r.error());
  }
  return *index;
}

Result<void> Core::remove_link(LinkId id) {
  LinkPort* port = link(id);
  if (port == nullptr) return fail(ErrorCode::kNotFound);
  lose_link(*port);
  return {};
}

Result<void> Core::add_address(LinkId link, const Prefix& address) {
  tcp_configs_.expire(link);  // an interface may be named by any of its addresses
  return ip_.add_address(link, address);
}

Result<void> Core::add_route(const Prefix& destination, const std::optional<IpAddress>& gateway,
                             LinkId link) {
  return ip_.add_route(destination, gateway, link);
}

void Core::apply_settings(const HostSettings& settings) {
  settings_ = settings;
  pool_.set_budget(settings.memory_bytes_max);
  ip_.set_hop_limit(ip_settings(settings).hop_limit);
  tcp_configs_.expire_all();
}

HostStatistics Core::statistics() const {
  HostStatistics s = statistics_;
  for (const auto& port : links_) {
    if (port != nullptr) s.packets_out += port->packets_out();
  }
  s.tcp_connections = table_.size() + pipes_.size();
  s.memory_bytes = pool_.bytes_in_use();
  return s;
}

std::vector<TcpInfo> Core::connections() const {
  std::vector<TcpInfo> all;
  all.reserve(table_.size());
  table_.for_each([&](const socket::TcpStream& s) { s.fill_info(now_, all.emplace_back()); });
  pipes_.for_each([&](const loopback::Pipe& p) { p.fill_info(now_, all.emplace_back()); });
  if (kernel_ == nullptr) return all;
  kernel_->for_each(
      [&](const loopback::KernelStream& s) { s.fill_info(now_, all.emplace_back()); });
  return all;
}

}  // namespace oriel::stack
