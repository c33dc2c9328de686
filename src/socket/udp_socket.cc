// Datagrams to readers, first to first. A reader that waits gets its bytes straight from the
// packet.
#include "socket/udp_socket.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "udp/datagram.h"

namespace oriel::socket {

Result<void> UdpSocket::send_to(Instant now, const Endpoint& to, std::span<const ByteView> payload,
                                const DatagramSend& how, const IpAddress& source) {
  if (to.port == 0 || to.address.is_unspecified()) return fail(ErrorCode::kInvalidArgument);
  const std::size_t bytes_max =
      to.address.is_v4() ? udp::kPayloadBytesMaxIpv4 : udp::kPayloadBytesMaxIpv6;
  std::size_t bytes = 0;
  for (const ByteView piece : payload) bytes += piece.size();
  if (bytes > bytes_max) return fail(ErrorCode::kMessageTooLong);
  if (!may_reach(to.address)) return fail(ErrorCode::kInvalidArgument);
  Endpoint from = local_;
  if (!source.is_unspecified()) from.address = source;
  if (payload.size() <= kDatagramPiecesMax) {
    return port_.send_datagram(now, from, to, payload, how);
  }
  std::vector<std::uint8_t> joined;
  joined.reserve(bytes);
  for (const ByteView piece : payload) joined.insert(joined.end(), piece.begin(), piece.end());
  const ByteView whole(joined);
  return port_.send_datagram(now, from, to, {&whole, 1}, how);
}

std::uint16_t UdpSocket::readiness() const {
  const bool is_readable = receives_.empty() && (!queue_.empty() || queue_.has_error());
  return static_cast<std::uint16_t>(ready::kWrite | (is_readable ? ready::kRead : 0));
}

void UdpSocket::tell_readable() {
  if (observer_ != nullptr && (readiness() & ready::kRead) != 0) {
    observer_->on_readiness(ready::kRead);
  }
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
  if (request.is_peek) {
    if (queue_.empty()) return ErrorCode::kWouldBlock;
    fill(request, *queue_.front());
    return ErrorCode::kOk;
  }
  udp::ReceivedDatagram datagram;
  if (!queue_.pop(datagram)) return ErrorCode::kWouldBlock;
  fill(request, datagram);
  return ErrorCode::kOk;
}

void UdpSocket::fill(DatagramRequest& request, const udp::ReceivedDatagram& datagram) {
  ByteView payload(datagram.payload.data(), datagram.payload.size());
  request.datagram_bytes = payload.size();
  for (ByteSpan out = request.rest(); !out.empty() && !payload.empty(); out = request.rest()) {
    const std::size_t n = std::min(out.size(), payload.size());
    std::memcpy(out.data(), payload.data(), n);
    request.advance(n);
    payload = payload.subspan(n);
  }
  request.source = datagram.source;
  request.destination = datagram.destination;
  request.interface_index = datagram.interface_index;
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
  while (!receives_.empty()) {
    auto& request = static_cast<DatagramRequest&>(receives_.pop());
    fill(request, datagram);
    const bool is_peek = request.is_peek;
    request.complete(ErrorCode::kOk);
    if (!is_peek) return true;
  }
  if (!queue_.push(pool_, std::move(datagram))) return false;
  tell_readable();
  return true;
}

void UdpSocket::on_path_error(const udp::PathError& error) {
  if (peer_ ? error.destination != *peer_ : !is_every_error_told_) return;
  if (!receives_.empty()) return receives_.pop().complete(error.code);
  queue_.on_path_error(error);
  tell_readable();
}

}  // namespace oriel::socket
