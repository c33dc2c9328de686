// Ports held, connections taken and made with their ready list, datagrams passed on.
#include "loopback/kernel_net.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>

#include "loopback/accept_limits.h"
#include "runtime/clock.h"
#include "runtime/wait.h"

namespace oriel::loopback {
namespace {

constexpr int kDatagramsPerTurn = 64;
constexpr Duration kTurnWaitMax = std::chrono::milliseconds(5);
constexpr int kTurnTries = 64;

/// A port takes two descriptors: half of all that the process may have, so that a program with
/// thousands of bound sockets has some left.
std::size_t ports_max() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  return static_cast<std::size_t>(limit.rlim_cur / 4);
}

}  // namespace

KernelNet::KernelNet(std::vector<PublishedPort> published)
    : published_(std::move(published)),
      names_(Names::of_machine()),
      held_max_(ports_max()),
      spare_(spare_descriptor()),
      buffer_(kernel_datagrams::kBytesMax) {}

KernelNet::~KernelNet() = default;

// --- ports

Endpoint KernelNet::kernel_side(const Endpoint& local) {
  if (!local.address.is_unspecified()) return local;
  if (local.address.is_v4()) return {IpAddress::v4(127, 0, 0, 1), local.port};
  std::array<std::uint8_t, 16> one{};
  one[15] = 1;
  return {IpAddress::v6(one.data()), local.port};
}

bool KernelNet::is_published(const Key& key) const {
  return std::any_of(published_.begin(), published_.end(), [&](const PublishedPort& p) {
    if (p.is_udp != (key.of == PortOf::kUdp) || p.host_port != key.at.port) return false;
    return !p.host_address || kernel_side({*p.host_address, key.at.port}) == key.at;
  });
}

bool KernelNet::is_on_oriel(PortOf of, const Endpoint& at) const {
  const auto found = names_.find(name_of(of, at));
  return found || found.error().code == ErrorCode::kNoBuffers;
}

// Whoever looks whose a port of the kernel's is, and then holds it or connects to it, does so alone
// among the user's processes, as long as it has the descriptor: else a connect would meet a program
// of ours in the kernel that begins to listen between the look and the call. Who has it is done in
// some 50 us; one that is stopped in it is not waited for.
runtime::UniqueFd KernelNet::turn_at(const Key& key) const {
  const std::string name = "k/" + name_of(key.of, key.at);
  const Instant until = runtime::real_now() + kTurnWaitMax;
  for (int i = 0; i < kTurnTries; ++i) {
    auto turn = names_.take(name);
    if (turn) return std::move(*turn);
    const auto other = names_.find(name);
    if (!other) continue;  // it has gone
    runtime::FdWait end{.fd = other->fd.get()};
    if (runtime::fd_wait({&end, 1}, until) == 0) break;
  }
  return {};
}

// The name first: of two processes on Oriel one gets both, and the other learns why it did not.
KernelNet::Port KernelNet::open(const Key& key) {
  Port port;
  port.state = KernelPort::kPublished;
  if (is_published(key)) return port;
  port.state = KernelPort::kDenied;
  if (held_ >= held_max_) return port;
  const runtime::UniqueFd turn = turn_at(key);
  auto name = names_.take(name_of(key.of, key.at));
  port.state = KernelPort::kElsewhere;
  if (!name && name.error().code == ErrorCode::kAddressInUse && is_on_oriel(key.of, key.at)) {
    return port;  // else a stranger has the name, which means nothing
  }
  auto fd = key.of == PortOf::kTcp ? KernelStream::hold_port(key.at)
                                   : kernel_datagrams::hold_port(key.at);
  const bool is_native = !fd && fd.error().code == ErrorCode::kAddressInUse;
  port.state = is_native ? KernelPort::kNative : KernelPort::kDenied;
  if (!fd || (key.of == PortOf::kUdp && !watch_.add(fd->get()))) return port;
  port.state = KernelPort::kHeld;
  port.fd = std::move(*fd);
  ++held_;
  if (name) port.name = std::move(*name);
  if (key.of == PortOf::kUdp) by_fd_[port.fd.get()] = key;
  return port;
}

KernelPort KernelNet::hold(PortOf of, const Endpoint& local) {
  const Key key{of, kernel_side(local)};
  if (const auto held = ports_.find(key); held != ports_.end()) {
    ++held->second.holders;
    return held->second.state;
  }
  Port port = open(key);
  const KernelPort state = port.state;
  if (state == KernelPort::kNative) return state;
  port.holders = 1;
  ports_.insert_or_assign(key, std::move(port));
  return state;
}

void KernelNet::release(PortOf of, const Endpoint& local) {
  const auto at = ports_.find({of, kernel_side(local)});
  if (at == ports_.end() || --at->second.holders != 0) return;
  const int fd = at->second.fd.get();
  if (fd >= 0) --held_;
  by_fd_.erase(fd);
  std::erase(readable_, fd);
  ports_.erase(at);
}

void KernelNet::listen(const Endpoint& local) {
  const auto at = ports_.find({PortOf::kTcp, kernel_side(local)});
  if (at == ports_.end() || at->second.state != KernelPort::kHeld || at->second.is_listening)
    return;
  const int fd = at->second.fd.get();
  at->second.is_listening = KernelStream::listen_at(fd) && watch_.add(fd);
  if (at->second.is_listening) by_fd_[fd] = at->first;
}

bool KernelNet::is_reached(PortOf of, const Endpoint& local) const {
  const auto at = ports_.find({of, kernel_side(local)});
  if (at == ports_.end()) return false;
  const Port& port = at->second;
  if (port.state == KernelPort::kPublished) return true;
  return port.state == KernelPort::kHeld && (of == PortOf::kUdp || port.is_listening);
}

