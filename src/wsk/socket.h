// A WSK socket: its kind and state, in front of what the stack has, and its event callbacks.
//
//   basic                          options and control codes only
//   listen      bind = listening   WskAccept, WskAcceptEvent
//   connection  bind, connect      WskSend, WskReceive, WskReceiveEvent, ...
//   stream      bind, then listen or connect
//   datagram    bind               WskSendTo, WskReceiveFrom, WskReceiveFromEvent
//
// The program knows it by its head (socket_head.h). Calls take the host's turn and act inside it.
// Callbacks are made by `Pump`, on the host's own thread, without a turn and one at a time.
// `outstanding_` counts the open head, IRPs that are not delivered, and a pump that is due: what
// brings it to zero completes the close.
#pragma once

#include <wsk.h>

#include <atomic>
#include <memory>
#include <optional>

#include "runtime/ref.h"
#include "socket/readiness.h"
#include "stack/host_impl.h"
#include "wsk/client.h"
#include "wsk/event_callbacks.h"
#include "wsk/indication.h"
#include "wsk/inspection.h"
#include "wsk/pending_irp.h"
#include "wsk/socket_options.h"
#include "wsk/way_past.h"

namespace oriel::wsk {

/// Bits, so that a function says whom it is for.
enum class Category : std::uint8_t {
  kBasic = 1,
  kListen = 2,
  kConnection = 4,
  kDatagram = 8,
  kStream = 16
};
inline constexpr unsigned bit_of(Category c) {
  return static_cast<unsigned>(c);
}

/// Connections that wait to be accepted.
inline constexpr std::uint32_t kBacklog = 200;
/// Callbacks in a row, before others have the host's thread.
inline constexpr int kCallbacksPerTurn = 32;

class Socket final : public runtime::RefCounted, private socket::ReadinessObserver {
 public:
  using Core = stack::Core;
  struct Setup {
    Category category = Category::kBasic;
    ADDRESS_FAMILY family = AF_INET;
    bool is_datagram = false;  ///< of basic sockets, too
    bool is_own = false;       ///< no program sees it
    PVOID context = nullptr;
    const void* dispatch = nullptr;  ///< the client's, of this category
  };
  Socket(runtime::Ref<Client> client, const Setup& setup);
  ~Socket() override;

  stack::HostImpl& host() { return *host_; }
  Client& client() { return *client_; }
  const runtime::Ref<Client>& shared_client() const { return client_; }
  Category category() const { return category_; }
  ADDRESS_FAMILY family() const { return family_; }
  bool is_datagram() const { return is_datagram_; }

  // --- counting (any thread)
  void note_begun() { outstanding_.fetch_add(1, std::memory_order_relaxed); }
  void note_ended();
  /// Nothing but the head is outstanding.
  bool is_alone() const { return outstanding_.load(std::memory_order_acquire) == 1; }
  void note_delivery_due() { way_->deliveries_due.fetch_add(1, std::memory_order_relaxed); }
  void note_delivered() {
    way_->deliveries_due.fetch_sub(1, std::memory_order_relaxed);
    note_ended();
  }
  /// Routines of earlier IRPs wait for the host's thread.
  bool has_deliveries_due() const {
    return way_->deliveries_due.load(std::memory_order_relaxed) != 0;
  }

  // --- past the turn (any thread, while the socket is open)
  /// The way for sends and receives that end at once; nullptr: none was lent yet.
  socket::Lane* lane() const { return way_->lane.load(std::memory_order_acquire); }
  /// The same and what else such a call must know, for threads that remember it.
  const std::shared_ptr<WayPast>& way() const { return way_; }
  /// What a lane's Moved::must_ring asks for.
  void ring_peer();

