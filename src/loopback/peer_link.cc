// Bursts of messages out by sendmmsg, messages in one by one, straight into the host's buffers.
#include "loopback/peer_link.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "loopback/fd_message.h"
#include "loopback/message.h"

namespace oriel::loopback {
namespace {

constexpr std::size_t kMessagesMax = 32;           ///< per system call
constexpr std::size_t kPiecesMax = 256;            ///< over all messages of one system call
constexpr std::size_t kPiecesPerPacketMax = 1023;  ///< IOV_MAX, less one for the head
constexpr int kReadsMax = 256;                     ///< per turn, drops included
/// Large packets before a ring is made for them: memory and messages that a few do not pay for.
constexpr int kLargePacketsBefore = 16;
/// Messages that wait for a peer that does not read: news of every slot, and answers to offers that
/// came meanwhile. A peer that asks on and reads nothing loses the link.
constexpr std::size_t kWaitingMax = 1u << 17;

/// The system's limit cuts the wish, unless the process may force it.
void widen_send_buffer(int fd) {
  constexpr int kBytes = 4 << 20;
  if (::setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &kBytes, sizeof kBytes) != 0) {
    ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kBytes, sizeof kBytes);
  }
}

/// The first of those that came with a message; the others are closed.
runtime::UniqueFd descriptor_of(const msghdr& message) {
  runtime::UniqueFd first;
  for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr;
       at = CMSG_NXTHDR(const_cast<msghdr*>(&message), at)) {
    if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(at) + i * sizeof fd, sizeof fd);
      runtime::UniqueFd one(fd);
      if (!first) first = std::move(one);
    }
  }
  return first;
}

}  // namespace

PeerLink::PeerLink(runtime::UniqueFd peer, int pid, std::shared_ptr<FdWatch> watch,
                   std::shared_ptr<LinkState> state)
    : peer_(std::move(peer)), watch_(std::move(watch)), state_(std::move(state)) {
  widen_send_buffer(peer_.get());
  info_.name = "process " + std::to_string(pid);
  info_.mtu = kLinkMtuBytes;
  info_.has_tx_checksum = true;
  info_.tso_bytes_max = kLinkMtuBytes;
  info_.rx_buffer_bytes = kLinkMtuBytes;
}

std::size_t PeerLink::transmit(std::span<const PacketOut> burst) {
  std::size_t taken = 0;
  while (taken < burst.size()) {
    if (is_lost_) {
      counters_.dropped_out += burst.size() - taken;
      return burst.size();
    }
    offer_ring_for(burst[taken]);
    const std::size_t n = transmit_some(burst.subspan(taken));
    if (n == 0 && !is_lost_) {
      watch_room(true);
      return taken;
    }
    taken += n;
  }
  return taken;
}

