// One device and the bursts that pass it: packets collect here until a burst is full or the turn
// ends, and received packets land in blocks of the host's pool.
//
// Payload pieces point into send buffers and are read inside `flush`. What a full device leaves
// over is copied into a short queue, and until that has gone the port is blocked: nobody else may
// add.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <memory>

#include "base/buffer.h"
#include "ip/packet.h"
#include "oriel/link.h"
#include "stack/stream.h"

namespace oriel::stack {

inline constexpr std::size_t kBurstPackets = 64;
inline constexpr std::size_t kHeadBytes = 128;  ///< link + IP + TCP header, at most 14 + 40 + 60
inline constexpr std::size_t kPayloadPiecesMax = tcp::SegmentOut::kPiecesMax;
inline constexpr std::size_t kQueuedPacketsMax = 4096;  ///< own packets that wait for a full device

/// Received packets of one burst.
class RxBatch final : public RxBurst {
 public:
  RxBatch(BufferPool& pool, std::size_t buffer_bytes)
      : pool_(pool), buffer_bytes_(std::max<std::size_t>(buffer_bytes, kSmallBytes)) {}
  ByteSpan buffer() override;
  void commit(std::size_t bytes, const Offload& offload) override;

  std::size_t size() const { return count_; }
  Slice take(std::size_t i) { return std::move(packets_[i]); }
  const Offload& offload(std::size_t i) const { return offloads_[i]; }
  /// The burst is over; the block that nothing came into goes back to the pool, where the next
  /// burst finds it.
  void clear() {
    count_ = 0;
    spare_ = Slice();
  }

 private:
  /// Packets up to this size move to a block of their own size, and the large block is used again.
  static constexpr std::size_t kSmallBytes = 2048;

  BufferPool& pool_;
  std::size_t buffer_bytes_;
  Slice spare_;  ///< the block that `buffer` gave out
  std::size_t count_ = 0;
  std::array<Slice, kBurstPackets> packets_;
  std::array<Offload, kBurstPackets> offloads_;
};

class LinkPort {
 public:
  LinkPort(std::unique_ptr<Device> device, std::uint32_t interface_index, BufferPool& pool);

  Device& device() { return *device_; }
  const Device& device() const { return *device_; }
  /// Forgets the device without ending it. Requires: the port goes next.
  void abandon_device() { static_cast<void>(device_.release()); }
  std::uint32_t interface_index() const { return interface_index_; }
  RxBatch& rx() { return rx_; }

  /// Room for a head in the burst. Requires: !is_blocked(); flushes a full burst first, which may
  /// block: then the span is empty.
  ByteSpan head();
  /// Adds the packet whose head was written; `pieces` are read until the next flush.
  void add(std::size_t head_bytes, std::span<const ByteView> pieces, const Offload& offload);
  /// Adds a packet that owns its bytes. False: the queue is full and the packet is gone.
  bool add_owned(ip::OwnedPacket packet);
  /// Gives the burst to the device, what waited first.
  void flush();

  bool is_blocked() const { return !waiting_.empty(); }
  bool has_burst() const { return count_ != 0 || !waiting_.empty(); }
  bool is_empty_handed() const { return count_ == 0 && waiting_.empty(); }
  std::uint64_t packets_out() const { return packets_out_; }

  /// Leads to another process of this user; the domain watches its descriptor.
  bool is_peer() const { return is_peer_; }
  void mark_peer() { is_peer_ = true; }

  std::uint32_t peer_streams = 0;  ///< connections to that process
  std::uint64_t packets_seen = 0;  ///< that had passed at the last look for idle peers
  std::uint64_t bits_per_second = 0;  ///< as the link's options say; 0: as the device does
  ReadyList waiting_streams;       ///< have something to send, but the port is blocked

 private:
  struct Slot {
    std::array<std::uint8_t, kHeadBytes> head;
    std::array<ByteView, kPayloadPiecesMax + 1> pieces;
  };
  void keep_rest(std::size_t from);
  void flush_waiting();

  std::unique_ptr<Device> device_;
  std::uint32_t interface_index_;
  BufferPool& pool_;
  std::size_t count_ = 0;
  std::uint64_t packets_out_ = 0;
  bool is_peer_ = false;
  std::deque<ip::OwnedPacket> waiting_;
  RxBatch rx_;
  std::array<PacketOut, kBurstPackets> burst_;
  std::unique_ptr<std::array<Slot, kBurstPackets>> slots_;
};

}  // namespace oriel::stack
