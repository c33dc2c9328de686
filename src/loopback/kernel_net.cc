// Ports held, connections taken and made, and their ready list.
#include "loopback/kernel_net.h"

#include <algorithm>
#include <array>

namespace oriel::loopback {
namespace {

constexpr std::size_t kEventsPerLook = 64;
constexpr int kAcceptsPerLook = 256;

}  // namespace

KernelNet::~KernelNet() = default;

Endpoint KernelNet::kernel_side(const Endpoint& local) {
  if (!local.address.is_unspecified()) return local;
  if (local.address.is_v4()) return {IpAddress::v4(127, 0, 0, 1), local.port};
  std::array<std::uint8_t, 16> one{};
  one[15] = 1;
  return {IpAddress::v6(one.data()), local.port};
}

Result<void> KernelNet::hold(const Endpoint& local) {
  const Endpoint at = kernel_side(local);
  if (std::find(published_.begin(), published_.end(), at.port) != published_.end()) return {};
  if (const auto held = ports_.find(at); held != ports_.end()) {
    ++held->second.holders;
    return {};
  }
  auto fd = KernelStream::hold_port(at);
  if (!fd) {
    if (fd.error().code == ErrorCode::kPermissionDenied) return {};
    return Failure(fd.error());
  }
  ports_[at] = {std::move(*fd), 1, false};
  return {};
}

void KernelNet::release(const Endpoint& local) {
  const auto at = ports_.find(kernel_side(local));
  if (at == ports_.end() || --at->second.holders != 0) return;
  listening_.erase(at->second.fd.get());
  ports_.erase(at);
}

void KernelNet::listen(const Endpoint& local) {
  const auto at = ports_.find(kernel_side(local));
  if (at == ports_.end() || at->second.is_listening) return;
  const int fd = at->second.fd.get();
  at->second.is_listening = KernelStream::listen_at(fd) && watch_.add(fd);
  if (at->second.is_listening) listening_[fd] = at->first;
}

Result<KernelStream*> KernelNet::connect(const std::optional<Endpoint>& local,
                                         const Endpoint& remote) {
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
    if (const auto stream = streams_.find(event.fd);
        stream != streams_.end() && stream->second->fd() == event.fd) {
      stream->second->on_event(event);
    } else if (listening_.contains(event.fd)) {
      accept_all(event.fd);
    }
  }
}

void KernelNet::accept_all(int listener) {
  for (int i = 0; i < kAcceptsPerLook; ++i) {
    auto setup = KernelStream::accept_from(listener);
    if (!setup) return;
    arrivals_.push_back(&add(std::move(*setup)));
  }
}

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
  listening_.clear();
  ports_.clear();
  for (const auto& [fd, stream] : streams_) stream->abandon();
}

}  // namespace oriel::loopback
