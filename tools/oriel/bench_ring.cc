// A bare ring between two processes: positions and a buffer in each direction, no checks, no
// sockets. It marks what memory and the kernel's sleep can do; what a socket adds is measured
// against it.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "bench_end.h"

namespace oriel::cli {
namespace {

constexpr std::size_t kBytes = 256u << 10;
constexpr std::size_t kPieceBytes = 32u << 10;

void pause_core() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/// One position and who sleeps until it moves. It has moved for the last time: the top bit.
struct Position {
  alignas(64) std::atomic<std::uint64_t> at;
  alignas(64) std::atomic<std::uint32_t> moves;
  std::atomic<std::uint32_t> sleepers;

  void move_to(std::uint64_t to, bool is_spinning) {
    if (is_spinning) return at.store(to, std::memory_order_release);
    at.store(to, std::memory_order_seq_cst);
    if (sleepers.load(std::memory_order_seq_cst) == 0) return;
    moves.fetch_add(1, std::memory_order_seq_cst);
    ::syscall(SYS_futex, &moves, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }
  /// Until it is no longer `seen`.
  void wait(std::uint64_t seen, bool is_spinning) {
    while (is_spinning) {
      if (at.load(std::memory_order_acquire) != seen) return;
      pause_core();
    }
    sleepers.fetch_add(1, std::memory_order_seq_cst);
    const std::uint32_t before = moves.load(std::memory_order_seq_cst);
    if (at.load(std::memory_order_seq_cst) == seen) {
      ::syscall(SYS_futex, &moves, FUTEX_WAIT, before, nullptr, nullptr, 0);
    }
    sleepers.fetch_sub(1, std::memory_order_seq_cst);
  }
};

constexpr std::uint64_t kEnded = std::uint64_t{1} << 63;

struct Ring {
  Position written;
  Position consumed;
  alignas(64) std::uint8_t bytes[kBytes];
};

}  // namespace

struct BenchRings {
  Ring to_server;
  Ring to_client;
};

namespace {

class RingEnd final : public BenchEnd {
 public:
  RingEnd(Ring& out, Ring& in, bool is_spinning) : out_(out), in_(in), is_spinning_(is_spinning) {}

  void send(const std::uint8_t* bytes, std::size_t n) override {
    while (n != 0) {
      if (written_ - consumed_there_ == kBytes) {
        const std::uint64_t consumed = out_.consumed.at.load(std::memory_order_acquire);
        if (consumed == consumed_there_) out_.consumed.wait(consumed, is_spinning_);
        consumed_there_ = out_.consumed.at.load(std::memory_order_acquire);
        continue;
      }
      const std::size_t at = written_ % kBytes;
      const std::size_t room = kBytes - static_cast<std::size_t>(written_ - consumed_there_);
      const std::size_t piece = std::min({n, room, kPieceBytes, kBytes - at});
      std::memcpy(out_.bytes + at, bytes, piece);
      written_ += piece;
      bytes += piece;
      n -= piece;
      out_.written.move_to(written_, is_spinning_);
    }
  }

  std::size_t receive(std::uint8_t* bytes, std::size_t n) override {
    for (;;) {
      if (written_there_ != consumed_) {
        const std::size_t at = consumed_ % kBytes;
        const auto readable = static_cast<std::size_t>(written_there_ - consumed_);
        const std::size_t piece = std::min({n, readable, kPieceBytes, kBytes - at});
        std::memcpy(bytes, in_.bytes + at, piece);
        consumed_ += piece;
        in_.consumed.move_to(consumed_, is_spinning_);
        return piece;
      }
      const std::uint64_t written = in_.written.at.load(std::memory_order_acquire);
      written_there_ = written & ~kEnded;
      if (written_there_ != consumed_) continue;
      if ((written & kEnded) != 0) return 0;
      in_.written.wait(written, is_spinning_);
    }
  }

  void finish() override { out_.written.move_to(written_ | kEnded, is_spinning_); }

 private:
  Ring& out_;
  Ring& in_;
  const bool is_spinning_;
  std::uint64_t written_ = 0;
  std::uint64_t consumed_there_ = 0;
  std::uint64_t consumed_ = 0;
  std::uint64_t written_there_ = 0;
};

}  // namespace

std::size_t bench_rings_bytes() {
  return sizeof(BenchRings);
}

std::unique_ptr<BenchEnd> ring_end(BenchRings& rings, bool is_client, bool is_spinning) {
  Ring& out = is_client ? rings.to_server : rings.to_client;
  Ring& in = is_client ? rings.to_client : rings.to_server;
  return std::make_unique<RingEnd>(out, in, is_spinning);
}

}  // namespace oriel::cli
