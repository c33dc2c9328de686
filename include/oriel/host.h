// A host: one TCP/IP stack with links, addresses, routes and sockets, inside this program.
//
// Two ways to run one. With its own clock (default) a thread of the host serves the devices, and
// blocking calls of other threads may serve them instead while they wait. With `is_manual` nothing
// runs by itself: the program steps time and moves packets (`advance`, `inject`, `take`), in one
// thread; only the `async_` calls and those that never wait work then.
//
// Handlers run on the host's thread (or inside `advance` and `inject`), never under any lock, one
// at a time; they may call anything of the API except blocking calls. Every request completes
// exactly once. Sockets are handles: copying shares, the last copy closes (gracefully: what was
// sent goes out). A host outlives its sockets' usefulness: after its destruction they answer
// kConnectionAborted.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "oriel/address.h"
#include "oriel/error.h"
#include "oriel/export.h"
#include "oriel/filter.h"
#include "oriel/link.h"
#include "oriel/settings.h"
#include "oriel/time.h"
#include "oriel/trace.h"

namespace oriel {

namespace stack {
class HostImpl;
struct SocketHandle;
}  // namespace stack

/// Outcome of a request. For receive, kOk with 0 bytes is the end of the stream.
struct IoResult {
  ErrorCode error = ErrorCode::kOk;
  std::size_t bytes = 0;
};
using IoHandler = std::function<void(IoResult)>;

/// Names one pending request of one socket; for `cancel`.
using RequestId = std::uint64_t;

/// What a TCP socket asks of its receive side. Takes effect on connections made later: the scale
/// is fixed by the SYN. Accepted sockets inherit.
struct CompatibilityMode {
  ReceiveMode receive_mode = ReceiveMode::kHost;
  /// `receive_buffer_bytes` of an established connection may become smaller, not only larger.
  bool may_shrink_receive_buffer = false;
};

/// What one TCP socket wants otherwise than its host; what is not set follows the host.
struct TcpOptionsForSocket {
  bool is_nodelay = false;  ///< no Nagle
  bool is_keepalive = false;
  std::optional<std::uint32_t> receive_buffer_bytes;  ///< fixes the window; auto-tuning off
  std::optional<std::uint32_t> send_buffer_bytes;     ///< fixes it; dynamic send buffering off
  CompatibilityMode compatibility;
  std::optional<Duration> user_timeout;  ///< RFC 9293 3.9.1; give up unacknowledged data after
  /// Asks for the fast loopback path: rings in memory instead of segments. It is taken when the
  /// other socket has asked as well, and decided when the connection is made; else, and elsewhere
  /// than on loopback, it has no effect. `TcpInfo::path_reason` tells.
  bool is_loopback_fast_path = false;
};

/// One TCP connection, or one to be. A handle: copies refer to the same connection.
class ORIEL_API TcpSocket {
 public:
  TcpSocket() = default;  ///< refers to nothing

  explicit operator bool() const { return handle_ != nullptr; }

  /// Starts connecting; `handler` gets kOk once established.
  RequestId async_connect(const Endpoint& remote, IoHandler handler);
  /// Accepts the bytes for sending and completes when the connection has taken all of them into its
  /// send buffer (not when the peer has). The bytes must stay in place until then. Requests
  /// complete in order.
  RequestId async_send(ByteView bytes, IoHandler handler);
  /// As async_send, without any copy: completes when the peer has acknowledged the bytes, which
  /// stay in place until then.
  RequestId async_send_borrowed(ByteView bytes, IoHandler handler);
  /// Completes with at least 1 byte, or 0 at the end of the stream.
  RequestId async_receive(ByteSpan buffer, IoHandler handler);
  /// Completes when the peer announces urgent data, or announces more of it (RFC 9293 3.8.5); at
  /// once if that happened since the last time. `bytes` of the result: from the next byte to read
  /// to the end of the urgent data, which may not all have come. It is read in line (RFC 6093
  /// 3.1): a receive stops before the last urgent byte at the latest, and
  /// `TcpInfo::urgent_bytes_left` says what is left. kShutDown at the end of the stream.
  RequestId async_wait_urgent(IoHandler handler);
  /// Completes when the ideal send backlog (ideal_send_backlog) is another than this socket was
  /// told last; at once if it is already. `bytes` of the result is the new value, which counts as
  /// told. The value before anything was told is 65,536. One wait at a time: a second ends with
  /// kCancelled, as does any when sending ends (shutdown_send, close, abort, a reset) and one that
  /// comes after that. kNotConnected before the connection is established.
  RequestId async_wait_backlog_change(IoHandler handler);
  /// Cancels one pending request (it completes with kCancelled, or had completed already). Borrowed
  /// bytes that are on their way cannot be taken back: such a request goes on to its own end.
  void cancel(RequestId id);

  // Blocking forms (hosts with their own clock). `timeout` zero or less: for ever.
  Result<void> connect(const Endpoint& remote, Duration timeout = {});
  Result<std::size_t> send(ByteView bytes);      ///< all of them, or an error
  Result<std::size_t> receive(ByteSpan buffer);  ///< 0: end of stream

