// The packet link to another process of the domain: a Device whose cable is a SOCK_SEQPACKET
// connection.
//
// Super-segments and unfinished checksums pass as they are, as on the loopback within a process.
// The bytes of large packets pass through memory, once there have been some (packet_ring.h).
// Nothing is read until the domain, which looks at all links at once, has seen that there is
// something: an idle peer costs a host's turn one comparison. What a peer may put on it is what
// any host may put on a wire, from and to loopback addresses.
#pragma once

#include <deque>
#include <memory>

#include "loopback/fd_watch.h"
#include "loopback/packet_ring.h"
#include "loopback/ring_message.h"
#include "oriel/link.h"
#include "runtime/unique_fd.h"

namespace oriel::loopback {

/// What the domain and the link tell each other. Both outlive neither.
struct LinkState {
  bool has_news = true;     ///< the domain's: there may be something to read, or room
  bool is_leaving = false;  ///< the peer said so
};

class PeerLink final : public Device {
 public:
  PeerLink(runtime::UniqueFd peer, int pid, std::shared_ptr<FdWatch> watch,
           std::shared_ptr<LinkState> state);

  const DeviceInfo& info() const override { return info_; }
  std::size_t transmit(std::span<const PacketOut> burst) override;
  ErrorCode receive(RxBurst& burst) override;
  DeviceCounters counters() const override { return counters_; }

  /// Who hears of messages about rings, and the host's word for this link.
  void set_sink(RingMessageSink* sink, std::uint32_t link) {
    sink_ = sink;
    link_ = link;
  }
  /// Sends it, with a descriptor that stays the caller's (-1: none); what finds no room waits.
  /// Several news of one slot count as one.
  void send_message(const RingMessage& message, int fd);

 private:
  struct Waiting {
    RingMessage message;
    int fd = -1;
  };
  /// False: no room.
  bool send_now(const RingMessage& message, int fd);
  void send_waiting();
  void on_message(ByteView bytes, runtime::UniqueFd fd);
  bool is_ringed(const PacketOut& packet) const;
  void offer_ring_for(const PacketOut& packet);
  void tell_credit();
  /// Where the packet's bytes are in `buffer`, wherever they came from; empty: there is no packet.
  ByteView packet_of(const std::uint8_t* head, std::size_t message_bytes, ByteSpan buffer);
  std::size_t transmit_some(std::span<const PacketOut> burst);
  bool receive_one(RxBurst& burst, ByteSpan buffer);
  void watch_room(bool is_wanted);

  runtime::UniqueFd peer_;
  std::shared_ptr<FdWatch> watch_;
  std::shared_ptr<LinkState> state_;
  DeviceInfo info_;
  bool is_lost_ = false;
  bool is_watching_room_ = false;
  DeviceCounters counters_;
  std::deque<Waiting> waiting_;
  PacketRingOut ring_out_;
  PacketRingIn ring_in_;
  int large_packets_ = 0;  ///< out, until there is a ring
  RingMessageSink* sink_ = nullptr;
  std::uint32_t link_ = 0;
};

}  // namespace oriel::loopback
