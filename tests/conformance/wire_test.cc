// RFC 9293 3.1, 3.2, 3.7.1: checksums, options and sizes as they stand in packets of two hosts.
#include "host_bench.h"

namespace oriel::stack {
namespace {

using std::chrono::seconds;

TEST(MustChecksum, EverySegmentCarriesAGoodOne) {
  REQ("RFC9293-MUST-2");
  for (const char* where : {"10.0.0.2:80", "[fd00::2]:80"}) {
    ManualPair net;
    Log log(net);
    Connected c = connect(net, where);
    for (const std::size_t n : {1u, 2u, 1459u, 5000u}) {
      ASSERT_EQ(c.client.try_send(pattern(n)).value(), n);
      net.run(ms(500));
      EXPECT_EQ(drain(c.server).size(), n);
    }
    c.client.close();
    net.run(ms(100));
    ASSERT_GT(log.entries.size(), 10u);
    for (const auto& e : log.entries) EXPECT_TRUE(is_tcp_sum_good(e.bytes, e.tcp)) << where;
  }
}

// Wherever one bit is wrong, nothing of the segment counts; the repetition brings the text.
TEST(MustChecksum, ASegmentWithABadOneIsDropped) {
  REQ("RFC9293-MUST-3");
  ManualPair net;
  Connected c = connect(net);
  std::size_t spoiled = 0;
  for (const std::size_t at :
       {20u + 4u, 20u + 13u, 20u + 16u, 40u, 44u}) {  // seq, flags, sum, text
    bool is_armed = true;
    net.drop = [&](bool is_from_a, ByteView p, const Offload&) {
      if (!is_armed || !is_from_a || tcp_of(p)->text_bytes == 0) return false;
      is_armed = false;
      Packet bad(p.begin(), p.end());
      bad[at] ^= 0x01;
      net.b.inject(net.b_link, bad);
      return true;
    };
    ASSERT_TRUE(c.client.try_send(view("hello")).has_value());
    net.run(ms(1));
    EXPECT_EQ(drain(c.server), "") << at;
    EXPECT_EQ(net.b.statistics().checksum_errors, ++spoiled);
    net.run(seconds(5));
    EXPECT_EQ(drain(c.server), "hello") << at;
  }
}

TEST(MustOptions, AnyMayComeInAnySegment) {
  REQ("RFC9293-MUST-5");
  ManualPair net;
  Connected c = connect(net);
  // A size, a window scale, permission to acknowledge selectively: only SYNs mean them.
  const Packet options = {2, 4, 0, 100, 3, 3, 14, 4, 2, 1, 1, 0};
  net.drop = [&](bool is_from_a, ByteView p, const Offload&) {
    const auto v = tcp_of(p);
    if (!is_from_a) return false;
    net.b.inject(net.b_link, tcp_packet(v->source, v->destination, v->header, options,
                                        p.subspan(v->text_offset)));
    return true;
  };
  const auto smss = c.server.info().smss;
  ASSERT_TRUE(c.client.try_send(view("with options")).has_value());
  net.run(ms(10));
  EXPECT_EQ(drain(c.server), "with options");
  EXPECT_EQ(c.server.info().smss, smss) << "a size outside a SYN changes nothing";
}

struct SynRow {
  const char* name;
  Packet options;
  std::uint32_t smss;
};

// The SYN-ACK's acceptance, then the size that the connection took from the option bytes.
TEST(MustOptions, UnknownMisalignedAndBrokenOnesDoNoHarm) {
  REQ("RFC9293-MUST-6");
  REQ("RFC9293-MUST-7");
  REQ("RFC9293-MUST-64");
  REQ("RFC9293-MUST-68");
  const SynRow rows[] = {
      {"aligned", {2, 4, 4, 0}, 1024},
      {"off by one", {1, 2, 4, 4, 0, 1, 1, 0}, 1024},
      {"off by two", {1, 1, 2, 4, 4, 0, 1, 0}, 1024},
      {"off by three", {1, 1, 1, 2, 4, 4, 0, 0}, 1024},
      {"behind unknown ones", {77, 2, 78, 6, 9, 9, 9, 9, 2, 4, 4, 0}, 1024},
      {"behind the end of the list", {0, 0, 0, 0, 2, 4, 4, 0}, 536},
  };
  for (const SynRow& row : rows) {
    ManualPair net;
    TcpListener l = net.b.listen_tcp(at("10.0.0.2:80")).value();
    net.b.inject(net.b_link, tcp_packet(ip("10.0.0.1"), ip("10.0.0.2"), syn_header(), row.options));
    net.b.advance(net.now());
    ASSERT_EQ(net.b.connections().size(), 1u) << row.name;
    EXPECT_EQ(net.b.connections()[0].smss, row.smss) << row.name;
  }
  // Lengths that cannot be: the host lives on and still serves.
  for (const Packet& bad : {Packet{77, 0, 0, 0}, Packet{77, 1, 0, 0}, Packet{2, 40, 4, 0},
                            Packet{1, 1, 1, 2}, Packet{2, 3, 4, 0}, Packet{3, 0, 0, 0}}) {
    ManualPair net;
    net.b.listen_tcp(at("10.0.0.2:81")).value();
    Connected c = connect(net);
    net.b.inject(net.b_link, tcp_packet(ip("10.0.0.1"), ip("10.0.0.2"), syn_header(5001, 81), bad));
    ASSERT_TRUE(c.client.try_send(view("alive")).has_value());
    net.run(ms(10));
    EXPECT_EQ(drain(c.server), "alive");
  }
}

// Kind 0 and 1 stand alone, every other one says its length; behind the list only zeros.
TEST(MustOptions, OursHaveLengthsAndZeroPadding) {
  REQ("RFC9293-MUST-68");
  REQ("RFC9293-MUST-69");
  for (const bool has_timestamps : {false, true}) {
    PairOptions o;
    o.settings.is_timestamps = has_timestamps;
    ManualPair net(o);
    Log log(net);
    Connected c = connect(net);
    ASSERT_TRUE(c.client.try_send(pattern(4000)).has_value());
    net.run(ms(500));
    for (const auto& e : log.entries) {
      std::size_t i = e.tcp.tcp_offset + 20;
      while (i < e.tcp.text_offset && e.bytes[i] != 0) {
        if (e.bytes[i] == 1) {
          ++i;
          continue;
        }
        ASSERT_LT(i + 1, e.tcp.text_offset);
        ASSERT_GE(e.bytes[i + 1], 2);
        i += e.bytes[i + 1];
      }
      ASSERT_LE(i, e.tcp.text_offset);
      for (; i < e.tcp.text_offset; ++i) EXPECT_EQ(e.bytes[i], 0);
      EXPECT_EQ((e.tcp.text_offset - e.tcp.tcp_offset) % 4, 0u);
    }
  }
}

TEST(MustMss, AnnouncedIsTheLinkLessTheHeaders) {
  REQ("RFC9293-MUST-67");
  struct Row {
    const char* where;
    std::size_t mtu;
    std::uint16_t mss;
  };
  for (const Row& row : {Row{"10.0.0.2:80", 1500, 1460}, Row{"[fd00::2]:80", 1500, 1440},
                         Row{"10.0.0.2:80", 9000, 8960}, Row{"[fd00::2]:80", 1280, 1220}}) {
    PairOptions o;
    o.device.mtu = row.mtu;
    ManualPair net(o);
    Log log(net);
    Connected c = connect(net, row.where);
    ASSERT_GE(log.entries.size(), 3u);
    EXPECT_EQ(log.from(true)[0].tcp.options.mss, row.mss) << row.where << " " << row.mtu;
    EXPECT_EQ(log.from(false)[0].tcp.options.mss, row.mss) << row.where << " " << row.mtu;
  }
}

TEST(MustMss, WithoutTheOptionTheFamilyDecides) {
  REQ("RFC9293-MUST-15");
  for (const char* where : {"10.0.0.2:80", "[fd00::2]:80"}) {
    const bool is_v4 = where[0] != '[';
    ManualPair net;
    net.drop = [&](bool is_from_a, ByteView p, const Offload&) {
      const auto v = tcp_of(p);
      if (!v || v->options.mss == 0) return false;
      Packet without(p.begin(), p.end());
      const std::size_t at_option = v->tcp_offset + 20;
      EXPECT_EQ(without[at_option], 2);  // the option comes first
      std::fill_n(without.begin() + static_cast<std::ptrdiff_t>(at_option), 4, std::uint8_t{1});
      mend(without);
      if (is_from_a) {
        net.b.inject(net.b_link, without);
      } else {
        net.a.inject(net.a_link, without);
      }
      return true;
    };
    Connected c = connect(net, where);
    EXPECT_EQ(c.client.info().smss, is_v4 ? 536u : 1220u);
    EXPECT_EQ(c.server.info().smss, is_v4 ? 536u : 1220u);
  }
}

TEST(MustTtl, IsWhatTheSettingsSay) {
  REQ("RFC9293-MUST-49");
  for (const char* where : {"10.0.0.2:80", "[fd00::2]:80"}) {
    PairOptions o;
    o.settings.hop_limit = 37;
    ManualPair net(o);
    Log log(net);
    Connected c = connect(net, where);
    ASSERT_GE(log.entries.size(), 3u);
    for (const auto& e : log.entries) EXPECT_EQ(e.tcp.hop_limit, 37);
  }
}

}  // namespace
}  // namespace oriel::stack