  // Never wait.
  /// Takes what fits now; 0 with kWouldBlock if nothing does.
  Result<std::size_t> try_send(ByteView bytes);
  Result<std::size_t> try_receive(ByteSpan buffer);
  Result<void> send_urgent(
      std::uint8_t byte);        ///< RFC 9293 3.8.5 (urgent pointer at the byte's end)
  Result<void> shutdown_send();  ///< FIN after what is queued
  /// Graceful close: FIN after what is queued; the connection lives on as an orphan. RST if
  /// received bytes were not read (RFC 2525 2.17).
  void close();
  void abort();  ///< RST now
  /// kInvalidArgument, and nothing is changed: `receive_buffer_bytes` of an established connection
  /// would become smaller and `compatibility` does not say that it may.
  Result<void> set_options(const TcpOptionsForSocket& options);
  Result<void> bind(const Endpoint& local);
  /// How many bytes the program should keep outstanding (given to send and not acknowledged) so
  /// that the path is full: 0 to 16,777,216. It counts as told (async_wait_backlog_change);
  /// TcpInfo::ideal_send_backlog shows it without that. Errors: kNotConnected, kCancelled once
  /// sending has ended.
  Result<std::uint32_t> ideal_send_backlog();
  TcpInfo info() const;

 private:
  friend class Host;
  friend class TcpListener;
  friend class stack::HostImpl;
  explicit TcpSocket(std::shared_ptr<stack::SocketHandle> h) : handle_(std::move(h)) {}
  std::shared_ptr<stack::SocketHandle> handle_;
};

using AcceptHandler = std::function<void(Result<TcpSocket>)>;

/// A listening TCP port. A handle; closing ends what waits to be accepted.
class ORIEL_API TcpListener {
 public:
  TcpListener() = default;
  explicit operator bool() const { return handle_ != nullptr; }
  Endpoint local() const;
  RequestId async_accept(AcceptHandler handler);
  Result<TcpSocket> accept(Duration timeout = {});
  Result<TcpSocket> try_accept();  ///< kWouldBlock
  void cancel(RequestId id);
  void close();

 private:
  friend class Host;
  explicit TcpListener(std::shared_ptr<stack::SocketHandle> h) : handle_(std::move(h)) {}
  std::shared_ptr<stack::SocketHandle> handle_;
};

/// What a received datagram says beside its bytes.
struct Datagram {
  std::size_t bytes = 0;  ///< of the datagram; more than the buffer means it was cut
  Endpoint source;
  IpAddress destination;
  std::uint8_t hop_limit = 0;
  std::uint8_t traffic_class = 0;
};
using DatagramHandler = std::function<void(Result<Datagram>)>;

/// One UDP port. A handle, like TcpSocket.
class ORIEL_API UdpSocket {
 public:
  UdpSocket() = default;
  explicit operator bool() const { return handle_ != nullptr; }
  Endpoint local() const;
  /// Never waits: kMessageTooLong beyond 65,507 (IPv4) or 65,527 (IPv6) bytes; fragments as needed.
  Result<void> send_to(const Endpoint& to, ByteView bytes);
  RequestId async_receive_from(ByteSpan buffer, DatagramHandler handler);
  Result<Datagram> receive_from(ByteSpan buffer, Duration timeout = {});
  Result<Datagram> try_receive_from(ByteSpan buffer);
  /// ICMP port unreachable for a datagram sent to `to` shows up as kConnectionRefused on receive
  /// when the socket is connected to it.
  Result<void> connect(const Endpoint& to);
  void cancel(RequestId id);
  void close();

 private:
  friend class Host;
  explicit UdpSocket(std::shared_ptr<stack::SocketHandle> h) : handle_(std::move(h)) {}
  std::shared_ptr<stack::SocketHandle> handle_;
};

using LinkId = std::uint32_t;

/// The addresses and gateways that a link brings to its host.
struct LinkOptions {
  std::vector<Prefix> addresses;
  std::optional<IpAddress> gateway_v4;
  std::optional<IpAddress> gateway_v6;
  std::size_t mtu = 0;  ///< 0: the device's
  /// 0: what the device says of itself; if it says nothing, fast (100 Mbit/s or more). Profiles
  /// before kVista derive their default receive window from it.
  std::uint64_t bits_per_second = 0;
};

/// How a host starts.
struct HostOptions {
  bool is_manual = false;
  std::uint64_t seed = 0;  ///< decides ISNs and ports; 0: real entropy (manual hosts: 1)
  HostSettings settings;
};

/// How a port listens.
struct ListenOptions {
  std::uint32_t backlog = 128;  ///< established connections that wait for accept
  TcpOptionsForSocket tcp;      ///< accepted sockets inherit
};

/// One TCP/IP stack; the comment at the top of this file says how it runs.
class ORIEL_API Host {
 public:
  static Result<Host> create(const HostOptions& options = {});
  /// The process's own host, made from the environment (oriel/process.h) for the first who asks.
  /// Each of these objects counts as a user; the last one's end, or the process's, is orderly: it
  /// resets open connections and waits for what closed ones still have to deliver. Errors: a
  /// sentence about the environment or the link.
  static Result<Host> of_process();
  Host(Host&&) noexcept;
  Host& operator=(Host&&) noexcept;
  ~Host();  ///< ends every connection with RST, waits for running handlers; see also end,
            ///< of_process
  /// Ends the host in order: open connections get RST, closed ones deliver what they still have,
  /// FIN included, until it is acknowledged or `limit` is over. Its sockets answer
  /// kConnectionAborted from then on. A manual host waits for nothing; the process's own is left to
  /// its last user. Thread: any, but not from a handler.
  void end(Duration limit);
  /// New connections follow `settings`, those that exist keep what they began with. Hop limit,
  /// memory and orphans count at once; `connections_max` stays. The process's own host follows its
  /// files (oriel/settings_store.h) by itself. Thread: any.
  void apply_settings(const HostSettings& settings);

