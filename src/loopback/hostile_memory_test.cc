// A peer that writes what it likes into its memory, at any instant, while this end sends and
// receives: nothing is read or written outside, no call hangs, and the connection at most ends.
//
// The peer writes through a mapping of its own, as another process does; so the sanitizers see
// what this end does and nothing else.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "loopback/pipe.h"
#include "support/req.h"

namespace oriel::loopback {
namespace {

class NoOwner final : public PipeOwner {
 public:
  void on_pipe_work(Pipe&) override {}
  void on_pipe_waits(Pipe& pipe) override { pipe.arm_for_host(); }
  void ring_peer(Pipe&) override {}
  void on_peer_death(Pipe&) override {}
};

/// Uses what the connection gives, as a socket does.
class User final : public socket::TransportUser {
 public:
  void on_transport_events(Instant now, socket::Transport& t, std::uint16_t) override {
    std::uint8_t bytes[100];
    EXPECT_LE(t.receive(now, bytes), sizeof bytes);
  }
};

constexpr std::size_t kOneEndBytes = kFileHeadBytes + kEndBytes;

/// A file with one end, mapped twice.
class TwoViews {
 public:
  TwoViews() : fd_(::memfd_create("hostile", MFD_CLOEXEC)) {
    if (::ftruncate(fd_, kOneEndBytes) != 0) std::abort();
    ours_ = map(PROT_READ);
    theirs_ = map(PROT_READ | PROT_WRITE);
  }
  ~TwoViews() {
    ::munmap(ours_, kOneEndBytes);
    ::munmap(theirs_, kOneEndBytes);
    ::close(fd_);
  }
  TwoViews(const TwoViews&) = delete;
  TwoViews& operator=(const TwoViews&) = delete;
  const std::uint8_t* ours() const { return static_cast<const std::uint8_t*>(ours_); }
  std::uint8_t* theirs() const { return static_cast<std::uint8_t*>(theirs_); }

 private:
  void* map(int rights) const {
    void* memory = ::mmap(nullptr, kOneEndBytes, rights, MAP_SHARED, fd_, 0);
    if (memory == MAP_FAILED) std::abort();
    return memory;
  }
  int fd_;
  void* ours_;
  void* theirs_;
};

/// Writes until told to stop: mostly values near what would be right, which get furthest.
void scribble(std::uint8_t* memory, const std::atomic<bool>& is_over) {
  constexpr std::size_t kWords[] = {0, 8, 16, 64, 72, 128, 136, 192, 200};
  std::mt19937_64 random(42);
  std::uint64_t position = 0;
  std::uint8_t* const end = memory + kFileHeadBytes;
  while (!is_over.load(std::memory_order_relaxed)) {
    const std::uint64_t dice = random();
    std::uint64_t value = position += dice % 5000;
    if (dice % 64 == 1) value = random();
    if (dice % 64 == 2) value = std::uint64_t{1} << 32 | (random() & 3);
    if (dice % 1024 == 3) position = 0;
    auto* word = reinterpret_cast<std::uint64_t*>(end + kWords[(dice >> 8) % std::size(kWords)]);
    std::atomic_ref(*word).store(value, std::memory_order_seq_cst);
    end[kControlBytes + (dice >> 16) % kRingBytes] = static_cast<std::uint8_t>(dice);
  }
}

/// One call of this end.
void step(Pipe& pipe, std::mt19937& random, std::vector<std::uint8_t>& buffer) {
  const Instant now{1};
  const std::size_t asked = random() % buffer.size();
  const ByteSpan bytes = ByteSpan(buffer).first(asked);
  switch (random() % 8) {
    case 0:
    case 1:
      EXPECT_LE(pipe.send(now, bytes), asked);
      break;
    case 2:
    case 3:
      EXPECT_LE(pipe.receive(now, bytes), asked);
      break;
    case 4:
      EXPECT_LE(pipe.peek(bytes, random() % 1000), asked);
      break;
    case 5:
      if (pipe.send_room() != 0) pipe.send_urgent(now, 7);
      break;
    case 6:
      EXPECT_LE(pipe.urgent_bytes_left(), 2 * kRingBytes);
      break;
    default:
      (void)pipe.service(now);
      break;
  }
  EXPECT_LE(pipe.readable_bytes(), kRingBytes);
}

TEST(HostileMemory, AtMostEndsItsOwnConnection) {
  REQ("LFP-12");
  constexpr int kConnections = 200;
  constexpr int kSteps = 200;
  const TwoViews peer;
  std::vector<std::uint8_t> own(kOneEndBytes + 4096);
  void* place = own.data();
  std::size_t room = own.size();
  auto* own_memory = static_cast<std::uint8_t*>(std::align(4096, kOneEndBytes, place, room));
  ASSERT_NE(own_memory, nullptr);
  std::atomic<bool> is_over{false};
  std::thread hostile([&] { scribble(peer.theirs(), is_over); });
  std::mt19937 random(7);
  std::vector<std::uint8_t> buffer(2 * kRingBytes);
  int ended = 0;
  for (int i = 0; i < kConnections; ++i) {
    NoOwner owner;
    User user;
    Pipe::Setup setup;
    setup.own = OwnEnd::at(own_memory, 0);
    setup.own_generation = setup.peer_generation = 1;
    setup.peer = PeerEnd::at(peer.ours(), 0);
    reset_end(setup.own, 1, kRingBytes);
    Pipe pipe(owner, setup);
    pipe.set_user(&user);
    for (int k = 0; k < kSteps; ++k) {
      const bool was_over = pipe.has_ended();
      step(pipe, random, buffer);
      ASSERT_TRUE(!was_over || pipe.has_ended());  // what has ended stays so
    }
    ended += pipe.has_ended() ? 1 : 0;
  }
  is_over = true;
  hostile.join();
  EXPECT_GT(ended, 0);  // it did reach the checks
}

}  // namespace
}  // namespace oriel::loopback
