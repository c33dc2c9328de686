// Datagrams to readers, first to first. A reader that waits gets its bytes straight from the
// packet.
#include "socket/udp_socket.h"

#include <algorithm>
#include <cstring>

#include "udp/datagram.h"

namespace oriel::socket {

Result<void> UdpSocket::send_to(Instant now, const Endpoint& to, ByteView payload) {
  if (to.port == 0 || to.address.is_unspecified()) return fail(ErrorCode::kInvalidArgument);
  const std::size_t bytes_max =
      to.address.is_v4() ? udp::kPayloadBytesMaxIpv4 : udp::kPayloadBytesMaxIpv6;
  if (payload.size() > bytes_max) return fail(ErrorCode::kMessageTooLong);
  if (!may_reach(to.address)) return fail(ErrorCode::kInvalidArgument);
  return port_.send_datagram(now, local_, to, payload);
}

void UdpSocket::submit(DatagramRequest& request) {
  if (receives_.empty()) {
    const ErrorCode e = try_receive(request);
    if (e != ErrorCode::kWouldBlock) return request.complete(e);
  }
  receives_.push(request);
}

ErrorCode UdpSocket::try_receive(DatagramRequest& request) {
  if (const auto error = queue_.take_error()) return error->code;
  udp::ReceivedDatagram datagram;
  if (!queue_.pop(datagram)) return ErrorCode::kWouldBlock;
  fill(request, datagram);
  return ErrorCode::kOk;
}

void UdpSocket::fill(DatagramRequest& request, const udp::ReceivedDatagram& datagram) {
  request.done = std::min(request.size, datagram.payload.size());
  if (request.done != 0) std::memcpy(request.data, datagram.payload.data(), request.done);
  request.datagram_bytes = datagram.payload.size();
  request.source = datagram.source;
  request.destination = datagram.destination;
  request.hop_limit = datagram.hop_limit;
  request.traffic_class = datagram.traffic_class;
}

bool UdpSocket::cancel(std::uint64_t id) {
  Request* found = receives_.find(id);
  if (found == nullptr) return false;
  cancel(*found);
  return true;
}

void UdpSocket::cancel(Request& request) {
  if (receives_.remove(request)) request.complete(ErrorCode::kCancelled);
}

void UdpSocket::close() {
  receives_.complete_all(ErrorCode::kCancelled);
  queue_.clear();
}

bool UdpSocket::on_datagram(udp::ReceivedDatagram datagram) {
  if (peer_ && datagram.source != *peer_) return false;
  if (receives_.empty()) return queue_.push(pool_, std::move(datagram));
  auto& request = static_cast<DatagramRequest&>(receives_.pop());
  fill(request, datagram);
  request.complete(ErrorCode::kOk);
  return true;
}

void UdpSocket::on_path_error(const udp::PathError& error) {
  if (!peer_ || error.destination != *peer_) return;
  if (receives_.empty()) return queue_.on_path_error(error);
  receives_.pop().complete(error.code);
}

}  // namespace oriel::socket
