// One end of a connection as it lies in shared memory: what this end writes and the other may only
// read. Each end has one, in a memory file of its own process: a page for all of the file's ends,
// then one end behind the other.
//
//      0  | written, urgent_end, state | changes with each send         this end's stream
//     64  | consumed, window           | changes with each receive      of the other's stream
//    128  | read_point, room_point     | changes when this end waits
//    192  | signal, woke_at, cpu       | changes when this end wakes the other
//   4096  | ring: the stream's bytes, at position modulo kRingBytes ... |
//
// Positions count bytes from the connection's beginning and never wrap (2^61 bytes are centuries).
// A slot that is used again has another generation, so that a late look cannot take one connection
// for another.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "loopback/wake.h"

namespace oriel::loopback {

/// Bytes that one direction holds at most. Our measurement: smaller rings cost streams of 64 KiB
/// sends a third, larger ones leave the second level cache.
inline constexpr std::size_t kRingBytes = 256u << 10;
inline constexpr std::size_t kControlBytes = 4096;
inline constexpr std::size_t kEndBytes = kControlBytes + kRingBytes;
/// A long write is published in pieces of this size, so that both copies run at once.
inline constexpr std::size_t kPublishBytes = 32u << 10;

/// At a file's beginning.
struct FileHead {
  /// Moves when something happened at an end of this file that the other side polls: one word
  /// instead of one for each connection.
  std::atomic<std::uint64_t> bell;
};
inline constexpr std::size_t kFileHeadBytes = 4096;

/// How far an end has gone. It only grows.
enum class EndState : std::uint32_t {
  kOpen,
  kShut,   ///< nothing follows what is written (FIN)
  kGone,   ///< and nothing will be read any more
  kReset,  ///< the connection is over (RST)
};

struct EndControl {
  alignas(64) std::atomic<std::uint64_t> written;
  std::atomic<std::uint64_t> urgent_end;  ///< position after the last urgent byte; 0: none yet
  std::atomic<std::uint64_t> state;       ///< | generation | EndState |
  alignas(64) std::atomic<std::uint64_t> consumed;
  std::atomic<std::uint64_t> window;  ///< most bytes that may be written and not consumed
  alignas(64) WakePoint read_point;   ///< waits for the other's `written` to move
  WakePoint room_point;               ///< waits for the other's `consumed` to move
  alignas(64) std::atomic<std::uint32_t> signal;  ///< the other's threads sleep on it
  std::atomic<std::uint32_t> cpu;                 ///< where this end ran last
  /// runtime::real_now() when this end last woke a thread of the other, or its host; a hint.
  std::atomic<std::int64_t> woke_at;
};
static_assert(sizeof(EndControl) <= kControlBytes);

/// The end at `place` of a file, seen by the side that writes it.
struct OwnEnd {
  EndControl* control = nullptr;
  std::uint8_t* ring = nullptr;
  FileHead* head = nullptr;

  static OwnEnd at(std::uint8_t* file, std::uint32_t place) {
    std::uint8_t* memory = file + kFileHeadBytes + place * kEndBytes;
    return {reinterpret_cast<EndControl*>(memory), memory + kControlBytes,
            reinterpret_cast<FileHead*>(file)};
  }
};

/// The same, seen by the other side, which trusts nothing in it.
struct PeerEnd {
  const EndControl* control = nullptr;
  const std::uint8_t* ring = nullptr;
  const FileHead* head = nullptr;

  static PeerEnd at(const std::uint8_t* file, std::uint32_t place) {
    const std::uint8_t* memory = file + kFileHeadBytes + place * kEndBytes;
    return {reinterpret_cast<const EndControl*>(memory), memory + kControlBytes,
            reinterpret_cast<const FileHead*>(file)};
  }
  static PeerEnd of(const OwnEnd& own) { return {own.control, own.ring, own.head}; }
};

/// Prepares the memory for a new connection. Requires: no other end looks at it yet.
inline void reset_end(const OwnEnd& own, std::uint32_t generation, std::uint64_t window_bytes) {
  EndControl& c = *own.control;
  c.written.store(0, std::memory_order_relaxed);
  c.urgent_end.store(0, std::memory_order_relaxed);
  c.consumed.store(0, std::memory_order_relaxed);
  c.window.store(window_bytes, std::memory_order_relaxed);
  c.read_point.disarm();
  c.room_point.disarm();
  c.cpu.store(~0u, std::memory_order_relaxed);
  c.woke_at.store(0, std::memory_order_relaxed);
  c.state.store(std::uint64_t{generation} << 32, std::memory_order_release);
}

}  // namespace oriel::loopback
