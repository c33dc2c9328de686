// A hostile peer: one end of a fast connection is ours, the memory of the other is written by the
// input, between and during our calls.
//
// Checked beside what the sanitizers see: no call gives or takes more than it was asked to, what is
// readable fits the ring, and a connection that has ended stays so. REQ LFP-12.
#include <cstdint>
#include <cstring>
#include <vector>

#include "fuzz_check.h"
#include "loopback/pipe.h"

namespace {

using namespace oriel;
using namespace oriel::loopback;

class NoOwner final : public PipeOwner {
 public:
  void on_pipe_work(Pipe&) override { is_due = true; }
  void ring_peer(Pipe&) override {}
  void on_pipe_waits(Pipe& pipe) override { pipe.arm_for_host(); }
  void on_peer_death(Pipe&) override {}
  bool is_due = false;
};

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  bool empty() const { return at_ == end_; }
  template <class T>
  T take() {
    T value{};
    const std::size_t n = std::min(sizeof value, static_cast<std::size_t>(end_ - at_));
    std::memcpy(&value, at_, n);
    at_ += n;
    return value;
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

struct alignas(4096) Memory {
  std::uint8_t bytes[kFileHeadBytes + kEndBytes];
};

Memory own_memory;
Memory peer_memory;
std::uint8_t buffer[kRingBytes * 2];

/// Uses what the connection gives, as a socket does.
class User final : public socket::TransportUser {
 public:
  void on_transport_events(Instant now, socket::Transport& t, std::uint16_t) override {
    FUZZ_CHECK(t.readable_bytes() <= kRingBytes);
    FUZZ_CHECK(t.send_room() <= kRingBytes);
    (void)t.receive(now, ByteSpan(buffer, 100));
  }
};

/// Values that reach every branch sooner than random ones do.
std::uint64_t value_of(Input& in, const Pipe& pipe) {
  const auto near = static_cast<std::uint64_t>(static_cast<std::int64_t>(in.take<std::int8_t>()));
  switch (in.take<std::uint8_t>() % 5) {
    case 0:
      return near;
    case 1:
      return pipe.bytes_acked() + near;
    case 2:
      return kRingBytes + near;
    case 3:
      return std::uint64_t{1} << 32 | (near & 3);
    default:
      return in.take<std::uint64_t>();
  }
}

void scribble(Input& in, const Pipe& pipe) {
  constexpr std::size_t kWords[] = {0, 8, 16, 64, 72, 128, 136, 192, 200};
  const std::uint64_t value = value_of(in, pipe);
  const std::size_t at = kWords[in.take<std::uint8_t>() % std::size(kWords)];
  std::memcpy(peer_memory.bytes + kFileHeadBytes + at, &value, sizeof value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input in(data, size);
  NoOwner owner;
  User user;
  Pipe::Setup setup;
  setup.own = OwnEnd::at(own_memory.bytes, 0);
  setup.own_generation = setup.peer_generation = 1;
  setup.peer = PeerEnd::at(peer_memory.bytes, 0);
  reset_end(setup.own, 1, kRingBytes);
  reset_end(OwnEnd::at(peer_memory.bytes, 0), 1, kRingBytes);
  Pipe pipe(owner, setup);
  pipe.set_user(&user);
  const Instant now{1};
  bool has_ended = false;
  for (int step = 0; step < 4096 && !in.empty(); ++step) {
    const std::uint8_t what = in.take<std::uint8_t>();
    const std::size_t n = in.take<std::uint16_t>() * std::size_t{8};
    const std::size_t asked = std::min(n, sizeof buffer);
    switch (what % 12) {
      case 0:
      case 1:
      case 2:
      case 3:
        scribble(in, pipe);
        break;
      case 4:
        FUZZ_CHECK(pipe.send(now, ByteView(buffer, asked)) <= asked);
        break;
      case 5:
        FUZZ_CHECK(pipe.receive(now, ByteSpan(buffer, asked)) <= asked);
        break;
      case 6:
        FUZZ_CHECK(pipe.peek(ByteSpan(buffer, asked), what) <= asked);
        break;
      case 7:
        if (pipe.send_room() != 0) pipe.send_urgent(now, what);
        break;
      case 8:
        pipe.send_borrowed(now, ByteView(buffer, asked));
        break;
      case 9:
        pipe.shutdown_send(now);
        break;
      case 10:
        if (what > 200) pipe.close(now);
        break;
      default:
        owner.is_due = false;
        (void)pipe.service(now);
        break;
    }
    FUZZ_CHECK(pipe.readable_bytes() <= kRingBytes);
    FUZZ_CHECK(pipe.urgent_bytes_left() <= 2 * kRingBytes);
    FUZZ_CHECK(!has_ended || pipe.has_ended());
    has_ended = pipe.has_ended();
  }
  return 0;
}
