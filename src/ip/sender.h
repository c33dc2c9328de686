// Packets on their way out that the fast path does not write itself: copies, fragments, the layer's
// own messages, and what the neighbour cache asks for.
//
// Everything it makes ends in the OutQueue or in a neighbour's pending queue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>

#include "base/buffer.h"
#include "base/random.h"
#include "ip/neighbours.h"
#include "ip/output.h"
#include "ip/packet.h"
#include "ip/path.h"
#include "ip/settings.h"
#include "ip/statistics.h"

namespace oriel::ip {

inline constexpr std::size_t kEventsMax = 256;  ///< unreachable-neighbour events that wait

struct DatagramOptions {
  std::uint8_t protocol = 17;
  std::uint8_t traffic_class = 0;
  std::uint8_t hop_limit = 0;  ///< 0: Settings::hop_limit
  bool dont_fragment = false;
  Offload offload;  ///< checksum_start counts from the transport header
};

class Sender {
 public:
  Sender(BufferPool& pool, std::uint64_t random_seed, const Settings& settings,
         Statistics& statistics, const Interfaces& interfaces, Neighbours& neighbours,
         PathTable& paths, OutQueue& out);

  Result<void> output(Instant now, Path& path, std::span<const ByteView> pieces,
                      const Offload& offload);
  Result<void> send_datagram(Instant now, Path& path, std::span<const ByteView> pieces,
                             const DatagramOptions& options);
  /// An own message (echo reply, ICMP error, advertisement) in `pieces`, from `source` to
  /// `destination`; by `interface_index` when the destination means something only there.
  void send_message(Instant now, const IpAddress& source, const IpAddress& destination,
                    std::uint32_t interface_index, std::span<const ByteView> pieces,
                    const DatagramOptions& options);
  /// A frame for one station, link header added here (ARP, NDP). Requires: an Ethernet interface.
  void send_frame(const Interface& out, const MacAddress& to, std::uint16_t ethertype,
                  ByteView payload);

  /// Whether the neighbour cache has something to send, release or give up.
  bool has_work() const { return neighbours_.has_output(); }
  void drain_neighbours(Instant now);
  bool poll_event(IcmpEvent& out);
  bool has_event() const { return !events_.empty(); }

 private:
  Result<void> submit(Instant now, Path& path, OwnedPacket packet);
  Result<void> send_fragments(Instant now, Path& path, ByteView transport,
                              const NetworkHeader& header);
  void send_solicit(const Neighbours::Solicit& solicit);
  void send_neighbour_solicitation(const Interface& out, const IpAddress& source,
                                   const Neighbours::Solicit& solicit);
  void report_failed(const OwnedPacket& packet);
  bool push(OwnedPacket packet);
  std::uint32_t next_identification(const Path& path);

  BufferPool& pool_;
  const Settings& settings_;
  Statistics& statistics_;
  const Interfaces& interfaces_;
  Neighbours& neighbours_;
  PathTable& paths_;
  OutQueue& out_;
  SipKey identification_key_;
  std::uint32_t datagrams_ = 0;
  std::deque<IcmpEvent> events_;
};

}  // namespace oriel::ip
