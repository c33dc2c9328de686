// The interface table: small vectors, looked through linearly, because a host has few of each.
#include "ip/interfaces.h"

#include <algorithm>

namespace oriel::ip {

Interfaces::Interfaces() {
  Interface& loopback = table_.emplace_back();
  loopback.name = "loopback";
  loopback.mtu = kLoopbackMtuBytes;
  loopback.tso_bytes_max = kLoopbackMtuBytes;
  loopback.has_tx_checksum = true;
  loopback.is_up = true;
  loopback.is_loopback = true;
  loopback.addresses = {{IpAddress::v4(127, 0, 0, 1), 8}};
  std::array<std::uint8_t, 16> one{};
  one[15] = 1;
  loopback.addresses.push_back({IpAddress::v6(one.data()), 128});
}

Result<std::uint32_t> Interfaces::add(const DeviceInfo& device) {
  if (table_.size() >= kInterfacesMax) {
    return fail(ErrorCode::kNoBuffers, "no more than 256 interfaces");
  }
  if (device.mtu < kIpv4MtuBytesMin || device.mtu > 65535) {
    return fail(ErrorCode::kInvalidArgument, "the MTU has to be between 68 and 65535 bytes");
  }
  const auto index = static_cast<std::uint32_t>(table_.size());
  fill(table_.emplace_back(), index, device);
  return index;
}

Result<std::uint32_t> Interfaces::add_peer(const DeviceInfo& device) {
  const auto is_free = [](const Interface& i) { return i.is_peer && !i.is_up; };
  const auto old = std::find_if(table_.begin(), table_.end(), is_free);
  if (old != table_.end()) {
    fill(*old, old->index, device);
    return old->index;
  }
  const auto index = add(device);
  if (index) table_[*index].is_peer = true;
  return index;
}

void Interfaces::fill(Interface& i, std::uint32_t index, const DeviceInfo& device) {
  i.index = index;
  i.name = device.name;
  i.framing = device.framing;
  i.mac = device.mac;
  i.mtu = static_cast<std::uint32_t>(device.mtu);
  i.tso_bytes_max = static_cast<std::uint32_t>(std::min<std::size_t>(device.tso_bytes_max, 65535));
  i.has_tx_checksum = device.has_tx_checksum;
  i.is_up = true;
}

void Interfaces::remove(std::uint32_t index) {
  if (index == kLoopbackInterface || index >= table_.size()) return;
  table_[index].is_up = false;
  table_[index].addresses.clear();
  table_[index].v4_broadcasts.clear();
}

void Interfaces::set_up(std::uint32_t index, bool is_up) {
  if (index != kLoopbackInterface && index < table_.size()) table_[index].is_up = is_up;
}

Result<void> Interfaces::add_address(std::uint32_t index, const Prefix& address) {
  if (index >= table_.size()) return fail(ErrorCode::kNotFound, "no such interface");
  const IpAddress& a = address.address;
  const unsigned bits_max = a.is_v4() ? 32 : 128;
  if (a.is_unspecified() || a.is_multicast() || a.is_broadcast() || address.bits > bits_max) {
    return fail(ErrorCode::kInvalidArgument, address.to_string() + " cannot be a host's address");
  }
  if (a.is_v6() && table_[index].mtu < kIpv6MtuBytesMin) {
    return fail(ErrorCode::kInvalidArgument, "IPv6 needs an MTU of at least 1280 bytes");
  }
  if (owner_of(a) != nullptr) {
    return fail(ErrorCode::kAddressInUse, a.to_string() + " is assigned already");
  }
  if (table_[index].addresses.size() >= kAddressesPerInterfaceMax) {
    return fail(ErrorCode::kNoBuffers, "no more than 256 addresses on one interface");
  }
  table_[index].addresses.push_back(address);
  update_broadcasts(table_[index]);
  return {};
}

bool Interfaces::remove_address(std::uint32_t index, const IpAddress& address) {
  if (index >= table_.size()) return false;
  const auto removed =
      std::erase_if(table_[index].addresses, [&](const Prefix& p) { return p.address == address; });
  update_broadcasts(table_[index]);
  return removed != 0;
}

/// A network of 31 or 32 bits has no broadcast address (RFC 3021).
void Interfaces::update_broadcasts(Interface& i) {
  i.v4_broadcasts.clear();
  for (const Prefix& p : i.addresses) {
    if (p.address.is_v4() && p.bits <= 30) i.v4_broadcasts.push_back(p.v4_directed_broadcast());
  }
}

const Interface* Interfaces::owner_of(const IpAddress& a) const {
  for (const Interface& i : table_) {
    if (i.has_address(a)) return &i;
  }
  return nullptr;
}

}  // namespace oriel::ip