  // --- all below: inside a turn.
  NTSTATUS bind(Core& core, const Endpoint& local);
  NTSTATUS listen(Core& core);
  /// Starts connecting; `connected` follows.
  NTSTATUS begin_connect(Core& core, const Endpoint& to);
  void note_connected();
  bool adopt(Core& core, socket::Transport& accepted);
  /// What a listening socket hands down; `is_by_event`: also its callbacks.
  void inherit(Core& core, const Socket& listening, bool is_by_event);
  /// The client's side of a socket that WskAcceptEvent accepted.
  void set_connection_client(PVOID context, const WSK_CLIENT_CONNECTION_DISPATCH* dispatch);
  /// Everything that waits ends; what is not disconnected in both directions is reset. The close
  /// is complete when `outstanding_` is zero.
  void close(Core& core);
  /// `irp` is completed with the last thing outstanding. Before `note_ended` of the head.
  void set_close_irp(IRP* irp) { close_irp_ = irp; }

  std::optional<Endpoint> local(Core& core) const;
  std::optional<Endpoint> remote() const;
  NTSTATUS send_refusal() const;
  bool is_bound() const { return bound_.has_value() || datagrams_ != nullptr; }
  bool is_connected() const { return is_connected_; }
  bool is_closed() const { return is_closed_; }
  socket::StreamSocket* stream() const { return stream_; }
  socket::Listener* listener() const { return listener_; }
  socket::UdpSocket* datagrams() const { return datagrams_; }
  SocketOptions& options() { return options_; }
  void apply_options(Core& core);
  EventCallbacks& callbacks() { return callbacks_; }
  ULONG may_hand_down() const;

  void track(PendingIrp& operation);
  void cancel(Core& core, StreamIrp& operation);
  void cancel(Core& core, DatagramIrp& operation);
  Outcome settle_datagram(DatagramIrp& irp, PSOCKADDR from, PULONG told_flags);
  /// SIO_WSK_SET_SENDTO_ADDRESS: where datagrams go that name no address.
  void set_send_to(const std::optional<Endpoint>& to) { send_to_ = to; }
  std::optional<Endpoint> send_to() const {
    return send_to_ || datagrams_ == nullptr ? send_to_ : datagrams_->peer();
  }

  // Receiving.
  /// A client may read bytes where they lie just now: receives wait until it has returned.
  bool must_hold_receives() const { return is_indicating_ || !held_.empty(); }
  void hold_receive(StreamIrp& operation) { held_.push(operation); }
  /// WskReceive was called: WskReceiveEvent may be called again.
  void note_receive(Core& core);
  /// `operation` ends with the stream; until then bytes are read and forgotten. False: another
  /// does so already. `look_for_events` follows.
  bool set_drain(StreamIrp& operation);
  /// Lends to sends and receives what no callback, hold or drain wants to hear of.
  void lend_lane();
  /// Of the sends from now on; TCP_NODELAY is on whatever it says.
  void set_nodelay(Core& core, bool is_on);
  void note_local_abort() { is_disconnect_told_ = true; }
  /// The client gives a list back. False: it does not have it.
  bool take_back(DataIndications& list);
  bool take_back(DatagramIndications& list);

  /// A socket for a connection that came here; empty: limits are reached, and it is refused.
  runtime::Ref<Socket> make_accepted(Core& core, socket::Transport& accepted, PVOID context,
                                     const WSK_CLIENT_CONNECTION_DISPATCH* dispatch);
  /// Waits for a connection that is accepted.
  void submit_accept(StreamIrp& operation);
  /// WskInspectComplete. STATUS_NOT_FOUND: nothing of that name is pending.
  NTSTATUS complete_inspection(Core& core, const WSK_INSPECT_ID& id, WSK_INSPECT_ACTION action);
  /// Of an accepted connection; none: its listening socket did not inspect it.
  std::optional<WSK_INSPECT_ID> inspect_id() const { return inspect_id_; }
  /// As this socket's family shows them; either place may be nullptr.
  void write_addresses(const socket::Transport& accepted, void* local, void* remote) const;

  /// What an inspection has heard: its handshake is over, or all of it is.
  void note_established(Inspection& inspection);
  void note_dropped(Core& core, Inspection& inspection);

