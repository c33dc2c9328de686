// The packet socket's data path: sendmmsg for bursts out, one recv per packet in.
//
// In, each packet goes straight into the host's buffer; a burst call would need buffers that the
// host has not handed out yet, and copying out of our own costs more than the calls it saves.
#include "link/unix_link.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>

namespace oriel::link {
namespace {

constexpr std::size_t kMessagesMax = 32;           ///< per system call
constexpr std::size_t kMessagePiecesMax = 256;     ///< over all messages of one system call
constexpr std::size_t kPiecesPerPacketMax = 1024;  ///< IOV_MAX, what one packet may have

void watch(int poll_fd, int operation, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  ::epoll_ctl(poll_fd, operation, fd, &event);
}

}  // namespace

void widen_send_buffer(int fd) {
  constexpr int kBytes = 4 << 20;  // 64 of the largest packets, about 1,800 of 1500 bytes
  if (::setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &kBytes, sizeof kBytes) != 0) {
    ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kBytes, sizeof kBytes);
  }
}

UnixLink::UnixLink(UniqueFd peer, DeviceInfo info)
    : peer_(std::move(peer)), info_(std::move(info)) {}

UnixLink::UnixLink(UniqueFd listener, UniqueFd poll, std::string path, DeviceInfo info)
    : listener_(std::move(listener)),
      poll_(std::move(poll)),
      path_(std::move(path)),
      info_(std::move(info)) {
  watch(poll_.get(), EPOLL_CTL_ADD, listener_.get(), EPOLLIN);
}

UnixLink::~UnixLink() {
  if (is_listener()) ::unlink(path_.c_str());
}

std::size_t UnixLink::drop(std::size_t packets) {
  counters_.dropped_out += packets;
  return packets;
}

std::size_t UnixLink::transmit(std::span<const PacketOut> burst) {
  std::size_t taken = 0;
  while (taken < burst.size()) {
    if (!peer_ || is_lost_) return taken + drop(burst.size() - taken);
    const std::size_t n = transmit_some(burst.subspan(taken));
    if (n == 0) {
      if (peer_ && !is_lost_) {
        watch_room(true);
        return taken;
      }
      continue;
    }
    taken += n;
  }
  return taken;
}

/// One sendmmsg. Gives how many packets it took; 0 when there is no room or the peer has gone.
std::size_t UnixLink::transmit_some(std::span<const PacketOut> burst) {
  mmsghdr messages[kMessagesMax];
  iovec pieces[kPiecesPerPacketMax];
  std::size_t used = 0;
  std::size_t n = 0;
  for (const PacketOut& packet : burst.first(std::min(burst.size(), kMessagesMax))) {
    assert(packet.offload.checksum != Offload::Checksum::kPartial && packet.offload.gso_size == 0);
    const std::size_t count = packet.pieces.size();
    if (n != 0 && used + count > kMessagePiecesMax) break;
    // An empty message would read as a hang-up at the far end.
    if (count > kPiecesPerPacketMax || packet.size() == 0) {
      if (n == 0) return drop(1);
      break;
    }
    messages[n] = {};
    messages[n].msg_hdr.msg_iov = pieces + used;
    messages[n].msg_hdr.msg_iovlen = count;
    for (ByteView piece : packet.pieces) {
      pieces[used++] = {const_cast<std::uint8_t*>(piece.data()), piece.size()};
    }
    ++n;
  }
  int sent = -1;
  do {
    sent = ::sendmmsg(peer_.get(), messages, static_cast<unsigned>(n), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) {
    if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM) return 0;
    if (errno == EMSGSIZE) return drop(1);
    lose_peer();
    return 0;
  }
  for (int i = 0; i < sent; ++i) counters_.bytes_out += messages[i].msg_len;
  counters_.packets_out += static_cast<std::uint64_t>(sent);
  return static_cast<std::size_t>(sent);
}

ErrorCode UnixLink::receive(RxBurst& burst) {
  if (is_watching_room_) {
    pollfd room{peer_.get(), POLLOUT, 0};
    if (::poll(&room, 1, 0) > 0) watch_room(false);
  }
  constexpr int kReadsMax = 1024;  // a burst, plus drops and a change of peer
  for (int reads = 0; reads < kReadsMax && !is_lost_; ++reads) {
    const ByteSpan buffer = burst.buffer();
    if (buffer.empty()) return ErrorCode::kOk;
    if (!peer_ && !accept_peer()) return ErrorCode::kOk;
    if (!receive_one(burst, buffer) && peer_) {
      return is_lost_ ? ErrorCode::kDeviceLost : ErrorCode::kOk;
    }
  }
  return is_lost_ ? ErrorCode::kDeviceLost : ErrorCode::kOk;
}

bool UnixLink::receive_one(RxBurst& burst, ByteSpan buffer) {
  assert(buffer.size() >= info_.rx_buffer_bytes);
  const ssize_t got = ::recv(peer_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC);
  if (got < 0) {
    if (errno == EINTR) return true;
    if (errno != EAGAIN) lose_peer();
    return false;
  }
  if (got == 0) {
    lose_peer();
    return false;
  }
  const auto bytes = static_cast<std::size_t>(got);
  if (bytes > info_.mtu) {
    ++counters_.dropped_in;
    return true;
  }
  ++counters_.packets_in;
  counters_.bytes_in += bytes;
  burst.commit(bytes, Offload{});
  return true;
}

/// While a peer is connected the listening socket is not watched.
bool UnixLink::accept_peer() {
  UniqueFd peer = next_in_queue();
  if (!peer) return false;
  widen_send_buffer(peer.get());
  watch(poll_.get(), EPOLL_CTL_DEL, listener_.get(), 0);
  watch(poll_.get(), EPOLL_CTL_ADD, peer.get(), EPOLLIN);
  peer_ = std::move(peer);
  fill_queue();
  return true;
}

/// Passes over those that have gone without a word, as one that only asks who lives here does.
UniqueFd UnixLink::next_in_queue() {
  for (std::size_t i = 0; i <= kQueuePlaces; ++i) {
    UniqueFd next(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    std::uint8_t byte = 0;
    if (!next || ::recv(next.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0) return next;
  }
  return {};
}

/// Whoever waits already is hung up on; after that there is no place to wait in.
void UnixLink::fill_queue() {
  for (std::size_t i = 0; i < kQueuePlaces && next_in_queue(); ++i) {
  }
  for (UniqueFd& filler : fillers_) {
    filler = packet_socket();
    if (connect_to_path(filler.get(), path_) != 0) filler.reset();
  }
}

void UnixLink::empty_queue() {
  for (UniqueFd& filler : fillers_) {
    if (!filler) continue;
    filler.reset();
    const UniqueFd other_end(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }
}

/// The connecting end stays with its dead socket, so that poll_fd stays valid and readable.
void UnixLink::lose_peer() {
  if (!is_listener()) {
    is_lost_ = true;
    return;
  }
  peer_.reset();
  empty_queue();
  is_watching_room_ = false;
  watch(poll_.get(), EPOLL_CTL_ADD, listener_.get(), EPOLLIN);
}

void UnixLink::watch_room(bool is_wanted) {
  if (!is_listener() || is_wanted == is_watching_room_) return;
  is_watching_room_ = is_wanted;
  watch(poll_.get(), EPOLL_CTL_MOD, peer_.get(), is_wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

}  // namespace oriel::link
