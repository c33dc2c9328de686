// The IP layer of one host: interfaces, routes, neighbours, paths, packets in and out, and time.
//
// This is the whole surface that a composition needs. Sans-IO: packets come in by `input`, leave by
// `poll_transmit`; ICMP errors about our flows leave by input's kError or `poll_event`; time is an
// argument. It forwards nothing. Packets for our own addresses come out of `poll_transmit` with
// kLoopbackInterface and belong back into `input`.
//
//   device -> input -> Delivery -> transport        transport -> emit_headers -> device   (path
//   ready)
//                 \-> own answers -> poll_transmit   transport -> output -> poll_transmit
//                 (otherwise)
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>

#include "base/buffer.h"
#include "base/random.h"
#include "ip/icmp_errors.h"
#include "ip/input.h"
#include "ip/interfaces.h"
#include "ip/neighbours.h"
#include "ip/output.h"
#include "ip/packet.h"
#include "ip/path.h"
#include "ip/pmtu.h"
#include "ip/reassembly.h"
#include "ip/routes.h"
#include "ip/sender.h"
#include "ip/settings.h"
#include "ip/statistics.h"

namespace oriel::ip {

class Layer {
 public:
  /// `pool` outlives the layer. `random_seed` decides fragment identifications.
  Layer(BufferPool& pool, std::uint64_t random_seed, const Settings& settings = {});
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;

  // Configuration. Errors as in interfaces.h and routes.h.
  Result<std::uint32_t> add_interface(const DeviceInfo& device);
  /// A link to another process of this user (Interfaces::add_peer).
  Result<std::uint32_t> add_peer(const DeviceInfo& device);
  void remove_interface(std::uint32_t index);
  void set_interface_up(std::uint32_t index, bool is_up);
  /// Assigns the address and adds the route of its prefix. No duplicate address detection:
  /// addresses are manual (RFC 4862 5.4 allows skipping it by configuration, DupAddrDetectTransmits
  /// = 0).
  Result<void> add_address(std::uint32_t index, const Prefix& address);
  bool remove_address(std::uint32_t index, const IpAddress& address);
  /// A route by `interface_index`, or with kAnyInterface by the interface whose prefix holds
  /// `gateway`. Errors also: kNetworkUnreachable (the gateway is on no network of ours).
  Result<void> add_route(const Prefix& destination, const std::optional<IpAddress>& gateway,
                         std::uint32_t interface_index = kAnyInterface, std::uint32_t metric = 256);
  bool remove_route(const Prefix& destination, const std::optional<IpAddress>& gateway,
                    std::uint32_t interface_index);
  void add_permanent_neighbour(std::uint32_t index, const IpAddress& a, const MacAddress& mac);

  // Packets in.
  /// One packet (or frame) that `interface_index` received. `offload` is as the device gave it.
  /// Bound: no allocation for an unfragmented packet to one of our addresses.
  Verdict input(Instant now, std::uint32_t interface_index, Slice packet, const Offload& offload,
                Delivery& out) {
    const Verdict verdict = input_.input(now, interface_index, std::move(packet), offload, out);
    if (sender_.has_work()) sender_.drain_neighbours(now);
    return verdict;
  }
  /// Answers a delivered packet that nobody wanted: port or protocol unreachable. Silent where RFC
  /// 1122 3.2.2 or RFC 4443 2.4 forbid an answer, and beyond the rate limit.
  void send_port_unreachable(Instant now, const Delivery& delivery);
  void send_protocol_unreachable(Instant now, const Delivery& delivery);

  // Paths.
  Result<Path*> acquire_path(const IpAddress& destination,
                             const std::optional<IpAddress>& source = {},
                             std::uint32_t interface_index = kAnyInterface) {
    return paths_.acquire(destination, source, interface_index);
  }
  void release_path(Path* path) { paths_.release(path); }
  void refresh_path(Path& path) { paths_.refresh(path); }
  /// Whether to write straight to the device (emit_headers, Device::transmit) or to call `output`.
  /// Never true for loopback paths.
  bool is_path_ready(Instant now, Path& path) { return paths_.is_ready(now, path); }
  void confirm_path(Instant now, Path& path) { paths_.confirm(now, path); }
  /// PMTU from an IcmpEvent::kPacketTooBig that the caller has matched with a live flow.
  void learn_pmtu(Instant now, const IpAddress& destination, std::uint32_t mtu);

  // Packets out.
  /// A whole packet for `path`, headers by emit_headers in the first piece: copied, then queued for
  /// the device, for loopback, or until the neighbour answers. `offload` counts from the link
  /// header. Errors: path.error, kNoBuffers (queue full; the packet is dropped and counted).
  Result<void> output(Instant now, Path& path, std::span<const ByteView> pieces,
                      const Offload& offload) {
    return sender_.output(now, path, pieces, offload);
  }
  /// A datagram of `pieces` (transport header first) on `path`: headers, fragments where it is
  /// larger than path.pmtu, queues. Offload::Checksum::kPartial only when it fits one packet and
  /// path.has_tx_checksum or is_loopback; checksum_start then counts from the transport header.
  /// Errors: kMessageTooLong (> 65535, or does not fit and dont_fragment), path.error, kNoBuffers.
  Result<void> send_datagram(Instant now, Path& path, std::span<const ByteView> pieces,
                             const DatagramOptions& options) {
    return sender_.send_datagram(now, path, pieces, options);
  }
  /// The next packet that has to leave (kLoopbackInterface: to go back into input). False: none.
  bool poll_transmit(OwnedPacket& out) { return out_.pop(out); }
  bool has_transmit() const { return !out_.empty(); }
  /// Flows whose packets could not be delivered because a neighbour does not answer.
  bool poll_event(IcmpEvent& out);
  bool has_event() const { return sender_.has_event(); }

  // Time.
  void on_timeout(Instant now);
  Instant next_deadline() const;

  const Interfaces& interfaces() const { return interfaces_; }
  const Routes& routes() const { return routes_; }
  const Neighbours& neighbours() const { return neighbours_; }
  const Statistics& statistics() const { return statistics_; }
  const Settings& settings() const { return settings_; }
  /// Of packets from now on; the other settings stay as they were at the start.
  void set_hop_limit(std::uint8_t hop_limit) { settings_.hop_limit = hop_limit; }

 private:
  Settings settings_;
  Statistics statistics_;
  Interfaces interfaces_;
  Routes routes_;
  Neighbours neighbours_;
  PmtuCache pmtu_;
  PathTable paths_;
  OutQueue out_;
  Reassembly reassembly_;
  IcmpRateLimit icmp_limit_;
  Sender sender_;
  Input input_;
};

}  // namespace oriel::ip
