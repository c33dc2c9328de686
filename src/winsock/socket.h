// A Winsock socket: what Windows remembers about it, in front of what the stack has.
//
//   kFresh --bind--> kBound --listen--> kListening          stream
//      |               +------connect--> kConnecting --> kConnected
//      +--connect----------------^
//
// One of stream, listener and datagrams exists once there is something to hold (a connection, a
// backlog, a bound port). Calls find the Socket by its handle, take the host's turn, and act inside
// it; so nothing here is locked. A call may still hold a Socket that another has closed: is_closed.
#pragma once

#include <winsock2.h>

#include <atomic>
#include <memory>
#include <optional>

#include "base/intrusive_list.h"
#include "socket/readiness.h"
#include "stack/host_impl.h"
#include "win32/file_object.h"
#include "winsock/network_events.h"
#include "winsock/socket_options.h"

namespace oriel::winsock {

class Operation;
class Socket;
struct OfSocket {};
struct Watching {};

/// Somebody who waits for a socket to become ready: a select, a poll, an event selection.
class Watcher : public ListHook<Watching> {
 public:
  /// Besides those bits: the socket was closed.
  static constexpr std::uint16_t kClosed = 0x8000;
  /// Bits of socket::ready. It notes or publishes and returns. Thread: the host's owner.
  virtual void on_ready(Socket& socket, std::uint16_t what) = 0;

 protected:
  ~Watcher() = default;
};

class Socket final : public win32::FileObject, private socket::ReadinessObserver {
 public:
  struct Kind {
    int family = AF_INET;
    int type = SOCK_STREAM;
    int protocol = IPPROTO_TCP;
    bool is_overlapped = true;
  };
  Socket(std::shared_ptr<stack::HostImpl> host, const Kind& kind)
      : FileObject(win32::ObjectKind::kSocket), host_(std::move(host)), kind_(kind) {}
  static constexpr bool is_kind(win32::ObjectKind kind) {
    return kind == win32::ObjectKind::kSocket;
  }

  stack::HostImpl& host() { return *host_; }
  const std::shared_ptr<stack::HostImpl>& shared_host() const { return host_; }
  const Kind& kind() const { return kind_; }
  bool is_stream() const { return kind_.type == SOCK_STREAM; }
  bool is_non_blocking() const { return is_non_blocking_.load(std::memory_order_relaxed); }
  void set_non_blocking(bool is_on) { is_non_blocking_.store(is_on, std::memory_order_relaxed); }

  bool cancel_io(OVERLAPPED* which, std::uint32_t thread_id) override;
  void on_last_handle() override;

  // --- all below: inside a turn. Results are Winsock errors, 0 for success.
  using Core = stack::Core;

  int bind(Core& core, const Endpoint& local);
  /// A datagram socket that has no port yet gets one.
  int bind_if_unbound(Core& core);
  int listen(Core& core, int backlog);
  /// Starts connecting; the outcome is the stream's to tell.
  int begin_connect(Core& core, const Endpoint& to);
  int connect_datagrams(Core& core, const Endpoint& to);
  /// Takes over an accepted stream. False: limits are reached.
  bool adopt(Core& core, socket::Transport& accepted);
  /// What a listening socket hands down to one that was accepted from it.
  void inherit(Core& core, const Socket& listening);
  /// The part of it that holds before the program asks for the rest.
  void inherit_compatibility(const Socket& listening);
  int shut_down(Core& core, int how);
  /// Everything that waits ends with kCancelled; the connection closes in the background or, with a
  /// linger time of 0, with RST.
  void close(Core& core);

  /// Why nothing can be sent or received: closed, not connected, ...; 0: it can.
  int send_refusal() const;
  int receive_refusal() const;
  std::optional<Endpoint> local(Core& core) const;
  std::optional<Endpoint> peer() const;
  /// Bits of socket::ready that hold now. A connection that never came about is kConnectFailed,
  /// not kFailed; a stream whose sending side was shut is writable (sends fail at once).
  std::uint16_t readiness() const;
  /// Watchers shall hear when a send becomes possible.
  void want_write();
  /// WSAEventSelect's record, and what calls tell it that re-enable events.
  NetworkEvents& events() { return events_; }
  void note_receive(bool is_urgent);
  void note_send_refused() { events_.rearm(FD_WRITE, 0); }
  void note_accept() { events_.rearm(FD_ACCEPT, holding()); }
  /// SO_ERROR: what ended a connection or an attempt, once.
  int take_error();
  void apply_options(Core& core);
  void apply_datagram_options();
  bool has_pending_sends() const;

