// Auto-tuning of the receive window on whole paths: it is never what holds a fast reader's sender
// back, and never gives a slow reader much more than it reads (spec CM-12).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "oriel/sim.h"
#include "support/req.h"

namespace oriel::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kCeiling = 65535u << 8;
constexpr std::uint16_t kPort = 80;

/// A sender that writes whenever it may, and a reader that takes what comes, or `bytes` each 10 ms
/// from some time on.
class Flow {
 public:
  Flow(World& world, Host& from, Host& to, std::uint16_t port)
      : world_(world), text_(256u << 10, 0x5a), buffer_(1u << 20) {
    listener_ = to.listen_tcp({IpAddress::v4_any(), port}).value();
    listener_.async_accept([this](Result<TcpSocket> s) {
      if (!s) return;
      reader_ = *s;
      read();
    });
    sender_ = from.open_tcp().value();
    sender_.async_connect({IpAddress::v4(10, 0, 0, 2), port}, [this](IoResult r) {
      if (r.error == ErrorCode::kOk) send();
    });
  }

  void read_slowly(Instant from, std::size_t bytes) {
    slow_from_ = from;
    slow_bytes_ = bytes;
  }
  TcpInfo sender() const { return sender_.info(); }
  TcpInfo reader() const { return reader_ ? reader_.info() : TcpInfo{}; }

 private:
  void send() {
    sender_.async_send(text_, [this](IoResult r) {
      if (r.error == ErrorCode::kOk) send();
    });
  }
  void read() {
    if (world_.now() >= slow_from_) return read_a_little();
    reader_.async_receive(buffer_, [this](IoResult r) {
      if (r.error == ErrorCode::kOk && r.bytes != 0) read();
    });
  }
  void read_a_little() {
    (void)reader_.try_receive(ByteSpan(buffer_).first(slow_bytes_));
    world_.at(world_.now() + milliseconds(10), [this] { read_a_little(); });
  }

  World& world_;
  std::vector<std::uint8_t> text_;
  std::vector<std::uint8_t> buffer_;
  TcpListener listener_;
  TcpSocket sender_;
  TcpSocket reader_;
  Instant slow_from_ = Instant::never();
  std::size_t slow_bytes_ = 0;
};

struct Path {
  explicit Path(const HostSettings& settings = {}) : world(1) {
    HostSettings of_sender = settings;
    of_sender.memory_bytes_max = HostSettings{}.memory_bytes_max;
    from = &world.add_host("sender", of_sender);
    to = &world.add_host("reader", settings);
    PathOptions path;
    path.delay = milliseconds(50);
    path.rate_bits_per_second = 1'000'000'000;
    path.queue_bytes = 20u << 20;
    LinkOptions a, b;
    a.addresses = {{IpAddress::v4(10, 0, 0, 1), 24}};
    b.addresses = {{IpAddress::v4(10, 0, 0, 2), 24}};
    world.connect({from, a}, {to, b}, path, path);
  }
  World world;
  Host* from;
  Host* to;
};

// Looked at every millisecond of slow start: what the sender may send is cwnd's to say.
TEST(WindowGrowth, FastReaderNeverHoldsSlowStartBack) {
  REQ("CM-12");
  for (const bool has_timestamps : {false, true}) {
    HostSettings settings;
    settings.is_timestamps = has_timestamps;
    Path path(settings);
    Flow flow(path.world, *path.from, *path.to, kPort);
    bool has_filled_path = false;
    std::uint32_t cwnd_max = 0;
    for (int ms = 1; ms < 5000 && !has_filled_path; ++ms) {
      path.world.run_until(Instant{} + milliseconds(ms));
      const TcpInfo s = flow.sender();
      if (s.state != TcpState::kEstablished) continue;
      ASSERT_GE(s.snd_wnd, std::min(s.cwnd, kCeiling))
          << ms << " ms, timestamps " << has_timestamps;
      cwnd_max = std::max(cwnd_max, s.cwnd);
      has_filled_path = s.flight_size >= 12'000'000;
    }
    EXPECT_TRUE(has_filled_path) << cwnd_max;
    EXPECT_LT(path.world.now(), Instant{} + milliseconds(1600));
    EXPECT_THAT(path.world.violations(), testing::IsEmpty());
  }
}

TEST(WindowGrowth, SlowReaderIsNotGivenAGrowingWindow) {
  REQ("CM-12");
  Path path;
  Flow flow(path.world, *path.from, *path.to, kPort);
  flow.read_slowly(Instant{}, 2'000);  // 200 kB/s: 20 kB in a round trip
  path.world.run_until(Instant{} + seconds(30));
  EXPECT_LE(flow.reader().rcv_wnd_max, 65'536u + 8'192) << "rounding fields takes a little";
  EXPECT_LE(flow.reader().rcv_buffered, 65'536u + 8'192);
  EXPECT_THAT(path.world.violations(), testing::IsEmpty());
}

// It gives back: after it has worked through what it was promised, little waits in its buffer.
TEST(WindowGrowth, ReaderThatBecomesSlowGivesBack) {
  REQ("CM-12");
  Path path;
  Flow flow(path.world, *path.from, *path.to, kPort);
  flow.read_slowly(Instant{} + seconds(3), 50'000);  // 5 MB/s: 500 kB in a round trip
  path.world.run_until(Instant{} + seconds(3));
  EXPECT_GE(flow.reader().rcv_wnd_max, 12'000'000u);
  path.world.run_until(Instant{} + seconds(15));
  EXPECT_LE(flow.reader().rcv_buf, 1'300'000u);
  EXPECT_LE(flow.reader().rcv_buffered, 1'300'000u);
  EXPECT_GE(flow.reader().rcv_buffered, 200'000u) << "and it always has something to read";
  EXPECT_THAT(path.world.violations(), testing::IsEmpty());
}

// Eight readers that were fast and then stop: what they were promised fits the host.
TEST(WindowGrowth, LackOfMemoryLowersWhatIsPromised) {
  REQ("CM-12");
  HostSettings settings;
  settings.memory_bytes_max = 16u << 20;
  Path path(settings);
  std::vector<std::unique_ptr<Flow>> flows;
  for (std::uint16_t i = 0; i < 8; ++i) {
    flows.push_back(std::make_unique<Flow>(path.world, *path.from, *path.to,
                                           static_cast<std::uint16_t>(kPort + i)));
    flows.back()->read_slowly(Instant{} + seconds(2), 1);
  }
  std::uint64_t memory_max = 0;
  for (int i = 1; i <= 600; ++i) {
    path.world.run_until(Instant{} + milliseconds(10 * i));
    memory_max = std::max(memory_max, path.to->statistics().memory_bytes);
  }
  EXPECT_LE(memory_max, 16u << 20);
  for (const auto& flow : flows) {
    EXPECT_LE(flow->reader().rcv_wnd_max, (1u << 20) + 256);
    EXPECT_LE(flow->reader().rcv_buf, 1u << 20);
  }
  EXPECT_EQ(path.to->statistics().packets_dropped, 0u);
  EXPECT_THAT(path.world.violations(), testing::IsEmpty());
}

}  // namespace
}  // namespace oriel::sim
