// A link whose other end the test plays: when large packets begin to pass through memory, when they
// do not, and what comes in that way. tests/loopback has both ends as processes.
#include "loopback/peer_link.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <vector>

#include "loopback/fd_message.h"
#include "loopback/message.h"
#include "support/req.h"

namespace oriel::loopback {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kLarge = 60'000;

/// What the link hands to its host.
class Arrivals final : public RxBurst {
 public:
  ByteSpan buffer() override { return buffer_; }
  void commit(std::size_t bytes, const Offload& /*offload*/) override {
    packets.emplace_back(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(bytes));
  }
  std::vector<Bytes> packets;

 private:
  Bytes buffer_ = Bytes(kLinkMtuBytes);
};

/// An IPv4 header's first byte, and a length that says which packet it is.
Bytes packet_of(std::size_t bytes, std::uint8_t fill) {
  Bytes packet(bytes, fill);
  packet[0] = 0x45;
  return packet;
}

class PeerLinkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    peer_ = runtime::UniqueFd(ends[1]);
    link_ = std::make_unique<PeerLink>(runtime::UniqueFd(ends[0]), 1, std::make_shared<FdWatch>(),
                                       state_);
  }

  bool transmit(const Bytes& packet) {
    const ByteView piece(packet);
    const PacketOut out{{&piece, 1}, {}};
    return link_->transmit({&out, 1}) == 1;
  }
  std::vector<Bytes> arrivals() {
    state_->has_news = true;
    Arrivals in;
    EXPECT_EQ(link_->receive(in), ErrorCode::kOk);
    return std::move(in.packets);
  }

  /// The next message at the other end, empty if there is none; a descriptor goes to `fd_`.
  Bytes next() {
    Bytes bytes(kHeadBytes + kLinkMtuBytes);
    iovec piece{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t got = ::recvmsg(peer_.get(), &message, MSG_DONTWAIT);
    if (const cmsghdr* at = CMSG_FIRSTHDR(&message); got > 0 && at != nullptr) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(at), sizeof fd);
      fd_ = runtime::UniqueFd(fd);
    }
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }
  MessageKind kind_of(const Bytes& message) {
    return message.empty() ? MessageKind{} : static_cast<MessageKind>(message[0]);
  }
  void say(const RingMessage& message, int fd = -1) {
    ASSERT_EQ(send_with_fd(peer_.get(), message.view(), fd), 0);
  }
  void say_credit(std::uint64_t position) {
    RingMessage message;
    message.kind = MessageKind::kPacketCredit;
    message.set_position(position);
    say(message);
    EXPECT_TRUE(arrivals().empty());
  }
  void say_ringed(std::size_t bytes) {
    std::uint8_t head[kRingedHeadBytes];
    write_ringed_head({}, bytes, head);
    ASSERT_EQ(::send(peer_.get(), head, sizeof head, MSG_DONTWAIT), ssize_t(sizeof head));
  }

  /// Large packets until the ring is offered; it is mapped and, if `is_accepted`, said so.
  void get_ring(bool is_accepted) {
    for (int i = 0; i < 100 && !ring_; ++i) {
      ASSERT_TRUE(transmit(packet_of(kLarge, 1)));
      for (Bytes message = next(); !message.empty(); message = next()) {
        if (kind_of(message) != MessageKind::kPacketRing) continue;
        auto ring = MemoryFile::open(fd_.release(), kPacketRingBytes);
        ASSERT_TRUE(ring);
        ring_ = std::move(*ring);
      }
    }
    ASSERT_TRUE(ring_) << "no ring was offered";
    if (is_accepted) say_credit(0);
  }
  /// Gives the link a ring of the other end's.
  void give_ring() {
    auto ring = MemoryFile::create(kPacketRingBytes);
    ASSERT_TRUE(ring);
    given_ = std::move(*ring);
    RingMessage message;
    message.kind = MessageKind::kPacketRing;
    say(message, given_.fd());
    EXPECT_TRUE(arrivals().empty());
    ASSERT_EQ(kind_of(next()), MessageKind::kPacketCredit) << "it says that it has it";
  }

  std::shared_ptr<LinkState> state_ = std::make_shared<LinkState>();
  runtime::UniqueFd peer_;
  runtime::UniqueFd fd_;
  std::unique_ptr<PeerLink> link_;
  MemoryFile ring_;
  MemoryFile given_;
};

