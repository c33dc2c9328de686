// The bytes of large packets on their way to another process of the domain, in memory that it can
// only read.
//
//   sender                                  the link's socket                     receiver
//   offers the ring, once                   | kPacketRing | + file        --->    maps it
//                                           <---   | kPacketCredit | 0 |          "I have it"
//   copies a packet's bytes into the ring   | head | bytes (4) |          --->    copies them out
//   has room again                          <---   | kPacketCredit | position |   a part was read
//
// What waits, wakes, keeps packets in order and ends is the socket, as for packets that pass
// through it whole; the ring only spares them the kernel's copies. So there is no wait for room
// here: what does not fit goes through the socket (waiting for room was slower: our measurement).
// Ringed packets follow one another without a gap, so a position is never sent with them, and a
// false length spoils the sender's own packets. Thread: the host's owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "loopback/memory_file.h"

namespace oriel::loopback {

/// Our measurement: with half of it or with twice as much a stream of 64 KiB sends is a tenth
/// slower.
inline constexpr std::size_t kPacketRingBytes = 1u << 20;
/// Smaller packets go through the socket: the kernel copies them in less time than it takes for a
/// line of the ring to come over.
inline constexpr std::size_t kRingedBytesMin = 4096;
/// Read since the last word of it, the sender is told that it has room.
inline constexpr std::size_t kCreditBytes = kPacketRingBytes / 8;

/// The sender's side.
class PacketRingOut {
 public:
  /// Makes the memory. False: there is none to be had.
  bool prepare();
  /// To hand to the receiver; open as long as this is.
  int fd() const { return file_.fd(); }

  /// The receiver has the memory, and there is room for that many bytes.
  bool has_room(std::size_t bytes) const {
    return is_accepted_ && bytes <= kPacketRingBytes - static_cast<std::size_t>(written_ - read_);
  }
  /// Requires: has_room for all of them.
  void write(std::span<const ByteView> pieces);
  std::uint64_t written() const { return written_; }
  /// Of what was written, only what came before `position` was sent.
  void take_back_to(std::uint64_t position) { written_ = position; }
  /// The receiver's word that everything before `position` was read. What cannot be is ignored.
  void on_credit(std::uint64_t position);

 private:
  MemoryFile file_;
  bool is_accepted_ = false;
  std::uint64_t written_ = 0;
  std::uint64_t read_ = 0;
};

/// The receiver's side.
class PacketRingIn {
 public:
  /// The first file counts. False: it is none that may be read, or not the first. Takes `fd` over.
  bool open(int fd);
  /// The next `out.size()` bytes. False: there can be no such packet.
  bool read(ByteSpan out);
  std::uint64_t consumed() const { return consumed_; }
  /// Whether the sender is to be told, at most once for each kCreditBytes.
  bool take_due_credit();

 private:
  MemoryFile file_;
  std::uint64_t consumed_ = 0;
  std::uint64_t told_ = 0;
};

}  // namespace oriel::loopback
