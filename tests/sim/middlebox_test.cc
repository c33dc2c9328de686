// What boxes in the middle do to a handshake must not break a stream or a promise about windows.
#include "oriel/middlebox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/req.h"
#include "transfer.h"

namespace oriel::sim {
namespace {

std::shared_ptr<Middlebox> box_of(const std::string& words) {
  return make_middlebox(words).value();
}

TransferOptions through(const std::string& box, bool is_from_server, double loss) {
  TransferOptions o;
  o.is_from_server = is_from_server;
  o.path.delay = std::chrono::milliseconds(1);
  o.path.rate_bits_per_second = 100'000'000;
  o.path.loss = loss;
  o.middleboxes = {box_of(box)};
  return o;
}

TEST(Middlebox, AScaleTakenFromTheSynIsUsedByNobody) {
  for (const bool is_from_server : {false, true}) {
    for (const double loss : {0.0, 0.02}) {
      const TransferResult r = Transfer(through("wsopt-stripper=syn", is_from_server, loss)).run();
      EXPECT_TRUE(r.is_complete);
      EXPECT_THAT(r.violations, testing::IsEmpty());
      for (const TcpInfo* end : {&r.client, &r.server}) {
        EXPECT_EQ(end->snd_wind_shift, -1);
        EXPECT_EQ(end->rcv_wind_shift, -1);
        EXPECT_LE(end->rcv_wnd_max, 65535u);
      }
    }
  }
}

// The server believes in a scale that the client never heard of: slow, but right.
TEST(Middlebox, AScaleTakenFromTheSynAckDoesNoHarmToTheStream) {
  for (const bool is_from_server : {false, true}) {
    for (const double loss : {0.0, 0.02}) {
      TransferOptions o = through("wsopt-stripper=syn-ack", is_from_server, loss);
      o.bytes = 300'000;
      const TransferResult r = Transfer(o).run();
      EXPECT_TRUE(r.is_complete) << "from the server: " << is_from_server << ", loss " << loss;
      EXPECT_THAT(r.violations, testing::IsEmpty());
      EXPECT_EQ(r.client.snd_wind_shift, -1);
      EXPECT_EQ(r.server.rcv_wind_shift, 8);
      EXPECT_LE(r.client.rcv_wnd_max, 65535u);
    }
  }
}

TEST(Middlebox, ARewrittenMssIsKeptWhereItFits) {
  struct Row {
    std::uint16_t written, used;
  };
  for (const Row row : {Row{800, 800}, Row{9000, 1460}, Row{536, 536}}) {
    for (const bool is_from_server : {false, true}) {
      const std::string box = "mss-rewriter=" + std::to_string(row.written);
      const TransferResult r = Transfer(through(box, is_from_server, 0.01)).run();
      EXPECT_TRUE(r.is_complete);
      EXPECT_THAT(r.violations, testing::IsEmpty());
      EXPECT_EQ((is_from_server ? r.server : r.client).smss, row.used) << row.written;
    }
  }
}

TEST(Middlebox, TimestampsTakenAwayAreUsedByNobody) {
  for (const bool is_ipv6 : {false, true}) {
    TransferOptions o = through("timestamp-stripper", true, 0.01);
    o.is_ipv6 = is_ipv6;
    o.settings.is_timestamps = true;
    const TransferResult r = Transfer(o).run();
    EXPECT_TRUE(r.is_complete);
    EXPECT_THAT(r.violations, testing::IsEmpty());
    EXPECT_FALSE(r.client.has_timestamps);
    EXPECT_FALSE(r.server.has_timestamps);
  }
}

// The server's first burst is ten segments; 256 bytes is what the gateway lets through of it.
TEST(Middlebox, AGatewayBlindToTheScaleStallsAScaledStream) {
  REQ("CM-14");
  for (const bool is_ipv6 : {false, true}) {
    TransferOptions o = through("scale-blind-gateway", true, 0);
    o.is_ipv6 = is_ipv6;
    o.bytes = 100'000;
    o.time_max = std::chrono::seconds(60);
    Transfer t(o);
    const TransferResult r = t.run();
    EXPECT_FALSE(r.is_complete);
    EXPECT_EQ(r.client.bytes_in, 0u);
    EXPECT_EQ(r.client.first_window_field, 256u);
    EXPECT_GT(t.statistics(Middlebox::Direction::kBToA).box_dropped, 5u);
    EXPECT_THAT(r.violations, testing::IsEmpty());
  }
}

TEST(Middlebox, AGatewayThatTracksTheScaleIsNeverInTheWay) {
  REQ("CM-14");
  for (const bool is_ipv6 : {false, true}) {
    for (const double loss : {0.0, 0.02}) {
      TransferOptions o = through("scale-aware-gateway", true, loss);
      o.is_ipv6 = is_ipv6;
      Transfer t(o);
      const TransferResult r = t.run();
      EXPECT_TRUE(r.is_complete);
      EXPECT_EQ(t.statistics(Middlebox::Direction::kBToA).box_dropped, 0u);
      EXPECT_EQ(r.client.rcv_wind_shift, 8);
      EXPECT_THAT(r.violations, testing::IsEmpty());
    }
  }
}

// 256 bytes for each round trip of 2 ms, nothing lost.
TEST(Middlebox, APeerThatObeysTheFieldSendsDribbles) {
  REQ("CM-14");
  for (const bool is_ipv6 : {false, true}) {
    TransferOptions o = through("field-obeying-peer=b", true, 0);
    o.is_ipv6 = is_ipv6;
    o.bytes = 25'600;
    const TransferResult r = Transfer(o).run();
    EXPECT_TRUE(r.is_complete);
    EXPECT_EQ(r.client.rcv_wind_shift, 8);
    EXPECT_EQ(r.server.snd_wind_shift, 0);
    EXPECT_GT(r.took, 100 * o.path.delay * 2);
    EXPECT_GE(r.server.segments_out, 100u);
    EXPECT_EQ(r.server.segments_retransmitted, 0u);
    EXPECT_THAT(r.violations, testing::IsEmpty());
  }
}

}  // namespace
}  // namespace oriel::sim