TEST_F(PeerLinkTest, ARingIsForThoseWhoSendLargePacketsAndWasAccepted) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(transmit(packet_of(kRingedBytesMin - 1, 1)));
    ASSERT_EQ(kind_of(next()), MessageKind::kPacket);
  }
  get_ring(false);
  ASSERT_TRUE(transmit(packet_of(kLarge, 2)));
  EXPECT_EQ(next().size(), kHeadBytes + kLarge) << "nobody said that he has the ring";
  say_credit(0);
  const Bytes packet = packet_of(kLarge, 3);
  ASSERT_TRUE(transmit(packet));
  const Bytes message = next();
  ASSERT_EQ(message.size(), kRingedHeadBytes);
  EXPECT_EQ(kind_of(message), MessageKind::kRingedPacket);
  EXPECT_EQ(load_be32(message.data() + kHeadBytes), kLarge);
  EXPECT_EQ(std::memcmp(ring_.view(), packet.data(), packet.size()), 0);
  ASSERT_TRUE(transmit(packet_of(100, 4)));
  EXPECT_EQ(next().size(), kHeadBytes + 100) << "small ones go on through the socket";
}

TEST_F(PeerLinkTest, WithoutRoomPacketsGoThroughTheSocketAgain) {
  get_ring(true);
  std::size_t ringed = 0;
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(transmit(packet_of(kLarge, 1)));
    ringed += kind_of(next()) == MessageKind::kRingedPacket ? 1 : 0;
  }
  EXPECT_EQ(ringed, kPacketRingBytes / kLarge);
  say_credit(kPacketRingBytes);  // more than was written
  ASSERT_TRUE(transmit(packet_of(kLarge, 1)));
  EXPECT_EQ(kind_of(next()), MessageKind::kPacket);
  say_credit(kLarge);
  ASSERT_TRUE(transmit(packet_of(kLarge, 1)));
  EXPECT_EQ(kind_of(next()), MessageKind::kRingedPacket);
}

// What a full socket did not take is not in the ring for the receiver, which counts on.
TEST_F(PeerLinkTest, AFullSocketLosesNoPlaceInTheRing) {
  get_ring(true);
  const Bytes small = packet_of(2000, 1);
  while (transmit(small)) {
  }
  ASSERT_FALSE(transmit(packet_of(kLarge, 2)));
  while (!next().empty()) {
  }
  const Bytes packet = packet_of(kLarge, 3);
  ASSERT_TRUE(transmit(packet));
  ASSERT_EQ(kind_of(next()), MessageKind::kRingedPacket);
  EXPECT_EQ(std::memcmp(ring_.view(), packet.data(), packet.size()), 0) << "at the beginning";
}

TEST_F(PeerLinkTest, RingedPacketsArriveBetweenTheOthers) {
  give_ring();
  const Bytes first = packet_of(5000, 1), second = packet_of(kLarge, 2);
  std::memcpy(given_.own(), first.data(), first.size());
  std::memcpy(given_.own() + first.size(), second.data(), second.size());
  say_ringed(first.size());
  const Bytes between = packet_of(kHeadBytes + 100, 3);
  Bytes whole(kHeadBytes);
  write_head({}, whole.data());
  whole.insert(whole.end(), between.begin(), between.end());
  ASSERT_GT(::send(peer_.get(), whole.data(), whole.size(), MSG_DONTWAIT), 0);
  say_ringed(second.size());
  EXPECT_EQ(arrivals(), (std::vector<Bytes>{first, between, second}));
  EXPECT_TRUE(next().empty()) << "too little for a credit";
}

TEST_F(PeerLinkTest, TheSenderIsToldOfRoom) {
  give_ring();
  std::memset(given_.own(), 0x45, kPacketRingBytes);
  for (std::size_t sent = 0; sent < kCreditBytes; sent += kLarge) say_ringed(kLarge);
  const auto packets = arrivals();
  const Bytes message = next();
  ASSERT_EQ(message.size(), sizeof(RingMessage));
  RingMessage credit;
  std::memcpy(static_cast<void*>(&credit), message.data(), sizeof credit);
  EXPECT_EQ(credit.kind, MessageKind::kPacketCredit);
  EXPECT_EQ(credit.position(), packets.size() * kLarge);
}

TEST_F(PeerLinkTest, RingedPacketsThatCannotBeAreDropped) {
  REQ("LFP-12");
  say_ringed(kLarge);  // there is no ring
  EXPECT_TRUE(arrivals().empty());
  give_ring();
  say_ringed(0);
  say_ringed(kLinkMtuBytes + 1);
  say_ringed(10);  // less than any IP packet
  std::uint8_t short_head[kRingedHeadBytes - 1] = {};
  short_head[0] = static_cast<std::uint8_t>(MessageKind::kRingedPacket);
  ASSERT_GT(::send(peer_.get(), short_head, sizeof short_head, MSG_DONTWAIT), 0);
  EXPECT_TRUE(arrivals().empty());
  EXPECT_EQ(link_->counters().dropped_in, 5u);
  EXPECT_FALSE(state_->is_leaving);
}

}  // namespace
}  // namespace oriel::loopback
