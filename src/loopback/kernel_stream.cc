// Calls of the socket interface that never block, and what their errors mean.
#include "loopback/kernel_stream.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "loopback/kernel_address.h"

namespace oriel::loopback {

namespace te = socket::transport_event;

namespace {

using runtime::UniqueFd;

/// Room is not counted in bytes: the kernel says only that there is some.
constexpr std::size_t kNominalRoomBytes = 64u << 10;
constexpr std::uint32_t kIdealSendBacklogMin = 65536;
constexpr std::uint32_t kIdealSendBacklogMax = 16u << 20;  // spec ISB-2
constexpr std::uint32_t kNoRtt = 0xffffffff;               // tcpi_min_rtt before the first sample

void set_flag(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

void reset_at_close(int fd) {
  const linger at_once{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

int pending_error(int fd) {
  int number = 0;
  socklen_t bytes = sizeof number;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &bytes) == 0 ? number : 0;
}

bool read_tcp_info(int fd, tcp_info& info) {
  socklen_t bytes = sizeof info;
  return ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &bytes) == 0;
}

}  // namespace

Result<KernelStream::Setup> KernelStream::begin_connect(const std::optional<Endpoint>& local,
                                                        const Endpoint& remote) {
  Setup setup;
  const int family = remote.address.is_v4() ? AF_INET : AF_INET6;
  setup.fd.reset(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!setup.fd) return fail(code_of_errno(errno));
  if (local) {
    share_port(setup.fd.get());  // this process holds the port already
    const KernelAddress from(*local);
    if (::bind(setup.fd.get(), from.get(), from.bytes) != 0) return fail(code_of_errno(errno));
  }
  const KernelAddress to(remote);
  if (::connect(setup.fd.get(), to.get(), to.bytes) == 0) {
    setup.is_connected = true;
  } else if (errno != EINPROGRESS) {
    return fail(code_of_errno(errno));
  } else if (const int number = pending_error(setup.fd.get()); number != 0) {
    return fail(code_of_errno(number));  // on the loopback the answer has come already
  }
  KernelAddress own;
  ::getsockname(setup.fd.get(), own.get(), &own.bytes);
  setup.local = own.endpoint();
  setup.remote = remote;
  // Nobody listens there, and of its ports the kernel picked just that one: it has met itself.
  if (setup.local == remote) {
    reset_at_close(setup.fd.get());
    return fail(ErrorCode::kConnectionRefused);
  }
  return setup;
}

// Without SO_REUSEADDR first: then nobody else gets the port, whatever he sets, before we listen.
// It is needed only where connections of an earlier holder rest or live.
Result<UniqueFd> KernelStream::hold_port(const Endpoint& at) {
  const int family = at.address.is_v4() ? AF_INET : AF_INET6;
  UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) {
    return fail(errno == EAFNOSUPPORT ? ErrorCode::kPermissionDenied : code_of_errno(errno));
  }
  const KernelAddress a(at);
  if (::bind(fd.get(), a.get(), a.bytes) == 0) return fd;
  if (errno == EADDRINUSE) {
    share_port(fd.get());
    if (::bind(fd.get(), a.get(), a.bytes) == 0) return fd;
  }
  // Below 1024, or without ::1: native programs will not reach it, and nothing else is lost.
  return fail(errno == EADDRINUSE ? ErrorCode::kAddressInUse : ErrorCode::kPermissionDenied);
}

void KernelStream::share_port(int fd) {
  set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1);
}

// Its connections inherit the flag, so that their remains keep nobody from listening again.
bool KernelStream::listen_at(int fd) {
  share_port(fd);
  return ::listen(fd, SOMAXCONN) == 0;
}

