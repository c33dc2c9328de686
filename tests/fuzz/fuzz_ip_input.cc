// Arbitrary packets into a whole IP layer, on both framings: no crash, no unbounded queue, no lost
// block.
//
//   | mode | length (2) | bytes ... | length (2) | bytes ... |
//
// Bit 0 of mode picks Ethernet; bit 1 lets time pass between packets. In Ethernet mode the frame's
// destination is made ours, so that the fuzzer need not guess it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "ip/layer.h"

namespace {

using namespace oriel;

void require(bool condition) {
  if (!condition) std::abort();
}

Prefix prefix(const char* text) {
  return Prefix::parse(text).value();
}

/// Reads everything that a delivered packet offers, as a transport would.
void consume(ip::Layer& layer, Instant now, const ip::Delivery& d) {
  require(d.transport_offset <= d.packet.size());
  std::uint8_t sum = 0;
  for (std::uint8_t b : d.transport_view()) sum = static_cast<std::uint8_t>(sum ^ b);
  if ((sum & 1) != 0) {
    layer.send_port_unreachable(now, d);
  } else {
    layer.send_protocol_unreachable(now, d);
  }
}

void step(ip::Layer& layer, Instant now, Slice packet, std::uint32_t interface_index) {
  ip::Delivery d;
  switch (layer.input(now, interface_index, std::move(packet), {}, d)) {
    case ip::Verdict::kDeliver:
      consume(layer, now, d);
      break;
    case ip::Verdict::kError:
      layer.learn_pmtu(now, d.error.destination, d.error.mtu);
      break;
    case ip::Verdict::kConsumed:
      break;
    case ip::Verdict::kDropped:
      require(d.drop_reason != ip::DropReason::kNone);
      break;
  }
  ip::OwnedPacket out;
  std::size_t polled = 0;
  while (layer.poll_transmit(out)) {
    require(++polled <= ip::kOutQueuePacketsMax + ip::kLoopbackQueuePacketsMax);
    require(out.bytes.size() <= 65535 + ip::kHeaderBytesMax);
  }
  ip::IcmpEvent event;
  while (layer.poll_event(event)) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  if (bytes < 3) return 0;
  const bool is_ethernet = (data[0] & 1) != 0;
  const bool is_slow = (data[0] & 2) != 0;
  BufferPool pool;
  ip::Layer layer(pool, 1);
  DeviceInfo device;
  device.framing = is_ethernet ? DeviceInfo::Framing::kEthernet : DeviceInfo::Framing::kIp;
  device.mac = {{2, 0, 0, 0, 0, 1}};
  const std::uint32_t index = layer.add_interface(device).value();
  require(layer.add_address(index, prefix("10.0.0.1/24")).has_value());
  require(layer.add_address(index, prefix("fd00::1/64")).has_value());
  Instant now;
  std::size_t at = 1;
  while (at + 2 <= bytes) {
    const std::size_t length = std::min<std::size_t>(load_be16(data + at), bytes - at - 2);
    Slice packet = pool.copy_of({data + at + 2, length});
    if (is_ethernet && length >= 6) {
      std::copy_n(device.mac.bytes.begin(), 6, packet.mutable_data());
    }
    at += 2 + length;
    step(layer, now, std::move(packet), index);
    now = now + std::chrono::milliseconds(is_slow ? 10'000 : 1);
    if (layer.next_deadline() <= now) layer.on_timeout(now);
  }
  return 0;
}
