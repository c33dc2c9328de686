// Handles, handlers and the two ways of running. The calls themselves are in host.cc and
// host_sockets.cc.
#include "stack/host_impl.h"

#include <utility>

#include "runtime/clock.h"
#include "runtime/entropy.h"

namespace oriel::stack {
namespace {

constexpr std::uint64_t kManualSeed = 1;
/// Rounds of one advance; more means that something is always due, which would be a defect.
constexpr int kAdvanceRoundsMax = 1'000'000;

std::uint64_t seed_of(const HostOptions& options) {
  if (options.seed != 0) return options.seed;
  return options.is_manual ? kManualSeed : runtime::real_entropy();
}

}  // namespace

SocketHandle::~SocketHandle() {
  host->close_handle(*this);
}

HostImpl::Turn::Turn(HostImpl& host) : host_(host) {
  if (host_.runner_ != nullptr) host_.runner_->enter();
}

HostImpl::Turn::~Turn() {
  if (host_.runner_ != nullptr) {
    host_.runner_->leave();
  } else if (!host_.is_delivering_) {
    host_.core_.run_all();  // handlers' calls leave together when all of them have run: no time
                            // passes between
  }
}

HostImpl::HostImpl(const HostOptions& options)
    : core_(options.settings, seed_of(options),
            options.is_manual ? Instant{0} : runtime::real_now()) {
  if (options.is_manual) return;
  runner_ = std::make_unique<Runner>(
      core_, [this] { return deliver(); }, [this] { return has_deliveries(); });
}

HostImpl::~HostImpl() = default;

void HostImpl::start() {
  if (runner_ != nullptr) runner_->start();
}

void HostImpl::stop() {
  {
    Turn turn(*this);
    if (is_stopped_) return;
    is_stopped_ = true;
    turn->shut_down(ErrorCode::kConnectionAborted);
  }
  if (runner_ != nullptr) runner_->stop();
  // Handles that programs still hold are empty from now on. None can go meanwhile: closing one
  // needs the turn.
  {
    Turn turn(*this);
    empty_handles();
  }
  while (deliver()) {
  }
}

Result<LinkId> HostImpl::add_link(std::unique_ptr<Device> device, const LinkOptions& options) {
  Turn turn(*this);
  if (!is_manual() && turn->links().size() > kLinksMax) {
    return fail(ErrorCode::kNoBuffers, "a host on real time has at most 255 links");
  }
  auto id = turn->add_link(std::move(device), options);
  if (id && runner_ != nullptr) {
    turn->receive();  // a device that waits for its peer may meet it here, before the first packet
                      // goes
    runner_->rewatch();
  }
  return id;
}

void HostImpl::apply_settings(const HostSettings& settings) {
  Turn turn(*this);
  turn->apply_settings(settings);
}

void HostImpl::follow_settings(std::unique_ptr<SettingsWatch> watch) {
  settings_watch_ = std::move(watch);
  runner_->listen(settings_watch_->fd(), [this] {
    const auto changes = settings_watch_->take();
    if (changes.settings) apply_settings(*changes.settings);
    if (!changes.are_rules_new) return;
    Turn turn(*this);
    const auto put = settings_watch_->rules().put(turn->filters());
    if (!put) settings_watch_->complain_about_rules(put.error());
  });
}

std::shared_ptr<SocketHandle> HostImpl::make_handle() {
  auto handle = std::make_shared<SocketHandle>(shared_from_this());
  handles_.push_back(*handle);
  return handle;
}

void HostImpl::empty_handles() {
  for (SocketHandle& handle : handles_) {
    if (handle.stream != nullptr) core_.close_socket(std::exchange(handle.stream, nullptr));
    if (handle.listener != nullptr) core_.close_listener(std::exchange(handle.listener, nullptr));
    if (handle.udp != nullptr) core_.close_udp(std::exchange(handle.udp, nullptr));
    handle.plan.reset();
  }
}

std::shared_ptr<SocketHandle> HostImpl::adopt(socket::Transport* accepted) {
  if (is_stopped_) {
    core_.refuse(*accepted);
    return nullptr;
  }
  socket::StreamSocket* socket = core_.adopt(*accepted);
  if (socket == nullptr) return nullptr;
  auto handle = make_handle();
  handle->stream = socket;
  return handle;
}

void HostImpl::close_handle(SocketHandle& handle) {
  Turn turn(*this);
  handle.unlink();
  if (handle.stream != nullptr) turn->close_socket(std::exchange(handle.stream, nullptr));
  if (handle.listener != nullptr) turn->close_listener(std::exchange(handle.listener, nullptr));
  if (handle.udp != nullptr) turn->close_udp(std::exchange(handle.udp, nullptr));
  if (handle.plan != nullptr && handle.plan->bound) turn->unbind_tcp(*handle.plan->bound);
  handle.plan.reset();
}

// --- handlers

// Runs what was deferred until now, at most kHandlersPerTurn. True: there was something.
bool HostImpl::run_deferred() {
  Deferred* batch[kHandlersPerTurn];
  std::size_t count = 0;
  {
    Turn turn(*this);
    while (count < kHandlersPerTurn && !deferred_.empty()) batch[count++] = deferred_.pop_front();
  }
  for (std::size_t i = 0; i < count; ++i) batch[i]->run();
  return count != 0;
}

// Runs what is finished now, at most kHandlersPerTurn. True: there was something.
bool HostImpl::deliver() {
  const bool has_run = run_deferred();
  socket::Request* batch[kHandlersPerTurn];
  std::size_t count = 0;
  {
    Turn turn(*this);
    while (count < kHandlersPerTurn && !finished_.empty()) batch[count++] = &finished_.pop();
  }
  for (std::size_t i = 0; i < count; ++i) run_handler(*batch[i]);
  if (count == 0) return has_run;
  Turn turn(*this);
  for (std::size_t i = 0; i < count; ++i) free_request(*batch[i]);
  return true;
}

// The handler leaves the request first and dies here, whatever it holds.
void HostImpl::run_handler(socket::Request& request) {
  switch (request.kind) {
    case socket::Request::Kind::kConnect:
    case socket::Request::Kind::kSend:
    case socket::Request::Kind::kSendBorrowed:
    case socket::Request::Kind::kShutdown:
    case socket::Request::Kind::kReceive:
    case socket::Request::Kind::kWaitUrgent:
    case socket::Request::Kind::kWaitBacklog: {
      const IoHandler handler = std::exchange(static_cast<IoCall&>(request).handler, nullptr);
      if (handler) handler({request.error, request.done});
      return;
    }
    case socket::Request::Kind::kAccept: {
      const AcceptHandler handler =
          std::exchange(static_cast<AcceptCall&>(request).handler, nullptr);
      std::shared_ptr<SocketHandle> handle;
      if (request.accepted != nullptr) {
        Turn turn(*this);
        handle = adopt(request.accepted);
        if (handle == nullptr) request.error = ErrorCode::kNoBuffers;
      }
      if (!handler) return;
      if (handle == nullptr) return handler(Result<TcpSocket>(fail(request.error)));
      return handler(TcpSocket(std::move(handle)));
    }
    case socket::Request::Kind::kReceiveFrom: {
      auto& call = static_cast<DatagramCall&>(request);
      const DatagramHandler handler = std::exchange(call.handler, nullptr);
      if (!handler) return;
      if (request.error != ErrorCode::kOk) return handler(fail(request.error));
      return handler(to_datagram(call));
    }
    case socket::Request::Kind::kEcho: {
      auto& call = static_cast<EchoCall&>(request);
      const auto handler = std::exchange(call.handler, nullptr);
      if (!handler) return;
      if (request.error != ErrorCode::kOk) return handler(fail(request.error));
      return handler(call.round_trip);
    }
  }
}

void HostImpl::free_request(socket::Request& request) {
  switch (request.kind) {
    case socket::Request::Kind::kConnect:
    case socket::Request::Kind::kSend:
    case socket::Request::Kind::kSendBorrowed:
    case socket::Request::Kind::kShutdown:
    case socket::Request::Kind::kReceive:
    case socket::Request::Kind::kWaitUrgent:
    case socket::Request::Kind::kWaitBacklog:
      return io_calls_.destroy(static_cast<IoCall*>(&request));
    case socket::Request::Kind::kAccept:
      return accept_calls_.destroy(static_cast<AcceptCall*>(&request));
    case socket::Request::Kind::kReceiveFrom:
      return datagram_calls_.destroy(static_cast<DatagramCall*>(&request));
    case socket::Request::Kind::kEcho:
      return echo_calls_.destroy(static_cast<EchoCall*>(&request));
  }
}

// --- manual hosts

void HostImpl::advance(Instant now) {
  core_.set_now(now);
  if (is_delivering_) return;
  is_delivering_ = true;
  for (int round = 0; round < kAdvanceRoundsMax; ++round) {
    const std::size_t packets = core_.receive();
    core_.run_timers();
    core_.run_all();
    if (!deliver() && packets == 0 && core_.next_deadline() > core_.now()) break;
  }
  is_delivering_ = false;
}

void HostImpl::inject(LinkId link, ByteView packet, const Offload& offload) {
  core_.input(link, core_.pool().copy_of(packet), offload);
  core_.end_burst();
  core_.run_all();
  if (is_delivering_) return;
  is_delivering_ = true;
  while (deliver()) core_.run_all();
  is_delivering_ = false;
}

const PacketLink::Packet* HostImpl::take(LinkId link) {
  core_.run_all();
  if (link >= packet_links_.size() || packet_links_[link] == nullptr) return nullptr;
  if (core_.link(link) == nullptr) {
    packet_links_[link] = nullptr;
    return nullptr;
  }
  const PacketLink::Packet* packet = packet_links_[link]->take();
  // There may be room now for what waits.
  if (core_.link(link)->is_blocked() && packet_links_[link]->empty()) {
    core_.link(link)->flush();
    core_.run_all();
  }
  return packet;
}

Instant HostImpl::next_deadline() const {
  return has_deliveries() ? core_.now() : core_.next_deadline();
}

Result<LinkId> HostImpl::add_packet_link(const DeviceInfo& info, const LinkOptions& options) {
  auto device = std::make_unique<PacketLink>(info);
  PacketLink* raw = device.get();
  const auto id = core_.add_link(std::move(device), options);
  if (!id) return id;
  packet_links_.resize(std::max<std::size_t>(packet_links_.size(), *id + 1), nullptr);
  packet_links_[*id] = raw;
  return id;
}

}  // namespace oriel::stack