// --- connections

Result<KernelStream*> KernelNet::connect(const std::optional<Endpoint>& local,
                                         const Endpoint& remote) {
  const runtime::UniqueFd turn = turn_at({PortOf::kTcp, remote});
  if (is_on_oriel(PortOf::kTcp, remote)) return fail(ErrorCode::kConnectionRefused);
  if (local) {
    const auto held = ports_.find({PortOf::kTcp, kernel_side(*local)});
    if (held != ports_.end() && held->second.fd) KernelStream::share_port(held->second.fd.get());
  }
  auto setup = KernelStream::begin_connect(local, remote);
  if (!setup) return Failure(setup.error());
  return &add(std::move(*setup));
}

KernelStream& KernelNet::add(KernelStream::Setup setup) {
  const int fd = setup.fd.get();
  // An entry whose stream has closed its descriptor may still wait for its user to let go.
  std::unique_ptr<KernelStream>& place = streams_[fd];
  if (place != nullptr) {
    int spare = -2;
    while (streams_.contains(spare)) --spare;
    streams_[spare] = std::move(place);
  }
  KernelStreamOwner& owner = *this;
  streams_[fd] = std::make_unique<KernelStream>(owner, std::move(setup));
  watch_.add_edges(fd);
  return *streams_[fd];
}

KernelStream* KernelNet::take_arrival() {
  if (arrivals_.empty()) return nullptr;
  KernelStream* stream = arrivals_.front();
  arrivals_.pop_front();
  return stream;
}

void KernelNet::look() {
  FdWatch::Event events[kEventsPerLook];
  const std::size_t n = watch_.poll(events);
  for (const auto& event : std::span(events).first(n)) {
    const auto port = by_fd_.find(event.fd);
    if (const auto stream = streams_.find(event.fd);
        stream != streams_.end() && stream->second->fd() == event.fd) {
      stream->second->on_event(event);
    } else if (port != by_fd_.end() && port->second.of == PortOf::kUdp) {
      readable_.push_back(event.fd);
    } else if (port != by_fd_.end()) {
      accept_all(event.fd);
    }
  }
}

// Without a descriptor left whoever calls is hung up on, at the price of the spare one: it learns
// at once what it would else wait for, and the host does not find it again at every turn.
void KernelNet::accept_all(int listener) {
  for (int i = 0; i < kAcceptsPerLook; ++i) {
    auto setup = KernelStream::accept_from(listener);
    if (setup) {
      arrivals_.push_back(&add(std::move(*setup)));
      continue;
    }
    if (setup.error().code == ErrorCode::kWouldBlock) return;
    if (setup.error().code != ErrorCode::kNoBuffers) continue;
    spare_.reset();
    const bool is_any = KernelStream::accept_from(listener).has_value();
    spare_ = spare_descriptor();
    if (!is_any) return;
  }
}

// --- datagrams

bool KernelNet::send_datagram(const Endpoint& from, const Endpoint& to, ByteView payload) {
  const auto at = ports_.find({PortOf::kUdp, from});
  if (at == ports_.end() || !at->second.fd || is_on_oriel(PortOf::kUdp, to)) return false;
  const int fd = at->second.fd.get();
  if (!kernel_datagrams::send(fd, to, payload)) return false;
  bool is_taken = true;
  while (const auto refused = kernel_datagrams::take_refusal(fd)) {
    if (*refused == to) {
      is_taken = false;
    } else {
      refusals_.push_back({from, *refused});
    }
  }
  return is_taken;
}

// A port has its turn for so many; what is left there is told again by the watch.
std::optional<KernelDatagram> KernelNet::take_datagram() {
  while (!readable_.empty()) {
    const int fd = readable_.front();
    const Endpoint at = by_fd_.at(fd).at;
    while (const auto refused = kernel_datagrams::take_refusal(fd)) {
      refusals_.push_back({at, *refused});
    }
    if (auto datagram = kernel_datagrams::receive(fd, buffer_)) {
      datagram->destination = at;
      if (++taken_of_front_ == kDatagramsPerTurn) next_readable();
      return datagram;
    }
    next_readable();
  }
  return std::nullopt;
}

void KernelNet::next_readable() {
  readable_.pop_front();
  taken_of_front_ = 0;
}

std::optional<KernelNet::Refusal> KernelNet::take_refusal() {
  if (refusals_.empty()) return std::nullopt;
  const Refusal refusal = refusals_.front();
  refusals_.pop_front();
  return refusal;
}

// --- work

void KernelNet::on_kernel_stream_work(KernelStream& stream) {
  if (stream.is_ready) return;
  stream.is_ready = true;
  ready_.push_back(&stream);
}

void KernelNet::run(Instant now) {
  for (std::size_t n = ready_.size(); n != 0; --n) {
    KernelStream& stream = *ready_.front();
    ready_.pop_front();
    stream.is_ready = false;
    stream.service(now);
    if (!stream.is_reapable()) continue;
    std::erase_if(streams_, [&](const auto& at) { return at.second.get() == &stream; });
  }
}

void KernelNet::abort_all(Instant now, ErrorCode reason) {
  for (const auto& [fd, stream] : streams_) stream->abort(now, reason);
}

void KernelNet::abandon() {
  watch_.abandon();
  by_fd_.clear();
  readable_.clear();
  ports_.clear();
  for (const auto& [fd, stream] : streams_) stream->abandon();
}

}  // namespace oriel::loopback
