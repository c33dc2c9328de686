// TUN and TAP, the data path: readv and writev of [virtio-net header][packet].
//
// What the errnos mean here: EAGAIN, ENOBUFS and ENOMEM say "later"; EBADFD (the device was deleted
// under us) and ENODEV say "gone for good"; EIO says that the interface is down, which may pass, so
// the packet is dropped as a cable without a far end would; the rest refuse this one packet.
#include "link/tun.h"

#include <sys/uio.h>

#include <cassert>
#include <cerrno>

namespace oriel::link {
namespace {

constexpr std::size_t kPiecesMax = 64;  ///< per system call; more are copied into one

iovec to_iovec(ByteView bytes) {
  return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
}

}  // namespace

TunDevice::TunDevice(UniqueFd fd, DeviceInfo info, bool is_offloaded)
    : fd_(std::move(fd)), info_(std::move(info)), is_offloaded_(is_offloaded) {}

std::size_t TunDevice::transmit(std::span<const PacketOut> burst) {
  for (std::size_t i = 0; i < burst.size(); ++i) {
    if (is_lost_) {
      counters_.dropped_out += burst.size() - i;
      return burst.size();
    }
    switch (send_one(burst[i])) {
      case Sent::kTaken:
        break;
      case Sent::kFull:
        return i;
      case Sent::kLost:
        is_lost_ = true;
        ++counters_.dropped_out;
        break;
    }
  }
  return burst.size();
}

TunDevice::Sent TunDevice::send_one(const PacketOut& packet) {
  assert(is_offloaded_ ||
         (packet.offload.checksum != Offload::Checksum::kPartial && packet.offload.gso_size == 0));
  VnetHeader header;
  iovec pieces[kPiecesMax + 1];
  std::size_t n = 0;
  if (is_offloaded_) {
    header = encode_vnet(packet.offload);
    pieces[n++] = {header.data(), header.size()};
  }
  n += gather(packet, std::span(pieces).subspan(n));
  ssize_t written = 0;
  do {
    written = ::writev(fd_.get(), pieces, static_cast<int>(n));
  } while (written < 0 && errno == EINTR);
  if (written > 0) {
    ++counters_.packets_out;
    counters_.bytes_out +=
        static_cast<std::uint64_t>(written) - (is_offloaded_ ? kVnetHeaderBytes : 0);
    return Sent::kTaken;
  }
  if (written == 0) errno = EINVAL;  // an empty packet never reaches the device
  switch (errno) {
    case EAGAIN:
    case ENOBUFS:
    case ENOMEM:
      return Sent::kFull;
    case EBADFD:
    case EBADF:
    case ENODEV:
      return Sent::kLost;
    default:
      ++counters_.dropped_out;
      return Sent::kTaken;
  }
}

/// The packet as iovecs; the tail that does not fit is copied together.
std::size_t TunDevice::gather(const PacketOut& packet, std::span<iovec> out) {
  if (packet.pieces.size() <= kPiecesMax) {
    std::size_t n = 0;
    for (ByteView piece : packet.pieces) out[n++] = to_iovec(piece);
    return n;
  }
  flat_.clear();
  for (ByteView piece : packet.pieces) flat_.insert(flat_.end(), piece.begin(), piece.end());
  out[0] = {flat_.data(), flat_.size()};
  return 1;
}

ErrorCode TunDevice::receive(RxBurst& burst) {
  // Bounded by the burst, and by drops that the peer would have to produce as fast as we read.
  constexpr int kReadsMax = 1024;
  for (int reads = 0; reads < kReadsMax && !is_lost_; ++reads) {
    const ByteSpan buffer = burst.buffer();
    if (buffer.empty()) return ErrorCode::kOk;
    assert(buffer.size() >= info_.rx_buffer_bytes);
    VnetHeader header{};
    iovec pieces[2] = {{header.data(), header.size()}, {buffer.data(), buffer.size()}};
    const int skip = is_offloaded_ ? 0 : 1;
    const ssize_t got = ::readv(fd_.get(), pieces + skip, 2 - skip);
    if (got < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return ErrorCode::kOk;
      is_lost_ = true;
      break;
    }
    const auto bytes = static_cast<std::size_t>(got) - (is_offloaded_ ? kVnetHeaderBytes : 0);
    take_in(buffer.first(bytes), header, burst);
  }
  return is_lost_ ? ErrorCode::kDeviceLost : ErrorCode::kOk;
}

void TunDevice::take_in(ByteView packet, const VnetHeader& header, RxBurst& burst) {
  const auto offload = decode_vnet(header, packet, info_.framing);  // plain devices: all zero
  if (!offload || packet.empty()) {
    ++counters_.dropped_in;
    return;
  }
  ++counters_.packets_in;
  counters_.bytes_in += packet.size();
  burst.commit(packet.size(), *offload);
}

}  // namespace oriel::link