  // --- network ---------------------------------------------------------------------------------
  Result<LinkId> add_link(std::unique_ptr<Device> device, const LinkOptions& options);
  /// Removes it; connections over it end with kDeviceLost when they next need it. The device is
  /// closed.
  Result<void> remove_link(LinkId link);
  Result<void> add_address(LinkId link, const Prefix& address);
  Result<void> add_route(const Prefix& destination, std::optional<IpAddress> gateway, LinkId link);

  // --- sockets ---------------------------------------------------------------------------------
  Result<TcpSocket> open_tcp(const TcpOptionsForSocket& options = {});
  /// Port 0: any. The address `::` takes IPv4 as well, where nobody listens on an IPv4 address or
  /// 0.0.0.0.
  Result<TcpListener> listen_tcp(const Endpoint& local, const ListenOptions& options = {});
  Result<UdpSocket> open_udp(const Endpoint& local);
  /// Echo request of `bytes` to `to` (ping); the handler gets the round-trip time.
  void async_ping(const IpAddress& to, std::size_t bytes, Duration timeout,
                  std::function<void(Result<Duration>)> handler);
  Result<Duration> ping(const IpAddress& to, std::size_t bytes, Duration timeout);

  // --- filters (oriel/filter.h) -----------------------------------------------------------------
  /// Rules decide about connections made from then on, and about packets and datagrams at once.
  /// kConnect: a blocked connect or datagram gives kPermissionDenied. kAccept: the peer is refused
  /// with RST; a datagram is dropped. Transport layers: the packet vanishes. kStream: bytes pass
  /// the inspectors; a rule that blocks resets the connection with its first bytes. Thread: any,
  /// but not from a callout or an inspector.
  /// Errors: kInvalidArgument (a rule that makes no sense, with a sentence), kNotFound (its
  /// sublayer), kNoBuffers.
  Result<FilterId> add_filter(const FilterRule& rule);
  Result<void> remove_filter(FilterId id);  ///< kNotFound
  /// Both together, all or nothing; gives the identifiers of the new ones.
  Result<std::vector<FilterId>> change_filters(std::span<const FilterId> remove,
                                               std::span<const FilterRule> add);
  std::vector<std::pair<FilterId, FilterRule>> filters() const;
  /// A sublayer beside kDefaultSublayer; heavier ones are asked earlier.
  Result<SublayerId> add_filter_sublayer(std::uint16_t weight);
  Result<void> remove_filter_sublayer(SublayerId id);  ///< kInProgress: rules are in it

  HostStatistics statistics() const;
  /// Every TCP connection now open.
  std::vector<TcpInfo> connections() const;

  // --- manual hosts ----------------------------------------------------------------------------
  /// A link without a device: packets go in by `inject` and out by `take`. `info.framing`, `mtu`,
  /// `mac`, `has_tx_checksum` and `tso_bytes_max` say what the other side can take.
  Result<LinkId> add_packet_link(const DeviceInfo& info, const LinkOptions& options);
  /// Time is now `now` (never before the last): receives from devices, fires timers, transmits,
  /// runs handlers. Bound: work that is due; returns when nothing more is to be done at `now`.
  void advance(Instant now);
  /// When `advance` next has something to do without new input; `never()` if nothing is pending.
  Instant next_deadline() const;
  Instant now() const;
  /// A packet arrives on a packet link; it is processed at once, at the present time.
  void inject(LinkId link, ByteView packet, const Offload& offload = {});
  /// The next packet to leave on a packet link; its bytes stay good until the next call on the
  /// host.
  struct TakenPacket {
    ByteView bytes;
    Offload offload;
  };
  std::optional<TakenPacket> take(LinkId link);

 private:
  explicit Host(std::shared_ptr<stack::HostImpl> impl);
  std::shared_ptr<stack::HostImpl> impl_;
  bool is_of_process_ = false;
};

}  // namespace oriel