Result<KernelStream::Setup> KernelStream::accept_from(int listener) {
  KernelAddress peer;
  Setup setup;
  setup.fd.reset(::accept4(listener, peer.get(), &peer.bytes, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!setup.fd) return fail(errno == EAGAIN ? ErrorCode::kWouldBlock : code_of_errno(errno));
  KernelAddress own;
  ::getsockname(setup.fd.get(), own.get(), &own.bytes);
  setup.local = own.endpoint();
  setup.remote = peer.endpoint();
  setup.is_connected = true;
  return setup;
}

KernelStream::KernelStream(KernelStreamOwner& owner, Setup setup)
    : owner_(&owner), fd_(std::move(setup.fd)), local_(setup.local), remote_(setup.remote) {
  set_flag(fd_.get(), SOL_SOCKET, SO_OOBINLINE, 1);
  if (!setup.is_connected) return;
  is_connected_ = true;
  raise(te::kConnected);
}

void KernelStream::on_event(const FdWatch::Event& event) {
  if (is_over_) return;
  if (event.is_writable) {
    has_room_ = true;
    if (!is_connected_) finish_connect();
    if (is_room_wanted_) events_ |= te::kSendRoom;
  }
  if (event.is_readable) {
    is_drained_ = false;
    events_ |= te::kReadable;
  }
  if (event.is_urgent && !is_urgent_pending_) {
    is_urgent_pending_ = true;
    is_drained_ = false;
    events_ |= te::kUrgent;
  }
  if (event.is_hung_up) {
    look_for_error();
    if (!is_over_ && !is_fin_seen_) {
      is_fin_seen_ = true;
      is_drained_ = false;
      events_ |= te::kEndOfStream | te::kReadable;
    }
  }
  owner_->on_kernel_stream_work(*this);
}

void KernelStream::service(Instant now) {
  if (!began_) began_ = now;
  if (!borrowed_.empty()) flush_borrowed();
  if ((events_ & te::kSendRoom) != 0) is_room_wanted_ = false;
  const std::uint16_t events = std::exchange(events_, 0);
  if (user() != nullptr) user()->on_transport_events(now, *this, events);
}

void KernelStream::finish_connect() {
  look_for_error();
  if (is_over_) return;
  is_connected_ = true;
  events_ |= te::kConnected;
}

void KernelStream::look_for_error() {
  if (const int number = pending_error(fd_.get()); number != 0) end(code_of_errno(number));
}

// --- sending

std::size_t KernelStream::send_some(ByteView bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ByteView rest = bytes.subspan(done);
    const ssize_t n = ::send(fd_.get(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      has_room_ = false;
      is_room_wanted_ = true;
      if (errno != EAGAIN) end(code_of_errno(errno));
      break;
    }
    done += static_cast<std::size_t>(n);
  }
  sent_ += done;
  return done;
}

std::size_t KernelStream::send(Instant /*now*/, ByteView bytes) {
  if (!is_connected() || is_shut_wanted_ || !borrowed_.empty()) return 0;
  return send_some(bytes);
}

void KernelStream::send_borrowed(Instant /*now*/, ByteView bytes) {
  if (!is_connected() || is_shut_wanted_ || bytes.empty()) return;
  borrowed_.push_back(bytes);
  borrowed_bytes_ += bytes.size();
  flush_borrowed();
  owner_->on_kernel_stream_work(*this);
}

void KernelStream::flush_borrowed() {
  while (!is_over_ && has_room_ && !borrowed_.empty()) {
    const std::size_t n = send_some(borrowed_.front());
    borrowed_.front() = borrowed_.front().subspan(n);
    borrowed_bytes_ -= n;
    if (n != 0) events_ |= te::kAcked;
    if (!borrowed_.empty() && borrowed_.front().empty()) borrowed_.erase(borrowed_.begin());
  }
  if (borrowed_.empty()) finish_shutdown();
}

void KernelStream::send_urgent(Instant /*now*/, std::uint8_t byte) {
  if (!is_connected() || is_shut_wanted_) return;
  const ssize_t n = ::send(fd_.get(), &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_OOB);
  if (n == 1) {
    ++sent_;
  } else if (errno != EAGAIN) {
    end(code_of_errno(errno));
  }
}

std::size_t KernelStream::send_room() const {
  if (!is_connected() || is_shut_wanted_ || !borrowed_.empty()) return 0;
  return has_room_ ? kNominalRoomBytes : 0;
}

// --- receiving

std::size_t KernelStream::unread() const {
  int bytes = 0;
  return ::ioctl(fd_.get(), FIONREAD, &bytes) == 0 ? static_cast<std::size_t>(bytes) : 0;
}

/// Bytes to the end of the urgent data. The kernel counts up to its byte only while that byte is
/// out of the stream.
std::size_t KernelStream::unread_to_mark() const {
  set_flag(fd_.get(), SOL_SOCKET, SO_OOBINLINE, 0);
  const std::size_t before = unread();
  set_flag(fd_.get(), SOL_SOCKET, SO_OOBINLINE, 1);
  return before + 1;
}

std::size_t KernelStream::receive(Instant /*now*/, ByteSpan out) {
  if (!is_connected()) return 0;
  std::size_t done = 0;
  while (done < out.size()) {
    const std::size_t to_mark = is_urgent_pending_ ? unread_to_mark() : 0;
    ByteSpan room = out.subspan(done);
    if (to_mark != 0) room = room.first(std::min(room.size(), to_mark));
    const ssize_t n = ::recv(fd_.get(), room.data(), room.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      is_drained_ = true;
      if (n == 0) is_fin_seen_ = true;
      if (n < 0 && errno != EAGAIN) end(code_of_errno(errno));
      break;
    }
    done += static_cast<std::size_t>(n);
    if (to_mark == 0) continue;
    if (static_cast<std::size_t>(n) == to_mark) is_urgent_pending_ = false;
    break;
  }
  received_ += done;
  return done;
}

std::size_t KernelStream::peek(ByteSpan out, std::size_t offset) const {
  if (!is_connected() || is_drained_) return 0;
  std::vector<std::uint8_t> bytes(offset + out.size());
  const ssize_t n = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_PEEK);
  if (n <= 0 || static_cast<std::size_t>(n) <= offset) return 0;
  const std::size_t got = static_cast<std::size_t>(n) - offset;
  std::memcpy(out.data(), bytes.data() + offset, got);
  return got;
}

