// Opening the `user` network: its addresses, and the machine's ports that lead into it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <slirp/libslirp.h>

#include <cerrno>
#include <cstring>

#include "link/link_error.h"
#include "link/user_net.h"
#include "link/user_net_plan.h"

namespace oriel::link {
namespace {

constexpr std::size_t kUserMtuMin = 1280;  ///< RFC 8200 5
constexpr std::size_t kMtuMax = 65521;     ///< libslirp's

in_addr to_in(const IpAddress& a) {
  in_addr r{};
  std::memcpy(&r, a.v4_bytes(), sizeof r);
  return r;
}

in6_addr to_in6(const IpAddress& a) {
  in6_addr r{};
  std::memcpy(&r, a.bytes().data(), sizeof r);
  return r;
}

/// A socket address of either family.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress to_socket_address(const IpAddress& address, std::uint16_t port) {
  SocketAddress r;
  if (address.is_v4()) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr = to_in(address);
    a.sin_port = htons(port);
    std::memcpy(&r.storage, &a, sizeof a);
    r.size = sizeof a;
  } else {
    sockaddr_in6 a{};
    a.sin6_family = AF_INET6;
    a.sin6_addr = to_in6(address);
    a.sin6_port = htons(port);
    std::memcpy(&r.storage, &a, sizeof a);
    r.size = sizeof a;
  }
  return r;
}

Failure publish_failure(const PublishedPort& port, int error_number) {
  const std::string what = "publishing " + port.to_string() + " failed: ";
  const std::string name =
      std::string(port.is_udp ? "UDP" : "TCP") + " port " + std::to_string(port.host_port);
  switch (error_number) {
    case EADDRINUSE:
      return fail(ErrorCode::kAddressInUse,
                  what + "another program on this machine has " + name + "; write another one");
    case EACCES:
      return fail(ErrorCode::kPermissionDenied,
                  what + name + " needs rights on this machine; write one from 1024 on");
    case EADDRNOTAVAIL:
      return fail(ErrorCode::kAddressNotAvailable,
                  what + "this machine has no such address; leave it out to take all");
    default:
      return Failure(error_from_errno("publishing " + port.to_string() + " failed", error_number));
  }
}

/// 0 or the errno.
int forward(Slirp* slirp, const PublishedPort& port, const IpAddress& on, const IpAddress& to) {
  const SocketAddress host = to_socket_address(on, port.host_port);
  const SocketAddress guest = to_socket_address(to, port.port);
  int flags = port.is_udp ? SLIRP_HOSTFWD_UDP : 0;
  if (on.is_v6()) flags |= SLIRP_HOSTFWD_V6ONLY;
  errno = 0;
  if (::slirp_add_hostxfwd(slirp, host.get(), host.size, guest.get(), guest.size, flags) == 0) {
    return 0;
  }
  return errno != 0 ? errno : EADDRINUSE;
}

}  // namespace

SlirpConfig slirp_config(const UserNetOptions& options) {
  const UserNetPlan plan = user_net_plan();
  SlirpConfig c{};
  c.version = 4;
  c.in_enabled = true;
  c.vnetwork = to_in(IpAddress::v4_from_value(plan.address_v4.address.v4_value() &
                                              ~std::uint32_t{0} << (32 - plan.address_v4.bits)));
  c.vnetmask.s_addr = htonl(~std::uint32_t{0} << (32 - plan.address_v4.bits));
  c.vhost = to_in(plan.gateway_v4);
  c.vdhcp_start = to_in(options.address_v4.value_or(plan.address_v4.address));
  c.vnameserver = to_in(plan.dns_v4);
  c.in6_enabled = true;
  c.vprefix_addr6 = to_in6(plan.address_v6.address);
  std::memset(c.vprefix_addr6.s6_addr + 8, 0, 8);
  c.vprefix_len = plan.address_v6.bits;
  c.vhost6 = to_in6(plan.gateway_v6);
  c.vnameserver6 = to_in6(plan.dns_v6);
  c.if_mtu = options.mtu;
  c.if_mru = options.mtu;
  c.disable_dhcp = true;
  return c;
}

Result<void> UserNet::publish(const PublishedPort& port, const UserNetOptions& options) {
  const UserNetPlan plan = user_net_plan();
  const IpAddress v4 = options.address_v4.value_or(plan.address_v4.address);
  const IpAddress v6 = options.address_v6.value_or(plan.address_v6.address);
  if (port.host_address) {
    const IpAddress& on = *port.host_address;
    const int failed = forward(slirp_, port, on, on.is_v4() ? v4 : v6);
    if (failed != 0) return publish_failure(port, failed);
  } else {
    const int failed_v4 = forward(slirp_, port, IpAddress::v4_any(), v4);
    if (failed_v4 != 0) return publish_failure(port, failed_v4);
    const int failed_v6 = forward(slirp_, port, IpAddress::v6_any(), v6);
    const bool is_without_v6 = failed_v6 == EAFNOSUPPORT || failed_v6 == EADDRNOTAVAIL;
    if (failed_v6 != 0 && !is_without_v6) return publish_failure(port, failed_v6);
  }
  step();
  return {};
}

}  // namespace oriel::link

namespace oriel {

UserNetPlan user_net_plan() {
  UserNetPlan p;
  p.address_v4 = {IpAddress::v4(10, 0, 2, 15), 24};
  p.gateway_v4 = IpAddress::v4(10, 0, 2, 2);
  p.dns_v4 = IpAddress::v4(10, 0, 2, 3);
  const auto v6 = [](std::uint8_t last) {
    const std::uint8_t bytes[16] = {0xfe, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last};
    return IpAddress::v6(bytes);
  };
  p.address_v6 = {v6(0x15), 64};
  p.gateway_v6 = v6(2);
  p.dns_v6 = v6(3);
  return p;
}

Result<std::unique_ptr<Device>> open_user_net(const UserNetOptions& options) {
  if (options.mtu < link::kUserMtuMin || options.mtu > link::kMtuMax) {
    return fail(ErrorCode::kInvalidArgument, "the MTU of a user link is 1280 to 65521 bytes, not " +
                                                 std::to_string(options.mtu));
  }
  auto device = std::make_unique<link::UserNet>(options);
  if (device->slirp() == nullptr || device->poll_fd() < 0) {
    return fail(ErrorCode::kNoBuffers, "libslirp could not start: descriptors or memory are short");
  }
  for (const PublishedPort& port : options.publish) {
    if (const auto r = device->publish(port, options); !r) return Failure(r.error());
  }
  return device;
}

}  // namespace oriel
