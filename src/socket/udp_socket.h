// A UDP socket: datagrams that wait for a reader, readers that wait for a datagram, an optional
// peer.
//
// Sending never waits. With a peer (connect) only its datagrams are taken, and an ICMP port
// unreachable for something sent to it is told to the next receive as kConnectionRefused.
#pragma once

#include <cstdint>
#include <optional>

#include "base/buffer.h"
#include "oriel/address.h"
#include "socket/ip_port.h"
#include "socket/request_queue.h"
#include "udp/endpoint.h"

namespace oriel::socket {

class UdpSocket {
 public:
  UdpSocket(IpPort& port, BufferPool& pool, const Endpoint& local)
      : port_(port), pool_(pool), local_(local) {}
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  const Endpoint& local() const { return local_; }
  /// A socket on `::` serves both families, any other its own.
  bool may_reach(const IpAddress& to) const {
    return to.is_v4() == local_.address.is_v4() || local_.address == IpAddress::v6_any();
  }
  const std::optional<Endpoint>& peer() const { return peer_; }
  void connect(const Endpoint& to) { peer_ = to; }

  Result<void> send_to(Instant now, const Endpoint& to, ByteView payload);

  void submit(DatagramRequest& request);  ///< kReceiveFrom; may complete inside
  /// Fills the request's fields from a datagram that waits. kWouldBlock when none does.
  ErrorCode try_receive(DatagramRequest& request);
  bool cancel(std::uint64_t id);
  void cancel(Request& request);
  void close();

  /// False: dropped (no room, or not from the peer).
  bool on_datagram(udp::ReceivedDatagram datagram);
  void on_path_error(const udp::PathError& error);
  std::uint64_t drops() const { return queue_.drops(); }

 private:
  static void fill(DatagramRequest& request, const udp::ReceivedDatagram& datagram);

  IpPort& port_;
  BufferPool& pool_;
  Endpoint local_;
  std::optional<Endpoint> peer_;
  udp::DatagramQueue queue_;
  RequestQueue receives_;
};

}  // namespace oriel::socket