/// One sendmmsg. Gives how many packets it took; 0 when there is no room or the peer has gone.
std::size_t PeerLink::transmit_some(std::span<const PacketOut> burst) {
  mmsghdr messages[kMessagesMax];
  iovec pieces[kPiecesPerPacketMax + 1];
  std::uint8_t heads[kMessagesMax][kRingedHeadBytes];
  std::uint64_t ring_before[kMessagesMax + 1];
  std::size_t used = 0;
  std::size_t n = 0;
  for (const PacketOut& packet : burst.first(std::min(burst.size(), kMessagesMax))) {
    const bool is_in_ring = is_ringed(packet);
    const std::size_t count = is_in_ring ? 1 : packet.pieces.size() + 1;
    if (n != 0 && used + count > kPiecesMax) break;
    if (count > kPiecesPerPacketMax + 1) {
      if (n != 0) break;
      ++counters_.dropped_out;
      return 1;
    }
    messages[n] = {};
    messages[n].msg_hdr.msg_iov = pieces + used;
    messages[n].msg_hdr.msg_iovlen = count;
    ring_before[n] = ring_out_.written();
    if (is_in_ring) {
      write_ringed_head(packet.offload, packet.size(), heads[n]);
      pieces[used++] = {heads[n], kRingedHeadBytes};
      ring_out_.write(packet.pieces);
    } else {
      write_head(packet.offload, heads[n]);
      pieces[used++] = {heads[n], kHeadBytes};
      for (ByteView piece : packet.pieces) {
        pieces[used++] = {const_cast<std::uint8_t*>(piece.data()), piece.size()};
      }
    }
    ++n;
  }
  int sent = -1;
  do {
    sent = ::sendmmsg(peer_.get(), messages, static_cast<unsigned>(n), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  ring_before[n] = ring_out_.written();
  ring_out_.take_back_to(ring_before[std::max(sent, 0)]);
  if (sent < 0) {
    if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM) return 0;
    if (errno != EMSGSIZE) is_lost_ = true;  // `receive` says so to the host
    if (is_lost_) state_->has_news = true;
    if (!is_lost_) ++counters_.dropped_out;
    return is_lost_ ? 0 : 1;
  }
  for (const PacketOut& packet : burst.first(static_cast<std::size_t>(sent))) {
    counters_.bytes_out += packet.size();
  }
  counters_.packets_out += static_cast<std::uint64_t>(sent);
  return static_cast<std::size_t>(sent);
}

ErrorCode PeerLink::receive(RxBurst& burst) {
  if (!state_->has_news) return ErrorCode::kOk;
  watch_room(false);
  send_waiting();
  for (int reads = 0; reads < kReadsMax; ++reads) {
    const ByteSpan buffer = burst.buffer();
    if (buffer.empty()) return ErrorCode::kOk;
    if (receive_one(burst, buffer)) continue;
    state_->has_news = false;
    return is_lost_ ? ErrorCode::kDeviceLost : ErrorCode::kOk;
  }
  return ErrorCode::kOk;
}

/// False when nothing is waiting or the peer has gone.
bool PeerLink::receive_one(RxBurst& burst, ByteSpan buffer) {
  std::uint8_t head[kHeadBytes] = {};
  iovec pieces[2] = {{head, kHeadBytes}, {buffer.data(), kLinkMtuBytes}};
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = 2;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t got = ::recvmsg(peer_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got <= 0) {
    // A peer that dies with packets unread leaves an error before those that it had sent.
    if (got < 0 && (errno == EINTR || errno == ECONNRESET)) return true;
    if (got == 0 || errno != EAGAIN) is_lost_ = true;
    return false;
  }
  const auto bytes = static_cast<std::size_t>(got);
  runtime::UniqueFd fd = descriptor_of(message);  // closed unless a message is about it
  if (bytes == sizeof(RingMessage) && is_ring_kind(head[0])) {
    std::uint8_t whole[sizeof(RingMessage)];
    std::memcpy(whole, head, kHeadBytes);
    std::memcpy(whole + kHeadBytes, buffer.data(), sizeof whole - kHeadBytes);
    on_message(whole, std::move(fd));
    return true;
  }
  if (bytes == 1 && head[0] == static_cast<std::uint8_t>(MessageKind::kLeaving)) {
    state_->is_leaving = true;
    return true;
  }
  Offload offload;
  const bool is_whole = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
  const ByteView packet = is_whole ? packet_of(head, bytes, buffer) : ByteView();
  if (packet.empty() || !read_head(head, packet, offload)) {
    ++counters_.dropped_in;
    return true;
  }
  ++counters_.packets_in;
  counters_.bytes_in += packet.size();
  burst.commit(packet.size(), offload);
  return true;
}

ByteView PeerLink::packet_of(const std::uint8_t* head, std::size_t message_bytes, ByteSpan buffer) {
  if (message_bytes <= kHeadBytes) return {};
  if (head[0] == static_cast<std::uint8_t>(MessageKind::kPacket)) {
    return buffer.first(message_bytes - kHeadBytes);
  }
  if (head[0] != static_cast<std::uint8_t>(MessageKind::kRingedPacket)) return {};
  if (message_bytes != kRingedHeadBytes) return {};
  const std::size_t bytes = load_be32(buffer.data());
  if (bytes > kLinkMtuBytes || !ring_in_.read(buffer.first(bytes))) return {};
  if (ring_in_.take_due_credit()) tell_credit();
  return buffer.first(bytes);
}

// --- the ring for packets

bool PeerLink::is_ringed(const PacketOut& packet) const {
  const std::size_t bytes = packet.size();
  return bytes >= kRingedBytesMin && ring_out_.has_room(bytes);
}

void PeerLink::offer_ring_for(const PacketOut& packet) {
  if (large_packets_ == kLargePacketsBefore || packet.size() < kRingedBytesMin) return;
  if (++large_packets_ < kLargePacketsBefore || !ring_out_.prepare()) return;
  RingMessage message;
  message.kind = MessageKind::kPacketRing;
  send_message(message, ring_out_.fd());
}

void PeerLink::tell_credit() {
  RingMessage message;
  message.kind = MessageKind::kPacketCredit;
  message.set_position(ring_in_.consumed());
  send_message(message, -1);
}

// --- messages about rings

void PeerLink::on_message(ByteView bytes, runtime::UniqueFd fd) {
  RingMessage message;
  std::memcpy(static_cast<void*>(&message), bytes.data(), sizeof message);
  if (message.kind == MessageKind::kPacketRing) {
    if (ring_in_.open(fd.release())) tell_credit();
    return;
  }
  if (message.kind == MessageKind::kPacketCredit) return ring_out_.on_credit(message.position());
  if (sink_ != nullptr) sink_->on_ring_message(link_, message, std::move(fd));
}

void PeerLink::send_message(const RingMessage& message, int fd) {
  if (waiting_.empty() && send_now(message, fd)) return;
  if (message.kind == MessageKind::kRingNews) {
    for (const Waiting& w : waiting_) {
      if (w.message.kind == message.kind && w.message.other_slot == message.other_slot) return;
    }
  }
  if (waiting_.size() >= kWaitingMax) is_lost_ = state_->has_news = true;
  if (is_lost_) return waiting_.clear();  // `receive` says so to the host
  waiting_.push_back({message, fd});
  watch_room(true);
}

void PeerLink::send_waiting() {
  while (!waiting_.empty() && send_now(waiting_.front().message, waiting_.front().fd)) {
    waiting_.pop_front();
  }
  if (!waiting_.empty()) watch_room(true);
}

bool PeerLink::send_now(const RingMessage& message, int fd) {
  if (is_lost_) return true;
  const int e = send_with_fd(peer_.get(), message.view(), fd);
  if (e == 0) return true;
  if (e == EAGAIN || e == ENOBUFS || e == ENOMEM || e == ETOOMANYREFS) return false;
  is_lost_ = state_->has_news = true;  // `receive` says so to the host
  return true;
}

void PeerLink::watch_room(bool is_wanted) {
  if (is_wanted == is_watching_room_) return;
  is_watching_room_ = is_wanted;
  watch_->watch_room(peer_.get(), is_wanted);
}

}  // namespace oriel::loopback
