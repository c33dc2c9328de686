// The interfaces of a host: what each one can carry, which addresses it has, and whether it is up.
//
// Index 0 is the loopback interface and always exists, with 127.0.0.1/8 and ::1/128. The host is a
// strong host for receiving (RFC 1122 3.3.4.2, and what Windows does): an address belongs to one
// interface and is answered only there, unless `is_weak_host` says otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "oriel/address.h"
#include "oriel/error.h"
#include "oriel/link.h"

namespace oriel::ip {

inline constexpr std::uint32_t kLoopbackInterface = 0;
/// "No interface in particular" where an index may be left open.
inline constexpr std::uint32_t kAnyInterface = 0xffffffff;
inline constexpr std::size_t kInterfacesMax = 256;
inline constexpr std::size_t kAddressesPerInterfaceMax = 256;
inline constexpr std::uint32_t kLoopbackMtuBytes = 65535;
inline constexpr std::uint32_t kIpv4MtuBytesMin = 68;    ///< RFC 791
inline constexpr std::uint32_t kIpv6MtuBytesMin = 1280;  ///< RFC 8200 5

/// Equality in two loads: the comparison that every packet in pays for each address of its
/// interface.
inline bool is_same(const IpAddress& a, const IpAddress& b) {
  std::uint64_t x[2], y[2];
  std::memcpy(x, a.bytes().data(), 16);
  std::memcpy(y, b.bytes().data(), 16);
  return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

struct Interface {
  std::uint32_t index = 0;
  std::string name;
  DeviceInfo::Framing framing = DeviceInfo::Framing::kIp;
  MacAddress mac;
  std::uint32_t mtu = 1500;         ///< largest IP packet, bytes
  std::uint32_t tso_bytes_max = 0;  ///< largest super-segment the device takes; 0: none
  bool has_tx_checksum = false;
  bool is_up = false;
  bool is_loopback = false;
  bool is_peer = false;  ///< leads to another process of this user: carries loopback addresses only
  std::vector<IpAddress> v4_broadcasts;  ///< follows from addresses
  std::vector<Prefix> addresses;         ///< host address with the length of its network part

  bool is_ethernet() const { return framing == DeviceInfo::Framing::kEthernet; }
  /// Whether `a` is assigned here (127.0.0.0/8 as a whole on the loopback interface).
  bool has_address(const IpAddress& a) const {
    for (const Prefix& p : addresses) {
      if (is_same(p.address, a)) return true;
    }
    return (is_loopback || is_peer) &&
           a.is_loopback();  // RFC 1122 3.2.1.3 (g): all of 127/8 is this host
  }
  /// Whether `a` is the IPv4 broadcast address of a network here.
  bool is_directed_broadcast(const IpAddress& a) const {
    for (const IpAddress& b : v4_broadcasts) {
      if (is_same(b, a)) return true;
    }
    return false;
  }
};

class Interfaces {
 public:
  Interfaces();  ///< with the loopback interface, up

  /// Adds an interface, up, without addresses. Returns its index (1..).
  /// Errors: kNoBuffers (kInterfacesMax), kInvalidArgument (MTU below kIpv4MtuBytesMin or above
  /// 65535).
  Result<std::uint32_t> add(const DeviceInfo& device);
  /// The same for a link to another process of this user, on which the loopback addresses are. Its
  /// index may have been that of another such link, which is gone.
  Result<std::uint32_t> add_peer(const DeviceInfo& device);
  /// Marks it gone: down, without addresses. The index is not used again.
  void remove(std::uint32_t index);
  void set_up(std::uint32_t index, bool is_up);
  /// Errors: kNotFound, kInvalidArgument (multicast, unspecified, bits out of range), kAddressInUse
  /// (some interface has it), kNoBuffers (kAddressesPerInterfaceMax).
  Result<void> add_address(std::uint32_t index, const Prefix& address);
  bool remove_address(std::uint32_t index, const IpAddress& address);

  /// nullptr: no such interface.
  const Interface* find(std::uint32_t index) const {
    return index < table_.size() ? &table_[index] : nullptr;
  }
  /// The interface that `a` is assigned to; nullptr: not one of ours.
  const Interface* owner_of(const IpAddress& a) const;
  const std::vector<Interface>& all() const { return table_; }

 private:
  static void fill(Interface& i, std::uint32_t index, const DeviceInfo& device);
  void update_broadcasts(Interface& i);
  std::vector<Interface> table_;
};

}  // namespace oriel::ip
