// One thing that a program asked of a socket and that may take time: connect, accept, send,
// receive.
//
// Intrusive: the front-end makes it (from a slab, or on a blocked caller's stack), the socket links
// it into a queue and keeps its progress in it, and the sink gets it back exactly once. Sockets
// allocate nothing for a request.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "oriel/address.h"
#include "oriel/error.h"
#include "socket/completion_sink.h"

namespace oriel::socket {

class Transport;

struct Request {
  enum class Kind : std::uint8_t {
    kConnect,
    kAccept,
    kSend,          ///< copied into the send buffer; done when all of it is there
    kSendBorrowed,  ///< sent from where it lies; done when the peer has acknowledged it
    kShutdown,      ///< shuts the sending direction; done when the peer has acknowledged its end
    kReceive,      ///< done with at least one byte (see is_wait_all), or 0 at the end of the stream
    kWaitUrgent,   ///< done when urgent data is announced; `done` says how far off its end is
    kWaitBacklog,  ///< done when the ideal send backlog is not what this socket was told last
    kReceiveFrom,  ///< a DatagramRequest
    kEcho,         ///< the composition's: an ICMP echo request under way
  };

  Kind kind = Kind::kReceive;
  ErrorCode error = ErrorCode::kOk;
  bool is_queued = false;        ///< the socket has it; false once the sink got it
  bool is_peek : 1 = false;      ///< receive: the bytes stay
  bool is_wait_all : 1 = false;  ///< receive: done when full, or at the end with what came
  bool is_urgent : 1 = false;    ///< receive: the urgent byte; send: the last byte is urgent
  bool is_whole : 1 = false;     ///< kSend: taken as SendQuota says, then all of it at once
  bool has_begun : 1 = false;    ///< is_whole: it was taken
  bool is_asking : 1 = false;    ///< kAccept: done with a request that is held, undecided, as well
  Request* next = nullptr;       ///< the queue's link; the sink may use it afterwards
  CompletionSink* sink = nullptr;
  std::uint64_t id = 0;              ///< the front-end's name for it
  std::uint8_t* data = nullptr;      ///< one piece; or
  const ByteSpan* pieces = nullptr;  ///< several, which make up `size`; they stay put
  std::uint32_t piece = 0;           ///< the one that goes on now
  std::size_t piece_done = 0;        ///< bytes of it
  std::size_t size = 0;              ///< bytes of all pieces
  std::size_t done = 0;              ///< of them, sent or received
  std::uint64_t ack_target = 0;  ///< kSendBorrowed: stream position whose acknowledgement ends it
  /// kAccept: the new stream, owned by the sink from then on. Before: the one of the listener's
  /// half-open streams that it waits for.
  Transport* accepted = nullptr;

  /// What is left of the piece that goes on now; empty only when all is done.
  ByteSpan rest() {
    if (pieces == nullptr) return {data + done, size - done};
    while (done < size && piece_done == pieces[piece].size()) {
      ++piece;
      piece_done = 0;
    }
    return done < size ? pieces[piece].subspan(piece_done) : ByteSpan{};
  }
  void advance(std::size_t n) {
    done += n;
    piece_done += n;
  }
  /// Hands it back. Requires: on no queue any more.
  void complete(ErrorCode outcome) {
    error = outcome;
    is_queued = false;
    sink->on_complete(*this);
  }

 protected:
  ~Request() = default;  // never deleted through the base
};

struct DatagramRequest : Request {
  Endpoint source;
  IpAddress destination;
  std::size_t datagram_bytes = 0;  ///< may be more than `size`: it was cut
  std::uint32_t interface_index = 0;
  std::uint8_t hop_limit = 0;
  std::uint8_t traffic_class = 0;
};

}  // namespace oriel::socket
