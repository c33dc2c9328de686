// One host's whole stack, without a clock, a lock or a thread: links, IP, TCP streams, UDP sockets,
// timers.
//
//   receive -> [packets] -> IP -> demux -> connection -> touched_ --burst end--> ready_
//   calls, timers ---------------------------------------------------------------> ready_
//   ready_ -> events to sockets -> poll_transmit -> link bursts -> devices
//
// Composition only; every rule is in the pieces. Whoever owns the host calls it: `set_now`, then
// work, then `run` until it says that nothing is left. The surprise: nothing is transmitted and no
// event is told where it arises; streams go on the ready list, and `run` does both for each of them
// once.
#pragma once

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "base/buffer.h"
#include "base/random.h"
#include "base/slab.h"
#include "filter/engine.h"
#include "filter/udp_flows.h"
#include "ip/layer.h"
#include "link/pcap_tap.h"
#include "loopback/domain.h"
#include "loopback/kernel_net.h"
#include "loopback/pipe_set.h"
#include "oriel/host.h"
#include "runtime/timer_wheel.h"
#include "socket/demux.h"
#include "socket/inspected_stream.h"
#include "socket/ip_port.h"
#include "socket/listener.h"
#include "socket/port_space.h"
#include "socket/stream_socket.h"
#include "socket/udp_socket.h"
#include "stack/held_pipe.h"
#include "stack/held_syn.h"
#include "stack/link_port.h"
#include "stack/offer.h"
#include "stack/rate_limit.h"
#include "stack/stream.h"
#include "stack/tcp_configs.h"
#include "tcp/compat_policy.h"
#include "tcp/tcp_config.h"
#include "udp/datagram.h"

