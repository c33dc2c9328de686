// What a stream socket needs from a byte stream. TCP implements it here, a pipe in shared memory
// in loopback/.
//
// The transport never calls the socket from inside one of the socket's own calls: what happened is
// told later, in one `on_transport_events`, when the host's owner services the stream.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/intrusive_list.h"
#include "oriel/address.h"
#include "oriel/error.h"
#include "oriel/time.h"
#include "oriel/trace.h"
#include "socket/lane.h"
#include "tcp/tcp_config.h"

namespace oriel::socket {

class HeldRequest;
class Transport;

/// Bits of on_transport_events.
namespace transport_event {
inline constexpr std::uint16_t kConnected = 1;
inline constexpr std::uint16_t kReadable = 2;  ///< bytes to read, or end of stream
inline constexpr std::uint16_t kSendRoom = 4;  ///< there is room again
inline constexpr std::uint16_t kAcked = 8;     ///< bytes_acked moved
inline constexpr std::uint16_t kEndOfStream = 16;
inline constexpr std::uint16_t kUrgent = 32;
inline constexpr std::uint16_t kFailed = 64;   ///< ended with error()
inline constexpr std::uint16_t kClosed = 128;  ///< ended in order
inline constexpr std::uint16_t kBacklogChanged = 256;
}  // namespace transport_event

/// Who uses a transport: a socket, or a listener until somebody accepts the stream.
class TransportUser {
 public:
  virtual void on_transport_events(Instant now, Transport& transport, std::uint16_t events) = 0;

 protected:
  ~TransportUser() = default;
};

/// Lets a caller that blocks wait at the transport itself, where it is woken without the host's
/// owner between. Another try follows each wait: it says that something moved, not what.
class DirectWait {
 public:
  enum class For : std::uint8_t { kReadable, kRoom };
  /// What a wait began with; the transport's. It lives while tickets are out.
  struct Ticket {
    For what = For::kReadable;
    std::uint64_t position = 0;
    std::uint64_t state = 0;
    std::uint32_t peer_signal = 0;
    std::uint32_t own_signal = 0;
    std::uint32_t peer_life = 0;
    std::uint32_t peer_life_changes = 0;
    Duration look{0};  ///< awake, before it sleeps
    Duration waited{0};
    Duration own_wake{0};  ///< of it, from being woken to running; zero: not known
    bool has_slept = false;
    bool is_peer_waking = false;
    bool is_contended = false;
  };
  /// nullopt: something is there already. `wanted`: bytes to send. Thread: the host's owner.
  virtual std::optional<Ticket> begin(For what, std::size_t wanted) = 0;
  /// False: `deadline` has come. Thread: any, without the host.
  virtual bool wait(Ticket& ticket, Instant deadline) = 0;
  /// Thread: the host's owner. The transport may go afterwards.
  virtual void end(const Ticket& ticket) = 0;

 protected:
  ~DirectWait() = default;
};

struct ListenerTag {};

class Transport : public ListHook<ListenerTag> {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// What its user shall hold in its place: itself, or what stands in front of it.
  virtual Transport& front() { return *this; }
  /// Not nullptr: no connection yet, but a request that waits for a decision (held_request.h).
  virtual HeldRequest* as_held() { return nullptr; }

  TransportUser* user() const { return user_; }
  void set_user(TransportUser* user) { user_ = user; }

