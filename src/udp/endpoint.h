// Datagrams that arrived for one UDP socket and wait to be read, and the error that ICMP left for
// it.
//
// Bounded in payload bytes (the socket's receive buffer); what does not fit is dropped and counted,
// as UDP may. A small datagram in a large block is copied down, so that the memory held stays near
// the bytes counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/buffer.h"
#include "oriel/address.h"
#include "oriel/error.h"

namespace oriel::udp {

inline constexpr std::size_t kReceiveBytesDefault = 64u << 10;
/// Counted for each datagram besides its payload, so that empty ones are bounded too.
inline constexpr std::size_t kDatagramOverheadBytes = 64;

struct ReceivedDatagram {
  Endpoint source;
  IpAddress destination;  ///< the address it was sent to
  std::uint32_t interface_index = 0;
  std::uint8_t hop_limit = 0;
  std::uint8_t traffic_class = 0;
  Slice payload;
};

/// An ICMP error about a datagram that this socket sent.
struct PathError {
  ErrorCode code = ErrorCode::kOk;
  Endpoint destination;  ///< where that datagram was going
};

class DatagramQueue {
 public:
  explicit DatagramQueue(std::size_t bytes_max = kReceiveBytesDefault) : bytes_max_(bytes_max) {}

  /// False: no room, dropped and counted. An empty queue takes any one datagram, however small
  /// bytes_max is.
  bool push(BufferPool& pool, ReceivedDatagram datagram);
  bool pop(ReceivedDatagram& out);
  const ReceivedDatagram* front() const { return queue_.empty() ? nullptr : &queue_.front(); }
  bool empty() const { return queue_.empty(); }
  std::size_t size() const { return queue_.size(); }
  /// Payload bytes that wait.
  std::size_t payload_bytes() const { return payload_bytes_; }
  void set_bytes_max(std::size_t bytes) { bytes_max_ = bytes; }
  std::uint64_t drops() const { return drops_; }
  void clear();

  /// Keeps the latest error until it is taken.
  void on_path_error(const PathError& error) { error_ = error; }
  std::optional<PathError> take_error();
  bool has_error() const { return error_.has_value(); }

 private:
  std::deque<ReceivedDatagram> queue_;
  std::size_t bytes_max_;
  std::size_t payload_bytes_ = 0;
  std::uint64_t drops_ = 0;
  std::optional<PathError> error_;
};

}  // namespace oriel::udp
