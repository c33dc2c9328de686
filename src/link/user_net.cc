// Frames in and out of libslirp, its sockets and its timers.
#include "link/user_net.h"

#include <slirp/libslirp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "link/user_net_plan.h"
#include "runtime/clock.h"

namespace oriel::link {
namespace {

/// libslirp says "a second" when it has nothing to time.
constexpr std::uint32_t kNothingToTimeMs = 1000;
constexpr std::size_t kEthernetBytes = 14;
constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::uint8_t kFlagRst = 4;

/// Whether the frame is a TCP segment with RST. (The host writes no IPv6 extension headers before
/// its TCP headers.)
bool is_reset(ByteView frame) {
  if (frame.size() < kEthernetBytes + 20) return false;
  const std::uint8_t version = frame[kEthernetBytes] >> 4;
  const std::size_t tcp =
      kEthernetBytes + (version == 4 ? std::size_t{frame[kEthernetBytes] & 0xfu} * 4 : 40);
  const std::size_t protocol = kEthernetBytes + (version == 4 ? 9 : 6);
  if (frame.size() < tcp + 14 || frame[protocol] != kProtocolTcp) return false;
  return (frame[tcp + 13] & kFlagRst) != 0;
}

void set_reset_on_close(int fd, bool is_wanted) {
  const linger l{is_wanted ? 1 : 0, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);  // means nothing to a UDP socket
}

}  // namespace

struct UserNet::Callbacks {
  static UserNet& self(void* opaque) { return *static_cast<UserNet*>(opaque); }

  static ssize_t send_packet(const void* bytes, std::size_t size, void* opaque) {
    self(opaque).on_frame({static_cast<const std::uint8_t*>(bytes), size});
    return static_cast<ssize_t>(size);
  }
  static void guest_error(const char*, void*) {}
  static std::int64_t clock_get_ns(void*) { return runtime::real_now().ns; }
  static void* timer_new(SlirpTimerId id, void* timer_opaque, void* opaque) {
    auto& timers = self(opaque).timers_;
    timers.push_back(std::make_unique<Timer>(Timer{id, timer_opaque, Instant::never()}));
    return timers.back().get();
  }
  static void timer_free(void* timer, void* opaque) {
    std::erase_if(self(opaque).timers_, [timer](const auto& t) { return t.get() == timer; });
  }
  static void timer_mod(void* timer, std::int64_t due_ms, void*) {
    static_cast<Timer*>(timer)->due = Instant{} + std::chrono::milliseconds(due_ms);
  }
  static void register_poll_fd(int fd, void* opaque) {
    self(opaque).polls_.forget(fd);
    set_reset_on_close(fd, true);
  }
  static void unregister_poll_fd(int fd, void* opaque) { self(opaque).on_socket_closing(fd); }
  static void notify(void*) {}
  static int add_poll(int fd, int events, void* opaque) {
    return self(opaque).polls_.add(fd, events);
  }
  static int get_revents(int index, void* opaque) { return self(opaque).polls_.revents(index); }

  static const SlirpCb* table() {
    static const SlirpCb callbacks = [] {
      SlirpCb c{};
      c.send_packet = send_packet;
      c.guest_error = guest_error;
      c.clock_get_ns = clock_get_ns;
      c.timer_free = timer_free;
      c.timer_mod = timer_mod;
      c.register_poll_fd = register_poll_fd;
      c.unregister_poll_fd = unregister_poll_fd;
      c.notify = notify;
      c.timer_new_opaque = timer_new;
      return c;
    }();
    return &callbacks;
  }
};

UserNet::UserNet(const UserNetOptions& options)
    : wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), polls_(wake_.get()) {
  info_.name = "user";
  info_.framing = DeviceInfo::Framing::kEthernet;
  info_.mtu = options.mtu;
  info_.mac = MacAddress{{0x02, 0x6f, 0x72, 0x00, 0x02, 0x15}};
  info_.rx_buffer_bytes = options.mtu + kEthernetBytes;
  const SlirpConfig config = slirp_config(options);
  slirp_ = ::slirp_new(&config, Callbacks::table(), this);
  if (slirp_ != nullptr) step();
}

UserNet::~UserNet() {
  if (slirp_ != nullptr) ::slirp_cleanup(slirp_);
}

std::size_t UserNet::transmit(std::span<const PacketOut> burst) {
  for (const PacketOut& packet : burst) {
    flat_.clear();
    for (const ByteView piece : packet.pieces) {
      flat_.insert(flat_.end(), piece.begin(), piece.end());
    }
    ++counters_.packets_out;
    counters_.bytes_out += flat_.size();
    is_reset_passing_ = is_reset(flat_);
    ::slirp_input(slirp_, flat_.data(), static_cast<int>(flat_.size()));
    is_reset_passing_ = false;
  }
  polls_.look();
  step();
  return burst.size();
}

ErrorCode UserNet::receive(RxBurst& burst) {
  if (polls_.look() || runtime::real_now() >= deadline_) step();
  while (!queue_.empty()) {
    const ByteSpan buffer = burst.buffer();
    if (buffer.empty()) break;
    const std::vector<std::uint8_t>& frame = queue_.front();
    if (frame.size() <= buffer.size()) {
      std::copy(frame.begin(), frame.end(), buffer.begin());
      ++counters_.packets_in;
      counters_.bytes_in += frame.size();
      burst.commit(frame.size(), {});
    } else {
      ++counters_.dropped_in;
    }
    queue_.pop_front();
  }
  show_queue();
  return ErrorCode::kOk;
}

// What is ready and what is due, then the new wishes.
void UserNet::step() {
  const Instant now = runtime::real_now();
  for (const auto& timer : timers_) {
    if (timer->due > now) continue;
    timer->due = Instant::never();
    ::slirp_handle_timer(slirp_, static_cast<SlirpTimerId>(timer->id), timer->opaque);
  }
  ::slirp_pollfds_poll(slirp_, 0, Callbacks::get_revents, this);
  std::uint32_t timeout_ms = std::numeric_limits<std::uint32_t>::max();
  polls_.begin();
  ::slirp_pollfds_fill(slirp_, &timeout_ms, Callbacks::add_poll, this);
  polls_.end();
  deadline_ = timeout_ms >= kNothingToTimeMs ? Instant::never()
                                             : now + std::chrono::milliseconds(timeout_ms);
  for (const auto& timer : timers_) deadline_ = earlier(deadline_, timer->due);
  show_queue();
}

void UserNet::on_frame(ByteView frame) {
  if (queue_.size() >= kUserNetFramesMax) {
    ++counters_.dropped_in;
    return;
  }
  queue_.emplace_back(frame.begin(), frame.end());
}

// An orderly end: the kernel delivers what was written.
void UserNet::on_socket_closing(int fd) {
  polls_.forget(fd);
  if (!is_reset_passing_) set_reset_on_close(fd, false);
}

void UserNet::show_queue() {
  if (is_queue_shown_ == !queue_.empty()) return;
  is_queue_shown_ = !is_queue_shown_;
  std::uint64_t count = 1;
  [[maybe_unused]] const ssize_t n = is_queue_shown_ ? ::write(wake_.get(), &count, sizeof count)
                                                     : ::read(wake_.get(), &count, sizeof count);
}

}  // namespace oriel::link
