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

sim::PathModel make_path(const sim::PathOptions& options, std::uint64_t seed, const Device& to) {
  sim::PathModel path(options, seed);
  path.set_keeps_super_segments(to.info().has_tx_checksum && to.info().tso_bytes_max > 0);
  return path;
}

}  // namespace

// Takes packets from a device straight into the path.
class WireEngine::Intake : public RxBurst {
 public:
  Intake(Way& way, Way& back, ByteSpan buffer, Instant now)
      : way_(way),
        back_(back),
        buffer_(buffer),
        now_(now),
        left_(way.is_blocked ? 0 : kPacketsPerTurn) {}
  ByteSpan buffer() override { return left_ > 0 ? buffer_ : ByteSpan{}; }
  void commit(std::size_t bytes, const Offload& offload) override {
    --left_;
    std::vector<std::uint8_t> answer;
    if (way_.path.enqueue(now_, ByteView(buffer_).first(bytes), offload, &answer)) return;
    // The answer travels the opposite path, as if the narrow link were at the far end.
    if (!answer.empty()) back_.path.enqueue(now_, answer, {}, nullptr);
  }

 private:
  Way& way_;
  Way& back_;
  ByteSpan buffer_;
  Instant now_;
  int left_;
};

WireEngine::WireEngine(std::unique_ptr<Device> a, std::unique_ptr<Device> b,
                       const sim::PathOptions& options, std::uint64_t seed)
    : devices_{std::move(a), std::move(b)},
      ways_{Way{devices_[0].get(),
                devices_[1].get(),
                make_path(options, seed, *devices_[1]),
                {},
                {},
                false},
            Way{devices_[1].get(),
                devices_[0].get(),
                make_path(options, seed + 0x9e3779b97f4a7c15u, *devices_[0]),
                {},
                {},
                false}},
      rx_(std::max(devices_[0]->info().rx_buffer_bytes, devices_[1]->info().rx_buffer_bytes)) {}

Instant WireEngine::now() {
  return Instant{std::chrono::duration_cast<std::chrono::nanoseconds>(
                     std::chrono::steady_clock::now().time_since_epoch())
                     .count()};
}

Result<void> WireEngine::run(int signal_fd, Instant end, const std::function<void()>& on_report) {
  while (now() < end) {
    for (std::size_t i = 0; i < 2; ++i) {
      const auto received = receive(ways_[i], ways_[1 - i]);
      if (!received) return received;
    }
    const Instant t = now();
    for (Way& way : ways_) deliver(way, t);
    sleep(signal_fd, end);
    if (is_stopped_by(signal_fd, on_report)) return {};
  }
  return {};
}

Result<void> WireEngine::receive(Way& way, Way& back) {
  Intake intake(way, back, rx_, now());
  if (way.from->receive(intake) == ErrorCode::kOk) return {};
  return fail(ErrorCode::kDeviceLost, "the device " + way.from->info().name + " has gone");
}

void WireEngine::deliver(Way& way, Instant now) {
  if (way.is_blocked) {
    if (!transmit(way, way.held, way.held_offload)) return;
    way.is_blocked = false;
  }
  const bool completes = !way.to->info().has_tx_checksum;
  for (int i = 0; i < kPacketsPerTurn && way.path.next_deadline() <= now; ++i) {
    Offload offload;
    const ByteView packet = way.path.dequeue(now, completes ? nullptr : &offload);
    if (packet.empty()) return;
    if (offload.checksum == Offload::Checksum::kVerified)
      offload.checksum = Offload::Checksum::kComplete;
    if (transmit(way, packet, offload)) continue;
    way.held.assign(packet.begin(), packet.end());
    way.held_offload = offload;
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
      deadline = earlier(deadline, ways_[i].path.next_deadline());
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