  // Calls; none waits. Thread: the host's owner.
  /// Copies what there is room for; returns how much.
  virtual std::size_t send(Instant now, ByteView bytes) = 0;
  /// Copies all, whatever the room; 0: the host's memory does not allow it now, or it is closed.
  virtual std::size_t send_whole(Instant now, ByteView bytes) = 0;
  /// Whether send_whole takes any amount. If not, sends go in as room allows, and whoever may not
  /// wait is told that a part was taken.
  virtual bool takes_whole() const { return true; }
  /// Takes all without a copy; they stay in place until bytes_acked() covers them or the end.
  virtual void send_borrowed(Instant now, ByteView bytes) = 0;
  virtual void send_urgent(Instant now, std::uint8_t byte) = 0;
  virtual std::size_t receive(Instant now, ByteSpan out) = 0;
  /// Copies readable bytes from `offset` and leaves them.
  virtual std::size_t peek(ByteSpan out, std::size_t offset) const = 0;
  /// Readable bytes to read where they lie, from the first on: at most out.size() runs of together
  /// at most `bytes_max`. They stay readable until `skip`; a run keeps its bytes for as long as
  /// it lives. Returns how many runs. A transport whose bytes lie where others may write copies
  /// them into one block of `pool`.
  virtual std::size_t lend(std::span<Slice> out, std::size_t bytes_max, BufferPool& pool) const {
    const std::size_t n = std::min(readable_bytes(), bytes_max);
    if (n == 0 || out.empty()) return 0;
    Slice copy = pool.make(n);
    copy.truncate(peek({copy.mutable_data(), n}, 0));
    if (copy.empty()) return 0;
    out[0] = std::move(copy);
    return 1;
  }
  /// Passes over readable bytes that were read where they lie. Requires: n <= readable_bytes().
  virtual void skip(Instant now, std::size_t n) {
    std::array<std::uint8_t, 4096> unread;
    while (n != 0) {
      const std::size_t passed = receive(now, {unread.data(), std::min(n, unread.size())});
      if (passed == 0) return;  // it has ended meanwhile
      n -= passed;
    }
  }
  virtual void shutdown_send(Instant now) = 0;
  /// Graceful end of both directions by a user that goes away: nothing more will be read. Gives the
  /// transport up, unless borrowed bytes are out: then until their acknowledgement.
  virtual void close(Instant now) = 0;
  virtual void abort(Instant now, ErrorCode reason) = 0;
  /// The user is gone for good; the transport ends by itself and is freed by its maker.
  virtual void detach(Instant now) = 0;
  virtual void set_options(Instant now, const tcp::TcpSocketOptions& options) = 0;
  /// Asks to be serviced again soon, although nothing happened (work was cut off at a bound).
  virtual void request_service() = 0;

  /// Somebody waits for kReadable. Without that a transport may leave bytes untold that whoever
  /// reads next finds by itself.
  virtual void want_readable() {}
  /// nullptr: only the host's owner can say when something happens.
  virtual DirectWait* direct_wait() { return nullptr; }
  /// Lends those directions until somebody touches them here, if nothing stands against it; the
  /// same lane each time. nullptr: this transport has none, or lends nothing now.
  virtual std::shared_ptr<Lane> lend(const Loan& /*loan*/) { return nullptr; }
  /// From now on: while that word is as it was, and nobody takes a turn here, nothing can be read
  /// that could not before. False: there is no such word, or something came just now.
  virtual bool watch_quiet(QuietWord& /*out*/) { return false; }
  /// The host of the other end shall look: a lane's Moved::must_ring.
  virtual void ring_peer() {}

  // Asked.
  virtual bool is_connected() const = 0;  ///< was established, and has not ended
  virtual bool has_ended() const = 0;     ///< CLOSED: nothing will happen any more
  virtual ErrorCode error() const = 0;
  virtual std::size_t send_room() const = 0;
  virtual std::size_t readable_bytes() const = 0;
  /// Bytes from the next one to read to the end of the urgent data, which may not be there yet; 0:
  /// none is pending.
  virtual std::uint32_t urgent_bytes_left() const = 0;
  virtual bool is_at_end_of_stream() const = 0;
  virtual bool is_send_closed() const = 0;
  /// The sending direction was shut, and the peer has all of it, its end included.
  virtual bool is_send_end_acked() const {
    return is_send_closed() && bytes_acked() == bytes_queued();
  }
  virtual std::uint64_t bytes_acked() const = 0;
  virtual std::uint64_t bytes_queued() const = 0;
  virtual std::uint32_t ideal_send_backlog() const = 0;
  virtual void fill_info(Instant now, TcpInfo& info) const = 0;
  virtual const Endpoint& local() const = 0;
  virtual const Endpoint& remote() const = 0;

 protected:
  ~Transport() = default;

 private:
  friend class Listener;
  TransportUser* user_ = nullptr;
  bool is_on_ready_list_ : 1 = false;  // Listener's: established, waits for accept
  bool is_decided_ : 1 = false;        // Listener's: the program has let it in
};

}  // namespace oriel::socket
