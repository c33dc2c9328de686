// Each rule of the TCP checker fires on its breach and on nothing else, across 2^32 too.
#include "sim/checkers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "sim/stream_check.h"

namespace oriel::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace wire::tcp_flag;

const IpAddress kHere = IpAddress::v4(10, 0, 0, 1);
const IpAddress kThere = IpAddress::v4(10, 0, 0, 2);

// A connection whose handshake is done: iss and irs just below 2^32, both scales 2, windows 1000.
class TcpEndCheckerTest : public testing::Test {
 protected:
  static constexpr std::uint32_t kIss = 0xffffff00;
  static constexpr std::uint32_t kIrs = 0xfffffff0;

  void SetUp() override {
    sent(0, 0, kSyn, 1000, 0, 2);
    received(0, 1, kSyn | kAck, 1000, 0, 2);
    sent(1, 1, kAck, 250);
    ASSERT_THAT(found, IsEmpty());
  }
  SeenSegment make(bool is_sent, std::uint32_t seq, std::uint32_t ack, std::uint8_t flags,
                   std::uint16_t window, std::uint32_t payload, std::int8_t scale) {
    SeenSegment s;
    s.source = is_sent ? kHere : kThere;
    s.destination = is_sent ? kThere : kHere;
    s.header.source_port = is_sent ? 40'000 : 80;
    s.header.destination_port = is_sent ? 80 : 40'000;
    s.header.seq = SeqNum((is_sent ? kIss : kIrs) + seq);
    s.header.ack = SeqNum((is_sent ? kIrs : kIss) + ack);
    s.header.flags = flags;
    s.header.window = window;
    s.payload_bytes = payload;
    s.window_scale = scale;
    return s;
  }
  // Numbers count from the initial sequence numbers.
  void sent(std::uint32_t seq, std::uint32_t ack, int flags, std::uint16_t window,
            std::uint32_t payload = 0, std::int8_t scale = -1) {
    checker.on_sent(make(true, seq, ack, static_cast<std::uint8_t>(flags), window, payload, scale));
  }
  void received(std::uint32_t seq, std::uint32_t ack, int flags, std::uint16_t window,
                std::uint32_t payload = 0, std::int8_t scale = -1) {
    checker.on_received(
        make(false, seq, ack, static_cast<std::uint8_t>(flags), window, payload, scale));
  }

  std::vector<std::string> found;
  TcpEndChecker checker{[this](const std::string& s) { found.push_back(s); }};
};

TEST_F(TcpEndCheckerTest, an_orderly_connection_is_silent) {
  sent(1, 1, kAck, 250, 500);
  received(1, 501, kAck, 250, 100);
  sent(501, 101, kAck, 225);     // the edge stays at 1001
  sent(1, 101, kAck, 225, 500);  // a retransmission
  received(101, 501, kAck | kFin, 250);
  sent(501, 102, kAck, 0);  // after the peer's FIN the window is over
  sent(501, 102, kAck | kFin, 0);
  sent(501, 102, kAck | kFin, 0);
  sent(502, 102, kAck, 0);
  EXPECT_THAT(found, IsEmpty());
}

TEST_F(TcpEndCheckerTest, the_right_edge_must_not_move_left) {
  sent(1, 1, kAck, 249);
  EXPECT_THAT(found, ElementsAre(HasSubstr("right window edge moved left by 4 bytes")));
}

TEST_F(TcpEndCheckerTest, nothing_goes_beyond_the_offered_window_but_a_probe) {
  sent(1, 1, kAck, 250, 1000);
  sent(1001, 1, kAck, 250, 1);
  EXPECT_THAT(found, IsEmpty());
  sent(1001, 1, kAck, 250, 2);
  EXPECT_THAT(found, ElementsAre(HasSubstr("2 bytes beyond the window")));
}

TEST_F(TcpEndCheckerTest, the_agreed_scale_counts_for_what_the_peer_grants) {
  received(1, 1, kAck, 1000);  // 4,000 bytes
  sent(1, 1, kAck, 250, 4000);
  EXPECT_THAT(found, IsEmpty());
}