  /// Something may be there for a callback.
  void look_for_events();

 private:
  /// Calls back, on the host's own thread.
  struct Pump final : stack::Deferred {
    explicit Pump(Socket& s) : socket(s) {}
    void run() override { socket.pump(); }
    Socket& socket;
  };

  void on_readiness(std::uint16_t what) override;
  void pump();
  bool pump_once();
  bool pump_drain(Core& core);
  bool pump_receive();
  void end_receive_call(std::unique_ptr<DataIndications> list, NTSTATUS verdict, SIZE_T accepted);
  bool pump_disconnect();
  bool pump_backlog();
  bool pump_accept();
  // socket_inspect.cc
  bool pump_inspect();
  bool tell_aborted();
  bool ask_about_next();
  bool has_inspection_due() const;
  socket::Transport* next_accepted(WSK_INSPECT_ID* id);
  void hand_out_accepted();
  Inspection* find_inspection(Inspection::State state) const;
  Inspection* find_inspection(const WSK_INSPECT_ID& id) const;
  void decide(Core& core, Inspection& inspection, WSK_INSPECT_ACTION action);
  void refuse(Core& core, Inspection& inspection);
  void refuse_inspected(Core& core);
  void forget(Inspection& inspection);
  bool pump_datagrams();
  void submit_held(Core& core);
  bool may_indicate() const;
  bool has_event(Core& core) const;
  void attach(socket::StreamSocket& stream);
  void release_port(Core& core);
  bool is_dual() const { return family_ == AF_INET6 && !options_.is_v6_only; }
  ULONG available_events() const;
  const WSK_CLIENT_LISTEN_DISPATCH* listen_client() const;
  const WSK_CLIENT_CONNECTION_DISPATCH* connection_client() const;
  const WSK_CLIENT_DATAGRAM_DISPATCH* datagram_client() const;

  const runtime::Ref<Client> client_;
  const std::shared_ptr<stack::HostImpl> host_;
  const Category category_;
  const ADDRESS_FAMILY family_;
  const bool is_datagram_;
  const std::shared_ptr<WayPast> way_ = std::make_shared<WayPast>();
  std::atomic<std::uint32_t> outstanding_{1};
  std::atomic<bool> is_finished_{false};  // closed, and nothing was outstanding

  // The owner's:
  PVOID context_;
  const void* dispatch_;
  bool is_closed_ = false;
  bool is_connected_ = false;
  bool is_accepted_ = false;
  bool is_bound_dual_ = false;
  bool is_pump_due_ = false;
  bool is_indicating_ = false;
  bool is_receive_paused_ = false;  // the client refused something: until WskReceive
  bool is_resume_due_ = false;      // ... which came while the callback was being made
  bool is_disconnect_told_ = false;
  bool is_backlog_due_ = false;
  bool is_sending_at_once_ = false;  // WSK_FLAG_NODELAY of the last send
  socket::PortSharing bound_sharing_ = socket::PortSharing::kUsual;
  std::optional<Endpoint> bound_;
  std::optional<Endpoint> send_to_;
  socket::StreamSocket* stream_ = nullptr;
  socket::Listener* listener_ = nullptr;
  socket::UdpSocket* datagrams_ = nullptr;
  std::size_t retained_bytes_ = 0;
  StreamIrp* drain_ = nullptr;
  IRP* close_irp_ = nullptr;
  SocketOptions options_;
  EventCallbacks callbacks_;
  IntrusiveList<stack::Deferred, stack::Deferred> operations_;
  socket::RequestQueue held_;
  socket::RequestQueue accepts_;  // in conditional accept mode
  mutable IntrusiveList<Inspection, Inspection> inspections_;
  std::uint32_t inspection_count_ = 0;
  ULONG last_inspection_ = 0;
  std::optional<WSK_INSPECT_ID> inspect_id_;
  std::unique_ptr<DataIndications> spare_;
  Pump pump_{*this};
};

}  // namespace oriel::wsk
