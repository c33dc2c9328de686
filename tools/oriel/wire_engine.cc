// The loop: take what came, send what is due, sleep until the next of either.
#include "wire_engine.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>

namespace oriel::cli {
namespace {

constexpr int kPacketsPerTurn = 64;  // of one device before the others get theirs
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

using Direction = sim::Middlebox::Direction;

}  // namespace

// Takes packets from a device straight into the path.
class WireEngine::Intake : public RxBurst {
 public:
  Intake(sim::DuplexPath& path, const Way& way, ByteSpan buffer, Instant now)
      : path_(path),
        way_(way),
        buffer_(buffer),
        now_(now),
        left_(way.is_blocked ? 0 : kPacketsPerTurn) {}
  ByteSpan buffer() override { return left_ > 0 ? buffer_ : ByteSpan{}; }
  void commit(std::size_t bytes, const Offload& offload) override {
    --left_;
    const ByteView packet = ByteView(buffer_).first(bytes);
    path_.enqueue(now_, way_.direction, {&packet, 1}, offload);
  }

 private:
  sim::DuplexPath& path_;
  const Way& way_;
  ByteSpan buffer_;
  Instant now_;
  int left_;
};

WireEngine::WireEngine(std::unique_ptr<Device> a, std::unique_ptr<Device> b,
                       const sim::PathOptions& options, std::uint64_t seed,
                       std::vector<std::shared_ptr<sim::Middlebox>> boxes)
    : devices_{std::move(a), std::move(b)},
      path_(options, options, seed, seed + 0x9e3779b97f4a7c15u, std::move(boxes)),
      ways_{Way{devices_[0].get(), devices_[1].get(), Direction::kAToB, {}, {}, false},
            Way{devices_[1].get(), devices_[0].get(), Direction::kBToA, {}, {}, false}},
      rx_(std::max(devices_[0]->info().rx_buffer_bytes, devices_[1]->info().rx_buffer_bytes)) {
  for (const Way& w : ways_) {
    const DeviceInfo& to = w.to->info();
    path_.set_keeps_super_segments(w.direction, to.has_tx_checksum && to.tso_bytes_max > 0);
    path_.set_completes_checksums(w.direction, !to.has_tx_checksum);
  }
}

Instant WireEngine::now() {
  return Instant{std::chrono::duration_cast<std::chrono::nanoseconds>(
                     std::chrono::steady_clock::now().time_since_epoch())
                     .count()};
}

Result<void> WireEngine::run(int signal_fd, Instant end, const std::function<void()>& on_report) {
  while (now() < end) {
    for (Way& way : ways_) {
      const auto received = receive(way);
      if (!received) return received;
    }
    const Instant t = now();
    for (Way& way : ways_) deliver(way, t);
    sleep(signal_fd, end);
    if (is_stopped_by(signal_fd, on_report)) return {};
  }
  return {};
}

Result<void> WireEngine::receive(Way& way) {
  Intake intake(path_, way, rx_, now());
  if (way.from->receive(intake) == ErrorCode::kOk) return {};
  return fail(ErrorCode::kDeviceLost, "the device " + way.from->info().name + " has gone");
}

void WireEngine::deliver(Way& way, Instant now) {
  if (way.is_blocked) {
    if (!transmit(way, way.held, way.held_offload)) return;
    way.is_blocked = false;
  }
  sim::Delivery out;
  for (int i = 0; i < kPacketsPerTurn && path_.dequeue(now, way.direction, &out); ++i) {
    if (out.offload.checksum == Offload::Checksum::kVerified)
      out.offload.checksum = Offload::Checksum::kComplete;
    if (transmit(way, out.bytes, out.offload)) continue;
    way.held.assign(out.bytes.begin(), out.bytes.end());
    way.held_offload = out.offload;
    way.is_blocked = true;
    return;
  }
}

bool WireEngine::transmit(Way& way, ByteView packet, const Offload& offload) {
  const PacketOut out{{&packet, 1}, offload};
  return way.to->transmit({&out, 1}) == 1;
}

void WireEngine::sleep(int signal_fd, Instant end) {
  Instant deadline = end;
  pollfd fds[3] = {
      {devices_[0]->poll_fd(), 0, 0}, {devices_[1]->poll_fd(), 0, 0}, {signal_fd, POLLIN, 0}};
  // A blocked way reads nothing more: its device pushes back. Some devices report room as readable.
  for (std::size_t i = 0; i < 2; ++i) {
    if (ways_[i].is_blocked) {
      fds[1 - i].events = POLLIN | POLLOUT;
    } else {
      fds[i].events |= POLLIN;
      deadline = earlier(deadline, path_.next_deadline(ways_[i].direction));
    }
  }
  timespec timeout{};
  if (!deadline.is_never()) {
    const std::int64_t left_ns = std::max<std::int64_t>(0, (deadline - now()).count());
    timeout = {static_cast<time_t>(left_ns / kNsPerSecond),
               static_cast<long>(left_ns % kNsPerSecond)};
  }
  ::ppoll(fds, 3, deadline.is_never() ? nullptr : &timeout, nullptr);
}

bool WireEngine::is_stopped_by(int signal_fd, const std::function<void()>& on_report) {
  signalfd_siginfo info;
  while (::read(signal_fd, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo != SIGUSR1) return true;
    on_report();
  }
  return false;
}

}  // namespace oriel::cli
