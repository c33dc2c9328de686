// The native API's side of a host: handles, handlers, blocking calls; over one Core and, on real
// time, its Runner.
//
// Every entry takes the core (`Turn`), works, and gives it back. Finished asynchronous requests
// collect in `finished_` and their handlers run later without the baton: on the loop thread, or at
// the end of `advance` and `inject` of a manual host. A handler is also destroyed without the
// baton, because what it captured may be the last copy of a socket, which enters here again.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "base/intrusive_list.h"
#include "base/slab.h"
#include "oriel/host.h"
#include "stack/core.h"
#include "stack/native_requests.h"
#include "stack/packet_link.h"
#include "stack/runner.h"
#include "stack/settings_watch.h"

namespace oriel::stack {

inline constexpr std::size_t kRequestsMax = 1u
                                            << 22;  ///< asynchronous requests under way, each kind
inline constexpr std::size_t kHandlersPerTurn = 256;  ///< then the devices have a turn

/// What a front-end wants to run on the host's own thread, without the baton (a callback of its
/// programs). It stays until it has run; it may be given again from inside `run`.
class Deferred : public ListHook<Deferred> {
 public:
  virtual void run() = 0;

 protected:
  ~Deferred() = default;
};

/// What a TcpSocket, TcpListener or UdpSocket refers to. Its fields are the host's owner's.
struct SocketHandle : ListHook<> {
  explicit SocketHandle(std::shared_ptr<HostImpl> h) : host(std::move(h)) {}
  ~SocketHandle();
  SocketHandle(const SocketHandle&) = delete;
  SocketHandle& operator=(const SocketHandle&) = delete;

  /// A TCP socket before it connects.
  struct Plan {
    TcpOptionsForSocket options;
    std::optional<Endpoint> bound;  ///< reserved in the port space
  };

  std::shared_ptr<HostImpl> host;
  socket::StreamSocket* stream = nullptr;
  socket::Listener* listener = nullptr;
  socket::UdpSocket* udp = nullptr;
  std::unique_ptr<Plan> plan;
};

class HostImpl final : public socket::CompletionSink,
                       public std::enable_shared_from_this<HostImpl> {
 public:
  explicit HostImpl(const HostOptions& options);
  ~HostImpl();
  void start();
  /// Threads that park may work for this host, the first one that asks for it in the process
  /// (runtime/park_driver.h). Until stop(). Requires: real time.
  void let_parked_threads_drive() { runtime::set_park_driver(*runner_); }
  void stop();
  /// Orderly: resets open connections, waits at most `limit` for closed ones to deliver, then
  /// stops. On the loop's own thread it does not wait.
  void end(Duration limit);
  Result<LinkId> add_link(std::unique_ptr<Device> device, const LinkOptions& options);
  void apply_settings(const HostSettings& settings);
  /// From start() on the settings, and the rules of the user's file, are those that `watch` tells.
  /// Requires: real time, before start().
  void follow_settings(std::unique_ptr<SettingsWatch> watch);

  /// Around a fork: nobody works in the host while it is copied. The child's copy has no thread and
  /// no devices: its connections end with kDeviceLost.
  void before_fork();
  void after_fork_in_parent();
  void after_fork_in_child();

  bool is_manual() const { return runner_ == nullptr; }
  /// Whether this thread may wait for something.
  bool may_block() const { return runner_ != nullptr && !runner_->is_loop_thread(); }

  /// Owns the core for a scope.
  class Turn {
   public:
    explicit Turn(HostImpl& host);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    Core* operator->() { return &host_.core_; }
    Core& core() { return host_.core_; }
    /// Lets others have the core until take_back. Requires: a host on real time.
    void give_up() { host_.runner_->leave(); }
    void take_back() { host_.runner_->enter(); }

   private:
    HostImpl& host_;
  };

  // host.cc uses these inside a Turn.
  bool is_stopped() const { return is_stopped_; }
  RequestId next_id() { return ++last_id_; }
  std::shared_ptr<SocketHandle> make_handle();
  /// A handle for a stream that was accepted.
  std::shared_ptr<SocketHandle> adopt(socket::Transport* accepted);
  void close_handle(SocketHandle& handle);
  Slab<IoCall>& io_calls() { return io_calls_; }
  Slab<AcceptCall>& accept_calls() { return accept_calls_; }
  Slab<DatagramCall>& datagram_calls() { return datagram_calls_; }
  Slab<EchoCall>& echo_calls() { return echo_calls_; }
  /// A request that failed before it was queued: its handler runs like any other's.
  void finish(socket::Request& request, ErrorCode error) { request.complete(error); }
  Runner* runner() { return runner_.get(); }

  // Manual hosts.
  Core& core() { return core_; }
  void advance(Instant now);
  void inject(LinkId link, ByteView packet, const Offload& offload);
  const PacketLink::Packet* take(LinkId link);
  Instant next_deadline() const;
  Result<LinkId> add_packet_link(const DeviceInfo& info, const LinkOptions& options);

  void on_complete(socket::Request& request) override { finished_.push(request); }

  /// `call` runs soon, after those given before it. Requires: a turn; not given yet.
  void defer(Deferred& call) { deferred_.push_back(call); }

 private:
  void empty_handles();
  /// Requires: a turn, which is given up meanwhile; may_block().
  void drive_while(bool (*is_wanted)(const Core& core), Instant deadline);
  bool has_deliveries() const { return !finished_.empty() || !deferred_.empty(); }
  bool deliver();
  bool run_deferred();
  void run_handler(socket::Request& request);
  void free_request(socket::Request& request);

  Core core_;
  Slab<IoCall> io_calls_{kRequestsMax};
  Slab<AcceptCall> accept_calls_{kRequestsMax};
  Slab<DatagramCall> datagram_calls_{kRequestsMax};
  Slab<EchoCall> echo_calls_{kRequestsMax};
  socket::RequestQueue finished_;
  IntrusiveList<Deferred, Deferred> deferred_;
  IntrusiveList<SocketHandle> handles_;
  std::vector<PacketLink*> packet_links_;  // by LinkId
  RequestId last_id_ = 0;
  bool is_stopped_ = false;
  bool is_delivering_ = false;  // manual hosts: handlers do not nest
  std::unique_ptr<SettingsWatch> settings_watch_;
  std::unique_ptr<Runner> runner_;
};

}  // namespace oriel::stack
