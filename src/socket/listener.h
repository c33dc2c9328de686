// A listening socket: half-open connections, connections that wait for accept, and requests that
// wait for connections.
//
//   SYN --may_admit--> half_open_ --handshake--> ready_ --accept--> the program
//    |                 (syn_queue_max)           (backlog)
//    `--conditional, may_hold--> held_ --the program lets it in--> half_open_
//                                (backlog, with ready_)
//
// The backlog is checked when a SYN comes and again when the handshake ends, because others may
// have ended theirs meanwhile. What comes beyond a limit is dropped silently: a peer repeats its
// SYN, or hears our SYN-ACK again and repeats its ACK (RFC 9293 has no better answer). In
// conditional mode a request is held, unanswered, until the program decides (held_request.h); a
// plain accept is a decision, and the stream that it lets in is promised to it. REQ LFP-10
#pragma once

#include <cstdint>

#include "base/intrusive_list.h"
#include "oriel/address.h"
#include "socket/held_request.h"
#include "socket/readiness.h"
#include "socket/request_queue.h"
#include "socket/transport.h"
#include "tcp/tcp_config.h"

namespace oriel::socket {

struct ListenerLimits {
  std::uint32_t backlog = 128;         ///< established connections that wait for accept
  std::uint32_t syn_queue_max = 4096;  ///< half-open connections
};

class Listener final : public TransportUser {
 public:
  Listener(const Endpoint& local, const ListenerLimits& limits,
           const tcp::TcpSocketOptions& options, bool is_v6_only = false)
      : local_(local), limits_(limits), options_(options), is_v6_only_(is_v6_only) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  const Endpoint& local() const { return local_; }
  bool is_v6_only() const { return is_v6_only_; }
  /// Accepted connections start with these.
  const tcp::TcpSocketOptions& options() const { return options_; }
  void set_options(const tcp::TcpSocketOptions& options) { options_ = options; }
  /// Asked for the fast path: it holds for connections that arrive from now on (LFP-4).
  bool is_fast_path() const { return is_fast_path_; }
  void set_fast_path(bool is_on) { is_fast_path_ = is_on; }
  /// Connections are held for the program's decision. Requires: it is said before any comes.
  bool is_conditional() const { return is_conditional_; }
  void set_conditional(bool is_on) { is_conditional_ = is_on; }
  void set_backlog(std::uint32_t backlog) { limits_.backlog = backlog; }
  void set_observer(ReadinessObserver* observer) { observer_ = observer; }
  /// What holds now: bits of `ready`.
  std::uint16_t readiness() const {
    return ready_count_ + held_count_ != 0 ? ready::kAccept : std::uint16_t{0};
  }

  /// May another half-open connection begin now?
  bool may_admit() const {
    return half_open_count_ < limits_.syn_queue_max && ready_count_ < limits_.backlog;
  }
  /// May a handshake end now? If it does, `note_complete`; the stream's kConnected comes later.
  bool may_complete() const { return ready_count_ + completing_count_ < limits_.backlog; }
  void note_complete() { ++completing_count_; }
  /// Takes the new stream in SYN-RECEIVED, or one that will tell kConnected at once.
  void admit(Transport& stream);

  /// May another request be held?
  bool may_hold() const { return may_admit() && held_count_ + ready_count_ < limits_.backlog; }
  /// Takes a new request, and hands it to whoever waits for one.
  void hold(HeldRequest& request);
  /// The first that is held, or nullptr. The caller becomes its user, and decides: `permit`,
  /// `abort`, or put_back.
  HeldRequest* try_take_held();
  /// Lets in what try_take_held gave: the stream, half open here, or nullptr (HeldRequest::permit).
  /// A kAccept whose `accepted` is that stream waits for it: kConnectionReset if it fails.
  Transport* permit(HeldRequest& request);
  /// The program has let this one in already, before its handshake.
  static bool is_decided(const Transport& stream) { return stream.is_decided_; }
  /// A connection that came now would be let in by an accept that waits.
  bool is_awaited() const;
  /// Takes such a one, as `admit` does. Requires: is_awaited().
  void admit_awaited(Transport& stream);

  void submit(Request& request);  ///< kAccept
  bool cancel(std::uint64_t id);
  void cancel(Request& request);
  /// A connection that waits, or nullptr. The caller becomes its user.
  Transport* try_accept();
  /// Undoes a try_accept or try_take_held: it is the first again. Requires: nobody uses it.
  void put_back(Instant now, Transport& stream);
  /// Ends every connection that nobody accepted with RST, and every request with kCancelled.
  void close(Instant now);

  std::uint32_t half_open_count() const { return half_open_count_; }
  std::uint32_t ready_count() const { return ready_count_; }
  std::uint32_t held_count() const { return held_count_; }

  void on_transport_events(Instant now, Transport& transport, std::uint16_t events) override;

 private:
  using Streams = IntrusiveList<Transport, ListenerTag>;
  void hand_out();
  void complete(Request& request, Transport& with);
  void promise(Request& request, Transport& stream);
  void promise_failed(Request& request);
  Request* first_waiting() const;
  Request* promised(const Transport& stream) const;
  void forget(Instant now, Transport& stream);

  Endpoint local_;
  ListenerLimits limits_;
  tcp::TcpSocketOptions options_;
  bool is_v6_only_;
  bool is_fast_path_ = false;
  bool is_conditional_ = false;
  ReadinessObserver* observer_ = nullptr;
  Streams held_;
  Streams half_open_;
  Streams ready_;
  std::uint32_t half_open_count_ = 0;
  std::uint32_t ready_count_ = 0;
  std::uint32_t completing_count_ = 0;  // of half_open_: the handshake ended, kConnected is due
  std::uint32_t held_count_ = 0;
  std::uint32_t promised_count_ = 0;  // of accepts_: each waits for a stream of half_open_
  RequestQueue accepts_;
};

}  // namespace oriel::socket
