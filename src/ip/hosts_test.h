// Hosts for the tests of this folder: a layer on one Ethernet or plain IP interface, and a wire
// between two.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "ip/layer.h"

namespace oriel::ip {

inline IpAddress addr(std::string_view text) {
  return IpAddress::parse(text).value();
}
inline Prefix prefix(std::string_view text) {
  return Prefix::parse(text).value();
}
inline MacAddress mac(std::uint8_t last) {
  return {{2, 0, 0, 0, 0, last}};
}
inline constexpr Instant at(std::int64_t ms) {
  return {ms * 1'000'000};
}

struct TestHost {
  static DeviceInfo device(std::uint8_t number, DeviceInfo::Framing framing, std::size_t mtu) {
    DeviceInfo d;
    d.name = "test";
    d.framing = framing;
    d.mac = mac(number);
    d.mtu = mtu;
    return d;
  }

  /// Interface 1 with 10.0.0.`number`/24 and fd00::`number`/64.
  explicit TestHost(std::uint8_t number,
                    DeviceInfo::Framing framing = DeviceInfo::Framing::kEthernet,
                    std::size_t mtu = 1500, const Settings& settings = {})
      : layer(pool, number, settings) {
    EXPECT_EQ(layer.add_interface(device(number, framing, mtu)).value(), 1u);
    EXPECT_TRUE(layer.add_address(1, {IpAddress::v4(10, 0, 0, number), 24}));
    Prefix v6 = prefix("fd00::/64");
    auto bytes = v6.address.bytes();
    bytes[15] = number;
    EXPECT_TRUE(layer.add_address(1, {IpAddress::v6(bytes.data()), 64}));
  }

  /// Everything that waits to leave.
  std::vector<OwnedPacket> drain() {
    std::vector<OwnedPacket> all;
    OwnedPacket packet;
    while (layer.poll_transmit(packet)) all.push_back(std::move(packet));
    return all;
  }

  Verdict receive(Instant now, ByteView packet, const Offload& offload = {}) {
    return receive_on(1, now, packet, offload);
  }
  /// Bytes are copied into the host's own pool, as a device would: pools do not share blocks.
  Verdict receive_on(std::uint32_t index, Instant now, ByteView packet,
                     const Offload& offload = {}) {
    Delivery d;
    const Verdict v = layer.input(now, index, pool.copy_of(packet), offload, d);
    last = d;
    if (v == Verdict::kDeliver) delivered.push_back(std::move(d));
    if (v == Verdict::kError) errors.push_back(last.error);
    return v;
  }
  Result<void> send(Instant now, const IpAddress& to, ByteView bytes,
                    const DatagramOptions& options = {}) {
    auto path = layer.acquire_path(to);
    if (!path) return tl::unexpected(path.error());
    auto sent = layer.send_datagram(now, **path, {&bytes, 1}, options);
    layer.release_path(*path);
    return sent;
  }
  std::uint64_t dropped(DropReason r) const { return layer.statistics().dropped(r); }

  BufferPool pool;
  Layer layer;
  Delivery last;
  std::vector<Delivery> delivered;
  std::vector<IcmpEvent> errors;
};

/// Carries frames between two hosts until both are silent; returns how many were carried.
inline std::size_t exchange(Instant now, TestHost& a, TestHost& b) {
  std::size_t carried = 0;
  for (int turn = 0; turn < 64; ++turn) {
    auto from_a = a.drain();
    auto from_b = b.drain();
    if (from_a.empty() && from_b.empty()) break;
    for (const auto& p : from_a) b.receive(now, p.bytes, p.offload);
    for (const auto& p : from_b) a.receive(now, p.bytes, p.offload);
    carried += from_a.size() + from_b.size();
  }
  return carried;
}

inline std::vector<std::uint8_t> pattern(std::size_t bytes) {
  std::vector<std::uint8_t> v(bytes);
  for (std::size_t i = 0; i < bytes; ++i) v[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return v;
}
inline std::vector<std::uint8_t> copy(ByteView v) {
  return {v.begin(), v.end()};
}

/// An IP packet by hand, for a plain IP interface.
std::vector<std::uint8_t> ip_packet(const IpAddress& source, const IpAddress& destination,
                                    std::uint8_t protocol, ByteView transport);

}  // namespace oriel::ip
