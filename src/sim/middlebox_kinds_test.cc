// Each box on packets: what it drops, what it changes, that sums are right, that IPv6 is no
// exception.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "oriel/middlebox.h"
#include "sim/seen_segment.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace oriel::sim {
namespace {

using Direction = Middlebox::Direction;
using Packet = std::vector<std::uint8_t>;
using wire::tcp_flag::kAck;
using wire::tcp_flag::kRst;
using wire::tcp_flag::kSyn;

constexpr std::uint32_t kClientIss = 0xffff'ff00;  // wraps within the test
constexpr std::uint32_t kServerIss = 7'000'000;
constexpr std::size_t kBoxMss = 1000;

// The client is at `a`, the server at `b`.
struct Wire {
  bool is_ipv6 = false;
  std::shared_ptr<Middlebox> box;

  Packet segment(bool is_from_client, std::uint32_t seq, std::uint32_t ack, std::uint8_t flags,
                 std::uint16_t window, const wire::TcpOptions& options = {},
                 std::size_t payload_bytes = 0) const {
    wire::TcpHeader h;
    h.source_port = is_from_client ? 1000 : 80;
    h.destination_port = is_from_client ? 80 : 1000;
    h.seq = SeqNum(seq);
    h.ack = SeqNum(ack);
    h.flags = flags;
    h.window = window;
    std::array<std::uint8_t, wire::kTcpHeaderBytesMax> header;
    const std::size_t header_bytes = wire::emit_tcp(h, options, header);
    const std::size_t ip = is_ipv6 ? wire::kIpv6HeaderBytes : wire::kIpv4HeaderBytesMin;
    Packet p(ip + header_bytes + payload_bytes, 0x5a);
    std::copy_n(header.begin(), header_bytes, p.begin() + static_cast<std::ptrdiff_t>(ip));
    const IpAddress client = address(1);
    const IpAddress server = address(2);
    write_ip(p, is_from_client ? client : server, is_from_client ? server : client);
    const auto tcp_bytes = static_cast<std::uint32_t>(p.size() - ip);
    store_be16(p.data() + ip + 16, wire::partial_checksum(client, server, 6, tcp_bytes));
    wire::complete_checksum(p, ip, 16);
    return p;
  }
  IpAddress address(std::uint8_t last) const {
    return is_ipv6 ? IpAddress::parse("fd00::" + std::to_string(last)).value()
                   : IpAddress::v4(10, 0, 0, last);
  }
  void write_ip(Packet& p, const IpAddress& source, const IpAddress& destination) const {
    if (is_ipv6) {
      wire::Ipv6Header h;
      h.source = source;
      h.destination = destination;
      h.next_header = wire::ip_protocol::kTcp;
      h.payload_bytes = static_cast<std::uint16_t>(p.size() - wire::kIpv6HeaderBytes);
      wire::emit_ipv6(h, p);
      return;
    }
    wire::Ipv4Header h;
    h.source = source;
    h.destination = destination;
    h.protocol = wire::ip_protocol::kTcp;
    h.total_bytes = static_cast<std::uint16_t>(p.size());
    wire::emit_ipv4(h, p);
  }
  bool pass(bool is_from_client, Packet& p) const {
    std::vector<Packet> replies;
    const bool goes_on =
        box->on_packet(Instant{}, is_from_client ? Direction::kAToB : Direction::kBToA, p, replies);
    EXPECT_TRUE(replies.empty());
    return goes_on;
  }
  // A handshake with these factors in the SYNs, then the client's first field.
  void shake_hands(std::int8_t client_scale, std::int8_t server_scale, std::uint16_t field) const {
    wire::TcpOptions options;
    options.mss = kBoxMss;
    options.window_scale = client_scale;
    Packet syn = segment(true, kClientIss, 0, kSyn, 65'535, options);
    options.window_scale = server_scale;
    Packet syn_ack = segment(false, kServerIss, kClientIss + 1, kSyn | kAck, 60'000, options);
    EXPECT_TRUE(pass(true, syn));
    EXPECT_TRUE(pass(false, syn_ack));
    EXPECT_TRUE(advertise(0, field));
  }
  bool advertise(std::uint32_t received, std::uint16_t field) const {
    Packet ack = segment(true, kClientIss + 1, kServerIss + 1 + received, kAck, field);
    return pass(true, ack);
  }
  // Data from the server, `at` bytes into its stream.
  bool sends(std::uint32_t at, std::size_t bytes) const {
    Packet p = segment(false, kServerIss + 1 + at, kClientIss + 1, kAck, 500, {}, bytes);
    return pass(false, p);
  }
};

wire::ParsedTcp parsed(const Packet& p) {
  std::size_t total = 0;
  const std::size_t ip = locate_tcp(p, &total);
  return *wire::parse_tcp(ByteView(p).subspan(ip));
}

bool is_sum_right(const Wire& w, const Packet& p) {
  std::size_t total = 0;
  const std::size_t ip = locate_tcp(p, &total);
  const std::uint32_t pseudo = wire::pseudo_header_sum(
      w.address(1), w.address(2), wire::ip_protocol::kTcp, static_cast<std::uint32_t>(total - ip));
  return wire::is_checksum_ok(pseudo, ByteView(p).subspan(ip));
}

wire::TcpOptions all_options() {
  wire::TcpOptions o;
  o.mss = 1460;
  o.window_scale = 8;
  o.is_sack_permitted = true;
  o.has_timestamps = true;
  o.timestamps = {1, 2};
  return o;
}

class EachFamily : public testing::TestWithParam<bool> {
 protected:
  Wire through(const std::string& words) const {
    return {GetParam(), make_middlebox(words).value()};
  }
};
INSTANTIATE_TEST_SUITE_P(Middleboxes, EachFamily, testing::Bool(),
                         [](const auto& f) { return f.param ? "IPv6" : "IPv4"; });

TEST_P(EachFamily, ABlindGatewayTakesTheFieldForTheWindow) {
  const Wire w = through("scale-blind-gateway");
  w.shake_hands(8, 8, 256);
  EXPECT_FALSE(w.sends(0, 257));
  EXPECT_FALSE(w.sends(200, 57));
  EXPECT_TRUE(w.sends(0, 256));
  EXPECT_FALSE(w.sends(256, 1000));
  EXPECT_TRUE(w.advertise(256, 16'384));
  EXPECT_TRUE(w.sends(256, 1000));
  EXPECT_TRUE(w.sends(256 + 15'384, 1000));
  EXPECT_FALSE(w.sends(256 + 15'385, 1000));
}

TEST_P(EachFamily, AnAwareGatewayDropsOnlyBeyondTheTrueWindow) {
  const Wire w = through("scale-aware-gateway");
  w.shake_hands(8, 8, 256);
  EXPECT_TRUE(w.sends(0, 1000));
  EXPECT_TRUE(w.sends(65'536 - 1000, 1000));
  EXPECT_FALSE(w.sends(65'536 - 999, 1000));
  EXPECT_TRUE(w.advertise(1000, 65'535));
  EXPECT_TRUE(w.sends(16'776'960, 1000));
  EXPECT_FALSE(w.sends(16'776'961, 1000));
}

TEST_P(EachFamily, AFactorCountsOnlyWhereBothSynsHaveOne) {
  const std::pair<std::int8_t, std::int8_t> rows[] = {{8, -1}, {-1, 8}, {-1, -1}};
  for (const auto& [client, server] : rows) {
    const Wire w = through("scale-aware-gateway");
    w.shake_hands(client, server, 4096);
    EXPECT_TRUE(w.sends(0, 1000));
    EXPECT_TRUE(w.sends(3096, 1000));
    EXPECT_FALSE(w.sends(3097, 1000));
  }
}

TEST_P(EachFamily, FactorsAbove14CountAs14) {
  const Wire w = through("scale-aware-gateway");
  w.shake_hands(15, 8, 1);
  EXPECT_TRUE(w.sends(16'384 - 1000, 1000));
  EXPECT_FALSE(w.sends(16'385 - 1000, 1000));
}

TEST_P(EachFamily, TheSynsOwnWindowIsNotScaled) {
  const Wire w = through("scale-aware-gateway");
  w.shake_hands(8, 8, 256);  // the server's SYN said 60,000
  Packet fits = w.segment(true, kClientIss + 1 + 59'000, kServerIss + 1, kAck, 256, {}, 1000);
  Packet beyond = w.segment(true, kClientIss + 1 + 59'001, kServerIss + 1, kAck, 256, {}, 1000);
  EXPECT_TRUE(w.pass(true, fits));
  EXPECT_FALSE(w.pass(true, beyond));
}

TEST_P(EachFamily, ABlindGatewayBelievesTheNewestField) {
  const Wire w = through("scale-blind-gateway");
  w.shake_hands(8, 8, 2000);
  EXPECT_TRUE(w.advertise(1000, 100));
  EXPECT_TRUE(w.advertise(0, 2000));  // overtaken on the way
  EXPECT_FALSE(w.sends(1000, 101));
  EXPECT_TRUE(w.sends(1000, 100));
}

TEST_P(EachFamily, AProbeOfAClosedWindowPasses) {
  for (const char* kind : {"scale-blind-gateway", "scale-aware-gateway"}) {
    const Wire w = through(kind);
    w.shake_hands(8, 8, 0);
    EXPECT_TRUE(w.sends(0, 1)) << kind;
    EXPECT_FALSE(w.sends(0, 2)) << kind;
    EXPECT_FALSE(w.sends(1, 1)) << kind;
  }
}

TEST_P(EachFamily, AGatewayForgetsAConnectionThatWasReset) {
  const Wire w = through("scale-blind-gateway");
  w.shake_hands(8, 8, 256);
  EXPECT_FALSE(w.sends(0, 1000));
  Packet reset = w.segment(true, kClientIss + 1, kServerIss + 1, kRst | kAck, 0);
  EXPECT_TRUE(w.pass(true, reset));
  EXPECT_TRUE(w.sends(0, 1000));  // of nobody that it knows
}

TEST_P(EachFamily, ANewConnectionOnOldPortsStartsAfresh) {
  const Wire w = through("scale-aware-gateway");
  w.shake_hands(8, 8, 256);
  wire::TcpOptions none;
  Packet syn = w.segment(true, kClientIss + 5000, 0, kSyn, 1000, none);
  Packet syn_ack = w.segment(false, kServerIss, kClientIss + 5001, kSyn | kAck, 1000, none);
  Packet ack = w.segment(true, kClientIss + 5001, kServerIss + 1, kAck, 1000);
  EXPECT_TRUE(w.pass(true, syn));
  EXPECT_TRUE(w.pass(false, syn_ack));
  EXPECT_TRUE(w.pass(true, ack));
  EXPECT_TRUE(w.sends(0, 1000));
  EXPECT_FALSE(w.sends(1, 1000));
}

TEST_P(EachFamily, TheScaleIsTakenFromTheSynsThatAreNamed) {
  struct Row {
    const char* words;
    bool syn, syn_ack;
  };
  for (const Row& row :
       {Row{"wsopt-stripper", false, false}, Row{"wsopt-stripper=both", false, false},
        Row{"wsopt-stripper=syn", false, true}, Row{"wsopt-stripper=syn-ack", true, false}}) {
    const Wire w = through(row.words);
    Packet syn = w.segment(true, 1, 0, kSyn, 65'535, all_options());
    Packet syn_ack = w.segment(false, 1, 2, kSyn | kAck, 65'535, all_options());
    EXPECT_TRUE(w.pass(true, syn));
    EXPECT_TRUE(w.pass(false, syn_ack));
    EXPECT_EQ(parsed(syn).options.window_scale, row.syn ? 8 : -1) << row.words;
    EXPECT_EQ(parsed(syn_ack).options.window_scale, row.syn_ack ? 8 : -1) << row.words;
    for (const Packet* p : {&syn, &syn_ack}) {
      EXPECT_EQ(parsed(*p).options.mss, 1460);
      EXPECT_TRUE(parsed(*p).options.has_timestamps);
      EXPECT_TRUE(is_sum_right(w, *p));
    }
  }
}

TEST_P(EachFamily, AFieldObeyingPeerHearsOfAFactorOf0) {
  struct Row {
    const char* words;
    std::int8_t to_b, to_a;
  };
  for (const Row& row : {Row{"field-obeying-peer=b", 0, 8}, Row{"field-obeying-peer=a", 8, 0},
                         Row{"field-obeying-peer", 0, 0}}) {
    const Wire w = through(row.words);
    Packet syn = w.segment(true, 1, 0, kSyn, 65'535, all_options());
    Packet syn_ack = w.segment(false, 1, 2, kSyn | kAck, 65'535, all_options());
    EXPECT_TRUE(w.pass(true, syn));
    EXPECT_TRUE(w.pass(false, syn_ack));
    EXPECT_EQ(parsed(syn).options.window_scale, row.to_b) << row.words;
    EXPECT_EQ(parsed(syn_ack).options.window_scale, row.to_a) << row.words;
    EXPECT_TRUE(is_sum_right(w, syn) && is_sum_right(w, syn_ack));
  }
}

TEST_P(EachFamily, TimestampsAreTakenFromEverySegment) {
  const Wire w = through("timestamp-stripper");
  wire::TcpOptions on_data;
  on_data.has_timestamps = true;
  Packet syn = w.segment(true, 1, 0, kSyn, 65'535, all_options());
  Packet data = w.segment(false, 1, 2, kAck, 500, on_data, 501);
  EXPECT_TRUE(w.pass(true, syn));
  EXPECT_TRUE(w.pass(false, data));
  EXPECT_FALSE(parsed(syn).options.has_timestamps);
  EXPECT_EQ(parsed(syn).options.window_scale, 8);
  EXPECT_FALSE(parsed(data).options.has_timestamps);
  EXPECT_TRUE(is_sum_right(w, syn) && is_sum_right(w, data));
}

TEST_P(EachFamily, TheMssIsRewrittenInBothSyns) {
  const Wire w = through("mss-rewriter=800");
  Packet syn = w.segment(true, 1, 0, kSyn, 65'535, all_options());
  Packet syn_ack = w.segment(false, 1, 2, kSyn | kAck, 65'535, all_options());
  EXPECT_TRUE(w.pass(true, syn));
  EXPECT_TRUE(w.pass(false, syn_ack));
  EXPECT_EQ(parsed(syn).options.mss, 800);
  EXPECT_EQ(parsed(syn_ack).options.mss, 800);
  EXPECT_TRUE(is_sum_right(w, syn) && is_sum_right(w, syn_ack));
}

TEST_P(EachFamily, WhatIsNoWholeTcpSegmentPasses) {
  for (const MiddleboxKind& kind : middlebox_kinds()) {
    const Wire w = through(std::string(kind.name) + (kind.name == "mss-rewriter" ? "=800" : ""));
    Packet whole = w.segment(true, 1, 0, kSyn, 65'535, all_options());
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
      Packet cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(bytes));
      const Packet before = cut;
      EXPECT_TRUE(w.pass(true, cut));
      EXPECT_EQ(cut, before);
    }
  }
}

TEST(MiddleboxKinds, WrongWordsAreAnsweredWithWhatThereIs) {
  for (const char* words :
       {"", "gateway", "mss-rewriter", "mss-rewriter=", "mss-rewriter=70000", "mss-rewriter=0",
        "wsopt-stripper=ack", "wsopt-stripper=", "scale-blind-gateway=1", "field-obeying-peer=c"}) {
    const auto box = make_middlebox(words);
    ASSERT_FALSE(box.has_value()) << words;
    EXPECT_EQ(box.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(box.error().message(), testing::HasSubstr("scale-aware-gateway, "));
  }
}

}  // namespace
}  // namespace oriel::sim
