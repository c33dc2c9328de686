// A UDP socket: datagrams that wait for a reader, readers that wait for a datagram, an optional
// peer.
//
// Sending never waits. With a peer (connect) only its datagrams are taken, and an ICMP port
// unreachable for something sent to it is told to the next receive as kConnectionRefused. Without
// one such errors are told only if `set_errors_told` asks for them.
#pragma once

#include <cstdint>
#include <optional>

#include "base/buffer.h"
#include "oriel/address.h"
#include "socket/ip_port.h"
#include "socket/port_space.h"
#include "socket/readiness.h"
#include "socket/request_queue.h"
#include "udp/endpoint.h"

namespace oriel::socket {

class UdpSocket {
 public:
  UdpSocket(IpPort& port, BufferPool& pool, const Endpoint& local,
            PortSharing sharing = PortSharing::kNone, bool is_v6_only = false)
      : port_(port), pool_(pool), local_(local), sharing_(sharing), is_v6_only_(is_v6_only) {}
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  const Endpoint& local() const { return local_; }
  PortSharing sharing() const { return sharing_; }
  bool is_v6_only() const { return is_v6_only_; }
  /// A socket on `::` serves both families unless it is for IPv6 only; any other its own.
  bool may_reach(const IpAddress& to) const {
    return to.is_v4() == local_.address.is_v4() ||
           (local_.address == IpAddress::v6_any() && !is_v6_only_);
  }
  const std::optional<Endpoint>& peer() const { return peer_; }
  void connect(const Endpoint& to) { peer_ = to; }
  void disconnect() { peer_.reset(); }
  void set_errors_told(bool is_told) { is_every_error_told_ = is_told; }
  void set_receive_bytes_max(std::size_t bytes) { queue_.set_bytes_max(bytes); }
  void set_observer(ReadinessObserver* observer) { observer_ = observer; }
  /// What holds now: bits of `ready`.
  std::uint16_t readiness() const;
  std::size_t waiting_datagrams() const { return queue_.size(); }
  std::size_t waiting_bytes() const { return queue_.payload_bytes(); }
  /// Payload of the next one; 0: none waits.
  std::size_t next_datagram_bytes() const {
    return queue_.empty() ? 0 : queue_.front()->payload.size();
  }

  Result<void> send_to(Instant now, const Endpoint& to, ByteView payload) {
    return send_to(now, to, {&payload, 1}, {});
  }
  /// `source`: one of the host's addresses instead of the one bound; unspecified: that one.
  Result<void> send_to(Instant now, const Endpoint& to, std::span<const ByteView> payload,
                       const DatagramSend& how, const IpAddress& source = {});

  void submit(DatagramRequest& request);  ///< kReceiveFrom; may complete inside
  /// Fills the request's fields from a datagram that waits. kWouldBlock when none does.
  ErrorCode try_receive(DatagramRequest& request);
  /// The first datagram that waits, with the block that it came in; false: none. An error that
  /// waits is forgotten: this way there is nobody to tell it to.
  bool take(udp::ReceivedDatagram& out) {
    queue_.take_error();
    return queue_.pop(out);
  }
  bool cancel(std::uint64_t id);
  void cancel(Request& request);
  void close();

  /// False: dropped (no room, or not from the peer).
  bool on_datagram(udp::ReceivedDatagram datagram);
  void on_path_error(const udp::PathError& error);
  std::uint64_t drops() const { return queue_.drops(); }

 private:
  static void fill(DatagramRequest& request, const udp::ReceivedDatagram& datagram);
  void tell_readable();

  IpPort& port_;
  BufferPool& pool_;
  ReadinessObserver* observer_ = nullptr;
  Endpoint local_;
  PortSharing sharing_;
  bool is_v6_only_;
  bool is_every_error_told_ = false;
  std::optional<Endpoint> peer_;
  udp::DatagramQueue queue_;
  RequestQueue receives_;
};

}  // namespace oriel::socket