std::size_t KernelStream::readable_bytes() const {
  return is_connected() && !is_drained_ ? unread() : 0;
}

std::uint32_t KernelStream::urgent_bytes_left() const {
  return is_connected() && is_urgent_pending_ ? static_cast<std::uint32_t>(unread_to_mark()) : 0;
}

bool KernelStream::is_at_end_of_stream() const {
  return !is_over_ && is_fin_seen_ && readable_bytes() == 0;
}

// --- ending

void KernelStream::shutdown_send(Instant /*now*/) {
  if (is_over_ || is_shut_wanted_) return;
  is_shut_wanted_ = true;
  if (borrowed_.empty()) finish_shutdown();
}

void KernelStream::finish_shutdown() {
  if (!is_over_ && is_shut_wanted_) ::shutdown(fd_.get(), SHUT_WR);
}

// The kernel's own close knows about unread bytes (RST) and delivers what it has.
void KernelStream::close(Instant now) {
  shutdown_send(now);
}

void KernelStream::abort(Instant /*now*/, ErrorCode reason) {
  if (is_over_) return;
  reset_at_close(fd_.get());
  end(reason);
}

void KernelStream::detach(Instant /*now*/) {
  if (is_orphan_) return;
  is_orphan_ = true;
  set_user(nullptr);
  owner_->on_kernel_stream_work(*this);
}

