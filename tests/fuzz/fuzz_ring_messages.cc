// Another process that says what it likes over its link to ours: messages about rings with true and
// false descriptors, packets, bytes; and that writes into the memory which it has given, while our
// end accepts, sends and receives.
//
// The stack is a real core in a loopback domain of its own; it stands still between steps, so the
// same bytes do the same things. Checked beside what the sanitizers see: each call gives and takes
// at most what it was asked to, work ends, and no connection is left. REQ LFP-12.
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "fuzz_check.h"
#include "loopback/end_store.h"
#include "loopback/fd_message.h"
#include "stack/core.h"

namespace {

using namespace oriel;
using namespace oriel::loopback;

constexpr int kStepsMax = 500;
constexpr int kRoundsMax = 10'000;
constexpr std::size_t kAcceptedMax = 8;
constexpr std::uint16_t kPort = 80;
constexpr std::uint32_t kSlotsUsed = 4;

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  bool is_empty() const { return at_ == end_; }
  std::uint8_t byte() { return at_ == end_ ? std::uint8_t{0} : *at_++; }
  std::vector<std::uint8_t> bytes(std::size_t n) {
    n = std::min(n, static_cast<std::size_t>(end_ - at_));
    at_ += n;
    return {at_ - n, at_};
  }
  /// Mostly small; seldom anything.
  std::uint32_t number() {
    const std::uint8_t first = byte();
    if (first != 255) return first % 5;
    std::uint32_t wild = 0;
    for (int i = 0; i < 4; ++i) wild = wild << 8 | byte();
    return wild;
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

/// Uses what a connection gives, as a socket does.
class User final : public socket::TransportUser {
 public:
  void on_transport_events(Instant now, socket::Transport& t, std::uint16_t) override {
    std::uint8_t bytes[100];
    FUZZ_CHECK(t.receive(now, bytes) <= sizeof bytes);
  }
};

int memory_of(std::size_t bytes) {
  const int fd = ::memfd_create("fuzz", MFD_CLOEXEC);  // no seals
  if (fd >= 0 && ::ftruncate(fd, static_cast<off_t>(bytes)) != 0) return -1;
  return fd;
}

/// What the peer has to give: made once.
struct Files {
  MemoryFile good = MemoryFile::create(kFileBytes).value();
  MemoryFile packets = MemoryFile::create(kPacketRingBytes).value();
  MemoryFile small = MemoryFile::create(4096).value();
  int unsealed = memory_of(kFileBytes);
  int no_memory = ::dup(0);

  int fd(std::uint8_t which) const {
    const int all[] = {-1, good.fd(), small.fd(), unsealed, no_memory, packets.fd()};
    return all[which % std::size(all)];
  }
};

Files& files() {
  static Files* const one = new Files;
  return *one;
}

std::string domain_name() {
  return "fuzz-" + std::to_string(::getpid());
}

Endpoint loopback_port(std::uint16_t port) {
  return {IpAddress::v4(127, 0, 0, 1), port};
}

class Game {
 public:
  explicit Game(Input& in) : in_(in), core_({}, 1, now_) {
    for (std::uint32_t slot = 0; slot < kSlotsUsed; ++slot) {
      std::memset(files().good.own() + kFileHeadBytes + slot * kEndBytes, 0, kControlBytes);
    }
    auto domain = Domain::join(domain_name());
    FUZZ_CHECK(domain.has_value());
    core_.join_loopback(std::move(*domain));
    listener_ = core_.listen(loopback_port(kPort), 4, {}).value();
    listener_->set_fast_path(true);
    const Names names = Names::of_domain(domain_name()).value();
    auto found = names.find("p/" + std::to_string(::getpid()));
    FUZZ_CHECK(found.has_value());
    wire_ = std::move(found->fd);
  }
  ~Game() {
    wire_.reset();
    for (socket::Transport* t : accepted_) core_.refuse(*t);
    core_.close_listener(listener_);
    look();
    core_.shut_down(ErrorCode::kConnectionAborted);
    FUZZ_CHECK(core_.statistics().tcp_connections == 0);
  }
  Game(const Game&) = delete;
  Game& operator=(const Game&) = delete;

  void step() {
    switch (in_.byte() % 9) {
      case 0:
        return send(in_.bytes(in_.byte()), -1);
      case 1:
      case 2:
        return send_message();
      case 3:
        return send_packet();
      case 4:
        return scribble();
      case 5:
        return accept();
      case 6:
        return use();
      case 7:
        return close();
      default:
        return look();
    }
  }

 private:
  void send(const std::vector<std::uint8_t>& bytes, int fd) {
    (void)send_with_fd(wire_.get(), bytes, fd);
  }

  void send_message() {
    RingMessage m;
    m.kind = static_cast<MessageKind>(static_cast<int>(MessageKind::kRingFile) + in_.byte() % 7);
    const int fd = files().fd(in_.byte());
    m.verdict = in_.byte();
    m.slot = in_.number();
    m.generation = in_.number();
    m.other_slot = in_.number();
    m.other_generation = in_.number();
    const std::uint8_t names = in_.byte();
    m.name(loopback_port(static_cast<std::uint16_t>(1000 + names % 4)), loopback_port(kPort));
    if (names >= 200) m.connector[names % 16] ^= names;
    if (names >= 230) m.listener[names % 16] ^= names;
    const ByteView bytes = m.view();
    send({bytes.begin(), bytes.end()}, fd);
  }

  // What the head says is the input's, and so is the packet but for its first bytes. A head that
  // begins so means a packet in the ring, whose length is the input's as well.
  void send_packet() {
    std::vector<std::uint8_t> head = in_.bytes(kHeadBytes);
    head.resize(kHeadBytes);
    const bool is_ringed = head[0] == static_cast<std::uint8_t>(MessageKind::kRingedPacket);
    if (!is_ringed) head[0] = static_cast<std::uint8_t>(MessageKind::kPacket);
    std::vector<std::uint8_t> packet = {0x45, 0, 0,   0, 0, 1, 0,   0, 64, 6,
                                        0,    0, 127, 0, 0, 1, 127, 0, 0,  1};
    const auto rest = in_.bytes(in_.byte());
    packet.insert(packet.end(), rest.begin(), rest.end());
    packet[3] = static_cast<std::uint8_t>(packet.size());
    if (is_ringed) {
      const std::uint32_t length =
          in_.byte() % 2 == 0 ? std::uint32_t(packet.size()) : in_.number();
      for (int shift = 24; shift >= 0; shift -= 8) {
        head.push_back(static_cast<std::uint8_t>(length >> shift));
      }
      const std::size_t at = ringed_bytes_ % kPacketRingBytes;
      const std::size_t n = std::min(packet.size(), kPacketRingBytes - at);
      std::memcpy(files().packets.own() + at, packet.data(), n);
      if (length <= kLinkMtuBytes) ringed_bytes_ += length;
    } else {
      head.insert(head.end(), packet.begin(), packet.end());
    }
    send(head, -1);
  }

  void scribble() {
    constexpr std::size_t kWords[] = {0, 8, 16, 64, 72, 128, 136, 192};
    std::uint8_t* end = files().good.own() + kFileHeadBytes + in_.byte() % kSlotsUsed * kEndBytes;
    const std::size_t at = kWords[in_.byte() % std::size(kWords)];
    std::uint64_t value = 0;
    switch (in_.byte() % 4) {
      case 0:
        value = in_.byte();
        break;
      case 1:
        value = std::uint64_t{in_.number()} << 32 | (in_.byte() & 3);  // generation and state
        break;
      case 2:
        value = kRingBytes + in_.byte();
        break;
      default:
        value = std::uint64_t{in_.number()} << 32 | in_.number();
        break;
    }
    std::memcpy(end + at, &value, sizeof value);
  }

  void accept() {
    if (accepted_.size() == kAcceptedMax) return;
    socket::Transport* next = listener_->try_accept();
    if (next == nullptr) return;
    next->set_user(&user_);
    accepted_.push_back(next);
  }

  socket::Transport* chosen() {
    return accepted_.empty() ? nullptr : accepted_[in_.byte() % accepted_.size()];
  }

  void use() {
    socket::Transport* t = chosen();
    if (t == nullptr) return;
    static std::vector<std::uint8_t> buffer(2 * kRingBytes);
    const std::uint8_t how = in_.byte();
    const std::size_t asked = std::size_t{how} * how * 8;
    if (how % 2 == 0) {
      FUZZ_CHECK(t->receive(now_, ByteSpan(buffer).first(asked)) <= asked);
    } else {
      FUZZ_CHECK(t->send(now_, ByteView(buffer).first(asked)) <= asked);
    }
    FUZZ_CHECK(t->readable_bytes() <= 16u << 20);
  }

  void close() {
    socket::Transport* t = chosen();
    if (t == nullptr) return;
    std::erase(accepted_, t);
    core_.refuse(*t);
  }

  // Twice: whoever calls is seen first, and what he says then.
  void look() {
    now_ = now_ + std::chrono::milliseconds(in_.byte());
    for (int i = 0; i < 2; ++i) {
      now_ = now_ + kLookInterval;
      core_.set_now(now_);
      core_.receive();
      core_.run_timers();
      int rounds = 0;
      while (core_.run()) FUZZ_CHECK(++rounds < kRoundsMax);
    }
  }

  Input& in_;
  Instant now_{1};
  stack::Core core_;
  socket::Listener* listener_ = nullptr;
  runtime::UniqueFd wire_;
  User user_;
  std::vector<socket::Transport*> accepted_;
  std::uint64_t ringed_bytes_ = 0;  // as the host counts them, once it has the ring
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input in(data, size);
  Game game(in);
  for (int i = 0; i < kStepsMax && !in.is_empty(); ++i) game.step();
  return 0;
}