namespace oriel::stack {

/// Fast connections offered to other processes at once; beyond that connects go the ordinary way.
inline constexpr std::size_t kOffersMax = 1024;
/// One stream sends at most this before the next has its turn.
inline constexpr std::size_t kBytesPerTurn = 256u << 10;
/// RSTs that answer segments to nowhere (RFC 9293 does not bound them; an attacker could use us).
inline constexpr std::uint32_t kResetsPerSecondMax = 1000;
inline constexpr std::size_t kEchoesMax = 4096;  ///< pings under way
inline constexpr std::size_t kEchoBytesMax = 65507;
/// A connection that holds less than this may go on while the host is over its memory budget.
inline constexpr std::size_t kFloorBytes = 64u << 10;

/// An echo request under way; `done` bytes came back after `round_trip`.
struct EchoRequest : socket::Request, runtime::TimerNode {
  EchoRequest() {
    kind = Kind::kEcho;
    tag = static_cast<std::uint32_t>(TimerOf::kEcho);
  }
  IpAddress to;
  std::uint16_t identifier = 0;
  std::uint16_t sequence_number = 0;
  Instant sent_at;
  Duration round_trip{0};
};

class Core final : public socket::StreamOwner,
                   public socket::IpPort,
                   private loopback::RingMessageSink {
 public:
  Core(const HostSettings& settings, std::uint64_t seed, Instant start);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  Instant now() const { return now_; }
  /// Time never goes back: an earlier `now` is ignored.
  void set_now(Instant now) {
    if (now > now_) now_ = now;
  }

  // Links. LinkId is the interface's index.
  Result<LinkId> add_link(std::unique_ptr<Device> device, const LinkOptions& options);
  Result<void> remove_link(LinkId link);
  Result<void> add_address(LinkId link, const Prefix& address);
  Result<void> add_route(const Prefix& destination, const std::optional<IpAddress>& gateway,
                         LinkId link);
  LinkPort* link(LinkId id) { return id < links_.size() ? links_[id].get() : nullptr; }
  const std::vector<std::unique_ptr<LinkPort>>& links() const { return links_; }
  const ip::Layer& ip() const { return ip_; }

  // The loopback between processes (core_loopback.cc).
  /// From now on loopback addresses and their ports are shared with the user's other processes.
  void join_loopback(std::unique_ptr<loopback::Domain> domain);
  /// From now until let_go_of_life the calling thread's end, however it comes, is this host's for
  /// other processes. Thread: the one that lasts as long as the host; needs no ownership.
  void hold_life() { life_.hold(); }
  void let_go_of_life() { life_.let_go(); }
  /// The machine's own loopback belongs to it too: native programs reach ours and are reached.
  /// Requires: joined the other.
  void join_kernel_loopback(std::unique_ptr<loopback::KernelNet> kernel) {
    domain_->watch_beside(kernel->poll_fd());
    kernel_ = std::move(kernel);
  }
  /// What passes the loopback, within this process and to others, is written there too.
  void capture_loopback(std::shared_ptr<link::Capture> capture) { capture_ = std::move(capture); }
  /// Readable when `receive` has something to find on the loopback; -1: nothing can come that way.
  int loopback_fd() const { return domain_ == nullptr ? -1 : domain_->poll_fd(); }

  /// New connections follow, those that exist keep their numbers; limits of the whole host count at
  /// once, but the sizes of its tables stay.
  void apply_settings(const HostSettings& settings);

  // Fast connections: whoever may sleep on the devices looks at other ends first, then has them
  // armed. Without arm_pipes_late they are armed at once.
  void arm_pipes_late() { pipes_.arm_late(); }
  /// Other ends ring this host from now on; what they have done already is work.
  void arm_pipes() { pipes_.arm_waiting(); }
  void add_pipe_looks(loopback::PipeLooks& looks) { pipes_.add_looks(looks); }
  void look_at_pipes() { pipes_.look_at_waiting(); }
  /// When an end that was heard last rang this host, by its own word, which may be any.
  Instant pipes_rung_at() const { return pipes_.rung_at(); }

  // Work.
  /// One burst from each device. Returns how many packets came.
  std::size_t receive();
  /// A packet arrived on a link; several calls, then `end_burst`.
  void input(LinkId link, Slice packet, const Offload& offload);
  void end_burst();
  void run_timers();
  /// Services every stream that is ready now, once, and gives the bursts to the devices. True:
  /// there is more to do.
  bool run();
  void run_all() {
    while (run()) {
    }
  }
  /// When run_timers, or receive of a device that tells time, next has something to do.
  Instant next_deadline() const;

  // TCP.
  using ConnectSpec = stack::ConnectSpec;
  Result<socket::Transport*> connect(const ConnectSpec& spec);
  Result<socket::Listener*> listen(const Endpoint& local, std::uint32_t backlog,
                                   const tcp::TcpSocketOptions& options);
  void close_listener(socket::Listener* listener);
  Result<Endpoint> bind_tcp(const Endpoint& local,
                            socket::PortSharing sharing = socket::PortSharing::kNone,
                            bool is_dual = false);
  void unbind_tcp(const Endpoint& local, socket::PortSharing sharing = socket::PortSharing::kNone,
                  bool is_dual = false);
  /// Listens on what the caller has bound and unbinds after `delete_listener`.
  socket::Listener* make_listener(const Endpoint& bound, std::uint32_t backlog,
                                  const tcp::TcpSocketOptions& options, bool is_v6_only);
  void delete_listener(socket::Listener* listener);
  /// A user for a stream that was accepted; nullptr: limits are reached, and the stream is aborted.
  socket::StreamSocket* adopt(socket::Transport& accepted);
  /// Gives up a stream that was accepted: RST.
  void refuse(socket::Transport& accepted);
  socket::StreamSocket* make_socket() { return sockets_.create(); }
  /// Closes it; its memory goes when nothing refers to it any more.
  void close_socket(socket::StreamSocket* socket);

  // UDP and ICMP echo.
  Result<socket::UdpSocket*> open_udp(const Endpoint& local,
                                      socket::PortSharing sharing = socket::PortSharing::kNone,
                                      bool is_v6_only = false);
  Result<void> connect_udp(socket::UdpSocket& socket, const Endpoint& to);
  void close_udp(socket::UdpSocket* socket);
  void ping(EchoRequest& request, std::size_t bytes, Duration timeout);
  Result<void> send_datagram(Instant now, const Endpoint& from, const Endpoint& to,
                             std::span<const ByteView> payload,
                             const socket::DatagramSend& how) override;
  /// The address that packets to `to` leave with.
  Result<IpAddress> source_address(const IpAddress& to);

  // Rules (core_filter.cc). What they decide for connections holds for those made from then on;
  // packets and datagrams ask each time.
  filter::Engine& filters() { return filters_; }
  /// Why a loopback TCP connection between these must take the ordinary path, where every layer of
  /// rules sees it, as the end that opens it in that direction (a local port of 0: not picked yet);
  /// empty: no rule asks for that.
  std::string_view loopback_inspection_reason(
      const Endpoint& local, const Endpoint& remote,
      FilterDirection opened = FilterDirection::kOutbound) const;
  socket::Transport& front_of(socket::TcpStream& stream) override;

  // The end (core_ending.cc), in this order.
  /// Ends with RST what no program has closed; closed connections go on. True: bytes of some were
  /// under way, so that its peer may ask back before it believes the RST (RFC 5961 3.2).
  bool abort_open(ErrorCode reason);
  /// Some closed connection has bytes or a FIN that is not acknowledged, or a device has some left.
  bool has_undelivered() const;
  /// Some closed connection waits for nothing but the peer's FIN.
  bool has_half_closed() const;
  /// Forgets, without a word, closed connections that have delivered everything.
  void forget_delivered();
  /// Ends the rest with RST; true as for abort_open.
  bool abort_closed(ErrorCode reason);
  /// Ends every connection with RST, sends those, and completes every request.
  void shut_down(ErrorCode reason);
  /// In a child of fork: lets go of every device without touching it, as another process has it.
  void abandon_devices();

  void on_stream_work(socket::TcpStream& stream) override {
    make_ready(static_cast<Stream&>(stream));
  }
  void on_stream_orphaned(socket::TcpStream& stream) override;
  bool may_buffer(const socket::TcpStream& stream) const override {
    return !is_over_budget() || stream.connection().memory_bytes() < kFloorBytes;
  }

  /// What the host's profile has (spec SET-1).
  /// Sockets of this host may ask for the fast loopback path.
  bool may_take_fast_path() const {
    return has_feature(tcp::Feature::kFastPath) && settings_.is_loopback_fast_path_allowed;
  }
  /// And what the fast path does not support is refused them.
  bool is_fast_path_strict() const {
    return may_take_fast_path() && settings_.is_loopback_fast_path_strict;
  }
  bool has_feature(tcp::Feature feature) const {
    return tcp::has_feature(settings_.profile, feature);
  }
  HostStatistics statistics() const;
  std::vector<TcpInfo> connections() const;
  BufferPool& pool() { return pool_; }
  bool is_over_budget() const { return pool_.bytes_left() == 0; }
  /// Some link waits for room in its device.
  bool is_blocked() const {
    return std::any_of(links_.begin(), links_.end(),
                       [](const auto& port) { return port != nullptr && port->is_blocked(); });
  }
  bool has_work() const {
    return !ready_.empty() || ip_.has_transmit() || pipes_.has_work() ||
           (kernel_ != nullptr && kernel_->has_work());
  }

 private:
  // core_input.cc
  void tcp_input(ip::Delivery& delivery);
  void on_stream_segment(Stream& stream, tcp::SegmentIn& segment);
  bool may_complete(const Stream& stream, const tcp::SegmentIn& segment);
  void note_if_complete(Stream& stream);
  void on_unmatched_segment(const ip::Delivery& delivery, const Endpoint& local,
                            const Endpoint& remote, tcp::SegmentIn& segment);
  bool open_passive(socket::Listener& listener, const Endpoint& local, const Endpoint& remote,
                    const tcp::SegmentIn& syn, std::uint32_t interface_index);
  /// A stream in SYN-RECEIVED, without a user; nullptr: there is no room or no path.
  Stream* make_half_open(const socket::Listener& listener, const Endpoint& local,
                         const Endpoint& remote, const tcp::SegmentIn& syn,
                         std::uint32_t interface_index);
  void send_reset(const Endpoint& local, const Endpoint& remote, const tcp::SegmentIn& segment,
                  std::uint32_t interface_index);
  void udp_input(ip::Delivery& delivery);
  void echo_input(ip::Delivery& delivery);
  void on_icmp(const ip::IcmpEvent& event);
  void on_icmp_tcp(const ip::IcmpEvent& event);
  void on_icmp_udp(const ip::IcmpEvent& event);

  // core_held.cc
  friend class HeldSyn;
  bool hold_syn(socket::Listener& listener, const Endpoint& local, const Endpoint& remote,
                tcp::SegmentIn& syn, std::uint32_t interface_index);
  void hear_reset(const Endpoint& local, const Endpoint& remote, const tcp::SegmentIn& segment,
                  std::uint32_t interface_index);
  socket::Transport* permit(HeldSyn& held);
  void drop(socket::HeldRequest& held, ErrorCode reason);
  bool has_held_on(std::uint32_t interface_index) const;
  void drop_held_on(std::uint32_t interface_index, ErrorCode reason);
  void refuse_all_held(ErrorCode reason);

  // core_held_pipes.cc
  friend class HeldConnect;
  friend class HeldPipe;
  bool is_held(const Endpoint& listening, const Endpoint& connecting) const;
  Duration connect_time_max(const tcp::TcpSocketOptions& options);
  socket::Transport* hold_connect(socket::Listener& listener, const ConnectSpec& spec,
                                  const Endpoint& local);
  void hold_offer(socket::Listener& listener, const std::shared_ptr<loopback::FarSide>& across,
                  const loopback::RingMessage& offer);
  socket::Transport* permit(HeldPipe& held);
  socket::Transport* connect_held(HeldConnect& connect, const socket::Listener& listener);
  void refuse_connector(HeldPipe& held);
  void drop_offers_of(const loopback::FarSide& across);

  // core_filter.cc; each is asked only where some rule covers the layer
  bool permits(FilterLayer layer, FilterDirection direction, const Endpoint& local,
               const Endpoint& remote, bool is_loopback);
  bool permits_datagram(FilterDirection direction, const Endpoint& local, const Endpoint& remote,
                        bool is_loopback);
  bool permits_arrival(const ip::Delivery& delivery);
  bool permits_segment(const ip::Path& path, const Endpoint& local, const Endpoint& remote,
                       const tcp::SegmentOut& segment);
  bool permits_departure(const ip::Path& path, std::uint8_t protocol, const Endpoint& local,
                         const Endpoint& remote, std::span<const ByteView> packet);
  void inspect_stream(Stream& stream, FilterDirection opened);
  bool covers_datagrams() const {
    return filters_.covers(FilterLayer::kConnect) || filters_.covers(FilterLayer::kAccept);
  }

  // core_output.cc
  void service(Stream& stream);
  void dispatch(Stream& stream);
  bool transmit(Stream& stream);
  bool may_use_path(Stream& stream);
  void emit(ip::Path& path, const Endpoint& local, const Endpoint& remote,
            const tcp::SegmentOut& segment);
  std::size_t build_head(const ip::Path& path, const Endpoint& local, const Endpoint& remote,
                         const tcp::SegmentOut& segment, ByteSpan head, Offload& offload);
  void drain_ip();
  void flush_links();

  // core_fast_path.cc
  PathReason path_reason(const ConnectSpec& spec, const Endpoint& local,
                         const socket::Listener* listener) const;
  /// The connecting end of a new fast connection; nullptr: it goes the ordinary way, for `reason`.
  /// `way`: the link that leads to `spec.remote`.
  socket::Transport* connect_fast(const ConnectSpec& spec, const Endpoint& local, LinkId way,
                                  PathReason& reason);
  /// A listener's new pipe, its handshake done as it begins.
  static void admit_pipe(socket::Listener& listener, loopback::Pipe& pipe);
  void note_fast_pair();

  // core_loopback.cc
  using PortOf = loopback::PortOf;
  using Trust = loopback::Domain::Trust;
  bool is_shared(const IpAddress& a) const {
    return domain_ != nullptr && (a.is_unspecified() || a.is_loopback());
  }
  bool is_peer_link(std::uint32_t index) const {
    return index < links_.size() && links_[index] != nullptr && links_[index]->is_peer();
  }
  /// The loopback, within this process or to another of the user's.
  bool is_loopback_link(std::uint32_t index) const {
    return index == ip::kLoopbackInterface || is_peer_link(index);
  }
  /// A path to whichever process serves `to`.
  Result<ip::Path*> path_to(PortOf of, const Endpoint& to, const std::optional<IpAddress>& source,
                            Trust trust);
  /// A path back to where a packet came from.
  Result<ip::Path*> path_back(const IpAddress& to, const IpAddress& from,
                              std::uint32_t interface_index) {
    return ip_.acquire_path(to, from,
                            is_peer_link(interface_index) ? interface_index : ip::kAnyInterface);
  }
  /// Says a packet of that stream, although it came by another process's link, or the reverse.
  bool is_misrouted(const Stream& stream, std::uint32_t interface_index) const {
    return is_other_process(stream.path->interface_index, interface_index);
  }
  /// No process speaks for another. REQ LFP-12
  bool is_other_process(std::uint32_t own, std::uint32_t interface_index) const {
    return own != interface_index && (is_peer_link(own) || is_peer_link(interface_index));
  }
  template <class IsFree>
  Result<std::uint16_t> pick_port(socket::PortSpace& space, const IpAddress& local,
                                  const Endpoint& remote, IsFree&& is_free);
  /// Binds `local`, with a port of our choice where it has none.
  Result<Endpoint> bind_port(PortOf of, socket::PortSpace& space, const Endpoint& local,
                             socket::PortSharing sharing, bool is_dual);
  Result<void> hold_port(PortOf of, const Endpoint& local, socket::PortSharing sharing,
                         bool is_dual, bool is_picked);
  void release_port(PortOf of, const Endpoint& local, socket::PortSharing sharing, bool is_dual);
  Result<LinkId> owner_link(PortOf of, const Endpoint& to, Trust trust);
  Result<LinkId> add_peer(loopback::Peer& peer);
  void look_at_peers();
  // core_kernel.cc
  Result<void> hold_in_kernel(PortOf of, const Endpoint& local, bool is_dual, bool is_picked);
  void release_in_kernel(PortOf of, const Endpoint& local, bool is_dual);
  void listen_in_kernel(const Endpoint& bound, bool is_dual);
  /// Why native programs do not reach it; empty: they do, or are not wanted.
  std::string unreached(PortOf of, const Endpoint& local, bool is_dual) const;
  void look_at_kernel();
  void admit_native(loopback::KernelStream& stream);
  void take_from_native(const loopback::KernelDatagram& datagram);
  bool give_to_native(const ip::Delivery& delivery, const udp::ParsedDatagram& parsed);
  /// nullptr: no native program listens there.
  socket::Transport* connect_native(const ConnectSpec& spec, const Endpoint& local, LinkId way);
  bool is_inspected_natively(const Endpoint& local, const Endpoint& remote, FilterDirection opened);
  void lose_peer(LinkPort& port);
  void lose_peer_stream(Stream& stream);
  void retire_idle_peers();
  void end_without_peer(Stream& stream);
  std::vector<std::string> stat_messages() const;

  // core_far_pipes.cc
  void meet(loopback::Peer& peer);
  bool has_far_pipes(LinkId link) const;
  void lose_far_side(LinkId link);
  /// As connect_fast, to another process: its answer decides.
  socket::Transport* offer_fast(const ConnectSpec& spec, const Endpoint& local, LinkId way,
                                PathReason& reason);
  bool is_offered(const Endpoint& local, const Endpoint& remote) const;
  void on_ring_message(std::uint32_t link, const loopback::RingMessage& message,
                       runtime::UniqueFd fd) override;
  void on_ring_offer(const std::shared_ptr<loopback::FarSide>& across,
                     const loopback::RingMessage& message);
  PathReason offer_reason(const loopback::RingMessage& offer) const;
  static loopback::RingMessage answer_to(const loopback::RingMessage& offer);
  /// Says kFast and makes our end, or says why not; nullptr: it goes the ordinary way.
  loopback::Pipe* answer_offer(const std::shared_ptr<loopback::FarSide>& across,
                               const loopback::RingMessage& offer, PathReason reason);
  loopback::Pipe* make_offered(const std::shared_ptr<loopback::FarSide>& across,
                               const loopback::RingMessage& offer, loopback::RingMessage& answer);
  void on_ring_answer(const std::shared_ptr<loopback::FarSide>& across,
                      const loopback::RingMessage& message);
  /// A TCP stream takes the place of an attempt at a fast connection.
  void go_ordinary_way(socket::Placeholder& attempt, const ConnectSpec& spec, LinkId way,
                       socket::StreamSocket& user, PathReason reason);
  void give_up_offers(ErrorCode reason);
  void sweep_offers();

  // core_streams.cc
  Stream* make_stream(const Endpoint& local, const Endpoint& remote, ip::Path* path,
                      const tcp::TcpSocketOptions& options);
  void make_ready(Stream& stream) {
    if (stream.is_ready) return;
    stream.is_ready = true;
    ready_.push(stream);
  }
  const tcp::TcpConfig& tcp_config_over(std::uint32_t interface_index);
  tcp::LinkFacts link_facts(std::uint32_t interface_index);
  void arm(Stream& stream);
  void end_in_time(runtime::TimerNode& node);
  void leave_table(Stream& stream);
  void reap(Stream& stream);
  void note_time_wait(Stream& stream);
  void limit_orphans(Stream& newest);
  void sweep_lingering();
  void lose_link(LinkPort& port);
  bool abort_those(bool is_orphan, ErrorCode reason);

  Instant now_;
  HostSettings settings_;
  TcpConfigs tcp_configs_;
  Random random_;
  SipKey isn_key_;
  BufferPool pool_;
  runtime::TimerWheel timers_;
  ip::Layer ip_;
  std::vector<std::unique_ptr<LinkPort>> links_;  // by interface index; null: loopback, removed

  filter::Engine filters_;
  filter::UdpFlows udp_flows_;
  boost::unordered_flat_map<const socket::TcpStream*, std::unique_ptr<socket::InspectedStream>>
      inspected_;  // until the stream is freed
  Slab<Stream> streams_;
  Slab<socket::StreamSocket> sockets_;
  std::vector<socket::StreamSocket*> lingering_;  // closed, but borrowed bytes are still out
  loopback::LifePage life_;  // empty: none is to be had; other processes hear of a death later
  loopback::PipeSet pipes_;
  std::map<LinkId, std::shared_ptr<loopback::FarSide>> far_sides_;  // by link of the process
  std::map<std::uint32_t, std::unique_ptr<Offer>> offers_;          // in their order
  socket::StreamTable table_;
  socket::PortSpace tcp_ports_;
  socket::PortSpace udp_ports_;
  socket::PortTable<socket::Listener> listeners_;
  std::map<Ends, std::unique_ptr<HeldSyn>> held_syns_;
  std::vector<std::unique_ptr<HeldConnect>> held_connects_;
  std::vector<std::unique_ptr<HeldPipe>> held_pipes_;
  socket::PortTable<socket::UdpSocket> udp_;
  std::unique_ptr<loopback::KernelNet> kernel_;  // nullptr: the machine's loopback is another one
  std::unique_ptr<loopback::Domain> domain_;     // nullptr: loopback ends at this process
  std::shared_ptr<link::Capture> capture_;
  Instant next_peer_check_ = Instant::never();  // while there are peers
  std::vector<EchoRequest*> echoes_;
  std::uint16_t next_echo_ = 0;
  ReadyList ready_;
  TouchedList touched_;
  IntrusiveList<socket::Transport, socket::ListenerTag> time_wait_;  // orphans, oldest first
  std::size_t orphans_ = 0;
  RateLimit reset_limit_;
  ip::Path* udp_path_ = nullptr;  // of the last datagram
  tcp::SegmentOut segment_out_;   // scratch: large
  ip::Delivery delivery_;         // scratch: large
  HostStatistics statistics_;
};

}  // namespace oriel::stack