  socket::StreamSocket* stream() const { return stream_; }
  socket::Listener* listener() const { return listener_; }
  socket::UdpSocket* datagrams() const { return datagrams_; }
  SocketOptions& options() { return options_; }
  bool is_closed() const { return is_closed_; }
  bool is_bound() const { return bound_.has_value() || datagrams_ != nullptr; }
  bool is_connected() const { return is_connected_; }

  // Sockets of AcceptEx, ConnectEx and DisconnectEx.

  /// May an accepted stream be put here? It was never used, or its connection is retired.
  bool may_accept_into() const;
  /// The AcceptEx that will put a stream here; closing this socket cancels it.
  void set_acceptor(Operation* acceptor) { acceptor_ = acceptor; }
  /// Until the program asks for the new connection's properties (SO_UPDATE_ACCEPT_CONTEXT,
  /// SO_UPDATE_CONNECT_CONTEXT) the socket can send, receive and close, but has no names.
  bool is_context_due() const { return is_context_due_; }
  void set_context_due(bool is_due) { is_context_due_ = is_due; }
  /// The connection has ended for the program, which may use the socket again: it goes at the next
  /// use or close, because its own completion may be what calls this.
  void retire_stream();
  void release_retired(Core& core);
  /// Seconds since it was connected; none: it is not.
  std::optional<DWORD> connected_seconds(Core& core) const;

  void watch(Watcher& watcher) {
    watchers_.push_back(watcher);
    want_read();
  }
  /// What can be read from now on shall be told, where somebody waits for that.
  void want_read() {
    if (stream_ == nullptr) return;
    if (events_.is_selecting() || !watchers_.empty()) stream_->want_read();
  }
  /// A way for plain calls without a turn, for as long as nobody waits or selects (socket/lane.h).
  std::shared_ptr<socket::Lane> lend_lane();
  void track(Operation& operation);
  /// A blocked call lends its bytes (+1), and has them back (-1).
  void note_lending_call(int change) { lending_calls_ += change; }

 private:
  void on_readiness(std::uint16_t what) override;
  std::uint16_t as_shown(std::uint16_t what) const;
  LONG events_for(std::uint16_t what) const;
  LONG holding() const { return events_for(readiness()); }
  void record_events(std::uint16_t what);
  bool is_dual() const { return kind_.family == AF_INET6 && !options_.is_v6_only; }
  std::optional<Endpoint> local_for(const Endpoint& to) const;
  void attach(socket::StreamSocket& stream);
  void release_port(Core& core);
  /// Some send's bytes lie in the program's memory and are not acknowledged.
  bool is_lending();

  const std::shared_ptr<stack::HostImpl> host_;
  const Kind kind_;
  std::atomic<bool> is_non_blocking_{false};

  // The owner's:
  bool is_closed_ = false;
  bool is_connected_ = false;  // it was, once
  bool is_error_taken_ = false;
  bool is_bound_dual_ = false;
  int lending_calls_ = 0;
  bool is_receive_shut_ = false;  // a datagram socket's
  bool is_send_shut_ = false;
  socket::PortSharing bound_sharing_ = socket::PortSharing::kUsual;
  bool is_context_due_ = false;
  bool is_accepted_ = false;
  std::optional<Endpoint> bound_;  // a stream socket's reserved port
  Instant connected_at_;
  Operation* acceptor_ = nullptr;
  socket::StreamSocket* retired_ = nullptr;
  socket::StreamSocket* stream_ = nullptr;
  socket::Listener* listener_ = nullptr;
  socket::UdpSocket* datagrams_ = nullptr;
  SocketOptions options_;
  IntrusiveList<Operation, OfSocket> operations_;
  IntrusiveList<Watcher, Watching> watchers_;
  NetworkEvents events_;
};

}  // namespace oriel::winsock