void KernelStream::set_options(Instant /*now*/, const tcp::TcpSocketOptions& options) {
  if (is_over_) return;
  set_flag(fd_.get(), IPPROTO_TCP, TCP_NODELAY, options.is_nodelay ? 1 : 0);
  set_flag(fd_.get(), SOL_SOCKET, SO_KEEPALIVE, options.is_keepalive ? 1 : 0);
  const auto set_bytes = [this](int option, std::uint32_t bytes) {
    if (bytes != 0) set_flag(fd_.get(), SOL_SOCKET, option, static_cast<int>(bytes & 0x7fffffff));
  };
  set_bytes(SO_RCVBUF, options.rcv_buffer_bytes);
  set_bytes(SO_SNDBUF, options.snd_buffer_bytes);
}

/// Over, whatever the reason. The descriptor goes at once: that is what the peer hears.
void KernelStream::end(ErrorCode reason) {
  if (is_over_) return;
  is_over_ = true;
  error_ = reason;
  fd_.reset();
  borrowed_.clear();
  borrowed_bytes_ = 0;
  raise(te::kFailed | te::kAcked);
}

void KernelStream::raise(std::uint16_t events) {
  events_ |= events;
  owner_->on_kernel_stream_work(*this);
}

// --- asked

// What the kernel would keep under way, and never less than an idle connection on Windows answers.
std::uint32_t KernelStream::ideal_send_backlog() const {
  tcp_info k{};
  if (is_over_ || !read_tcp_info(fd_.get(), k)) return kIdealSendBacklogMin;
  const auto bytes = std::uint64_t{k.tcpi_snd_cwnd} * k.tcpi_snd_mss;
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(bytes, kIdealSendBacklogMin, kIdealSendBacklogMax));
}

void KernelStream::fill_info(Instant now, TcpInfo& info) const {
  info.local = local_;
  info.remote = remote_;
  info.congestion_control = kKernelsOwn;
  if (began_) info.age = now - *began_;
  info.bytes_in = received_;
  info.bytes_out = info.bytes_acked = sent_;
  info.snd_buffered = borrowed_bytes_;
  info.ideal_send_backlog = ideal_send_backlog();
  tcp_info k{};
  if (is_over_ || !read_tcp_info(fd_.get(), k)) return;
  // The kernel's numbers of the states are its own.
  constexpr TcpState kStates[] = {
      TcpState::kClosed,    TcpState::kEstablished, TcpState::kSynSent,  TcpState::kSynReceived,
      TcpState::kFinWait1,  TcpState::kFinWait2,    TcpState::kTimeWait, TcpState::kClosed,
      TcpState::kCloseWait, TcpState::kLastAck,     TcpState::kListen,   TcpState::kClosing};
  if (k.tcpi_state < std::size(kStates)) info.state = kStates[k.tcpi_state];
  info.smss = k.tcpi_snd_mss;
  info.rmss = k.tcpi_rcv_mss;
  info.is_sack_enabled = (k.tcpi_options & TCPI_OPT_SACK) != 0;
  info.has_timestamps = (k.tcpi_options & TCPI_OPT_TIMESTAMPS) != 0;
  info.cwnd = k.tcpi_snd_cwnd * k.tcpi_snd_mss;
  info.ssthresh = k.tcpi_snd_ssthresh;
  info.flight_size = k.tcpi_unacked * k.tcpi_snd_mss;
  info.snd_wnd = k.tcpi_snd_wnd;
  info.rcv_wnd = info.rcv_wnd_max = info.rcv_buf = k.tcpi_rcv_space;
  info.rcv_buffered = readable_bytes();
  info.srtt = std::chrono::microseconds(k.tcpi_rtt);
  info.rttvar = std::chrono::microseconds(k.tcpi_rttvar);
  if (k.tcpi_min_rtt != kNoRtt) info.rtt_min = std::chrono::microseconds(k.tcpi_min_rtt);
  info.rto = std::chrono::microseconds(k.tcpi_rto);
  info.segments_out = k.tcpi_segs_out;
  info.segments_in = k.tcpi_segs_in;
  info.segments_retransmitted = k.tcpi_total_retrans;
  info.bytes_retransmitted = k.tcpi_bytes_retrans;
  info.segments_out_of_order = k.tcpi_rcv_ooopack;
}

}  // namespace oriel::loopback