TEST_F(TcpEndCheckerTest, no_data_beyond_the_fin_and_the_fin_stays) {
  sent(1, 1, kAck | kFin, 250, 10);
  sent(1, 1, kAck, 250, 11);
  EXPECT_THAT(found, ElementsAre(HasSubstr("beyond the FIN")));
  found.clear();
  sent(1, 1, kAck | kFin, 250, 9);
  EXPECT_THAT(found, ElementsAre(HasSubstr("FIN moved")));
}

TEST_F(TcpEndCheckerTest, a_fin_before_sent_data_is_a_breach) {
  sent(1, 1, kAck, 250, 10);
  sent(1, 1, kAck | kFin, 250, 5);
  EXPECT_THAT(found, ElementsAre(HasSubstr("is before data sent")));
}

TEST_F(TcpEndCheckerTest, sequence_gaps_are_breaches) {
  sent(2, 1, kAck, 250, 1);
  EXPECT_THAT(found, ElementsAre(HasSubstr("gap of 1 bytes")));
}

TEST_F(TcpEndCheckerTest, acks_move_right_and_not_past_what_arrived) {
  received(1, 1, kAck, 250, 100);
  sent(1, 101, kAck, 250);
  sent(1, 51, kAck, 263);
  EXPECT_THAT(found, ElementsAre(HasSubstr("ACK moved left")));
  found.clear();
  sent(1, 102, kAck, 251);
  EXPECT_THAT(found, ElementsAre(HasSubstr("passes all that arrived by 1 bytes")));
}

TEST_F(TcpEndCheckerTest, without_the_peers_wsopt_nothing_is_scaled) {
  checker.on_sent(make(true, 0x1000, 0, kSyn, 1000, 0, 2));
  SeenSegment answer = make(false, 0x1000, 0x1001, kSyn | kAck, 1000, 0, -1);
  checker.on_received(answer);
  sent(0x1001, 0x1001, kAck, 1000);
  EXPECT_THAT(found, IsEmpty());
  sent(0x1001, 0x1001, kAck, 250);
  EXPECT_THAT(found, ElementsAre(HasSubstr("moved left by 750 bytes")));
}

TEST_F(TcpEndCheckerTest, a_new_incarnation_starts_afresh) {
  checker.on_sent(make(true, 0x9000, 0, kSyn, 1000, 0, 2));
  checker.on_received(make(false, 0x5000, 0x9001, kSyn | kAck, 1000, 0, 2));
  sent(0x9001, 0x5001, kAck, 10);  // far left of the old promise
  EXPECT_THAT(found, IsEmpty());
  sent(0x9001, 0x5001, kAck, 9);
  EXPECT_THAT(found, ElementsAre(HasSubstr("moved left by 4 bytes")));
}

TEST(SeededStream, any_piece_checks_and_a_flip_is_found_where_it_is) {
  const SeededStream s(9);
  std::vector<std::uint8_t> bytes(10'000);
  s.fill(3, bytes);
  EXPECT_FALSE(s.first_difference(3, bytes).has_value());
  EXPECT_FALSE(s.first_difference(5'003, ByteView(bytes).subspan(5'000)).has_value());
  bytes[7'777] ^= 1;
  EXPECT_EQ(s.first_difference(3, bytes), 7'780u);
  EXPECT_TRUE(SeededStream(10).first_difference(3, bytes).has_value());
}

TEST(RequestLedger, names_what_did_not_complete_once) {
  RequestLedger ledger;
  const IoHandler once = ledger.once("send 1", {});
  const IoHandler twice = ledger.once("send 2", {});
  const IoHandler never = ledger.once("receive 3", {});
  once({});
  twice({});
  twice({});
  EXPECT_THAT(ledger.violations(), ElementsAre("send 2 completed 2 times instead of once",
                                               "receive 3 completed 0 times instead of once"));
}

}  // namespace
}  // namespace oriel::sim
