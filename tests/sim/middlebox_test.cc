// What boxes in the middle do to a handshake must not break a stream or a promise about windows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "transfer.h"
#include "wire/checksum.h"

namespace oriel::sim {
namespace {

constexpr std::size_t kIpBytes = 20;  // IPv4 without options
constexpr std::uint8_t kSyn = 2;
constexpr std::uint8_t kAck = 16;

// Changes options of the SYNs that go one way, or both ways.
class SynEditor : public Middlebox {
 public:
  SynEditor(bool touches_syn, bool touches_syn_ack)
      : touches_syn_(touches_syn), touches_syn_ack_(touches_syn_ack) {}

  bool on_packet(Instant, Direction, std::vector<std::uint8_t>& packet,
                 std::vector<std::vector<std::uint8_t>>&) override {
    if (packet[9] != 6) return true;
    const std::uint8_t flags = packet[kIpBytes + 13];
    if ((flags & kSyn) == 0) return true;
    if (!((flags & kAck) != 0 ? touches_syn_ack_ : touches_syn_)) return true;
    const std::size_t end = kIpBytes + static_cast<std::size_t>(packet[kIpBytes + 12] >> 4) * 4;
    for (std::size_t i = kIpBytes + 20; i < end;) {
      const std::uint8_t kind = packet[i];
      if (kind == 0) break;
      if (kind == 1) {
        ++i;
        continue;
      }
      const std::size_t bytes = packet[i + 1];
      edit(kind, ByteSpan(packet).subspan(i, bytes));
      i += bytes;
    }
    mend(packet);
    return true;
  }
  int edits = 0;

 protected:
  virtual void edit(std::uint8_t kind, ByteSpan option) = 0;

 private:
  static void mend(std::vector<std::uint8_t>& packet) {
    const ByteSpan tcp = ByteSpan(packet).subspan(kIpBytes);
    store_be16(tcp.data() + 16, 0);
    const std::uint32_t sum = wire::pseudo_header_sum(IpAddress::v4(packet.data() + 12),
                                                      IpAddress::v4(packet.data() + 16), 6,
                                                      static_cast<std::uint32_t>(tcp.size()));
    store_be16(tcp.data() + 16,
               static_cast<std::uint16_t>(~wire::checksum_fold(wire::checksum_add(sum, tcp))));
  }

  bool touches_syn_;
  bool touches_syn_ack_;
};

class ScaleStripper final : public SynEditor {
 public:
  using SynEditor::SynEditor;
  std::string name() const override { return "strips the window scale"; }

 protected:
  void edit(std::uint8_t kind, ByteSpan option) override {
    if (kind != 3) return;
    std::fill(option.begin(), option.end(), std::uint8_t{1});  // no-operation
    ++edits;
  }
};

class MssRewriter final : public SynEditor {
 public:
  explicit MssRewriter(std::uint16_t mss) : SynEditor(true, true), mss_(mss) {}
  std::string name() const override { return "rewrites the MSS"; }

 protected:
  void edit(std::uint8_t kind, ByteSpan option) override {
    if (kind != 2) return;
    store_be16(option.data() + 2, mss_);
    ++edits;
  }

 private:
  std::uint16_t mss_;
};

TransferOptions through(std::shared_ptr<Middlebox> box, bool is_from_server, double loss) {
  TransferOptions o;
  o.is_from_server = is_from_server;
  o.path.delay = std::chrono::milliseconds(1);
  o.path.rate_bits_per_second = 100'000'000;
  o.path.loss = loss;
  o.middleboxes = {std::move(box)};
  return o;
}

TEST(Middlebox, AScaleTakenFromTheSynIsUsedByNobody) {
  for (const bool is_from_server : {false, true}) {
    for (const double loss : {0.0, 0.02}) {
      const auto box = std::make_shared<ScaleStripper>(true, false);
      const TransferResult r = Transfer(through(box, is_from_server, loss)).run();
      EXPECT_TRUE(r.is_complete);
      EXPECT_THAT(r.violations, testing::IsEmpty());
      EXPECT_GE(box->edits, 1);
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
      const auto box = std::make_shared<ScaleStripper>(false, true);
      TransferOptions o = through(box, is_from_server, loss);
      o.bytes = 300'000;
      const TransferResult r = Transfer(o).run();
      EXPECT_TRUE(r.is_complete) << "from the server: " << is_from_server << ", loss " << loss;
      EXPECT_THAT(r.violations, testing::IsEmpty());
      EXPECT_GE(box->edits, 1);
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
      const auto box = std::make_shared<MssRewriter>(row.written);
      const TransferResult r = Transfer(through(box, is_from_server, 0.01)).run();
      EXPECT_TRUE(r.is_complete);
      EXPECT_THAT(r.violations, testing::IsEmpty());
      EXPECT_EQ((is_from_server ? r.server : r.client).smss, row.used) << row.written;
    }
  }
}

}  // namespace
}  // namespace oriel::sim
