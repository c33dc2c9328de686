// The ideal send backlog on whole hosts: many senders within one budget of memory, and a follower
// of the backlog beside a flow that fills a deep queue.
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

constexpr std::uint16_t kPort = 80;

enum class Style : std::uint8_t {
  kPlain,     // dynamic send buffering
  kFixed,     // 64 KiB of send buffer
  kFollower,  // sizes its send buffer by the backlog
};

/// Uploads from a to b over one path.
class Uploads {
 public:
  struct Flow {
    TcpSocket client;
    TcpSocket server;
    std::vector<std::uint8_t> buffer = std::vector<std::uint8_t>(1u << 16);
    std::uint64_t received = 0;
    std::uint64_t before = 0;
    Style style = Style::kPlain;
  };

  Uploads(const PathOptions& path, const HostSettings& sender)
      : a(world.add_host("a", sender)), b(world.add_host("b")) {
    LinkOptions link[2];
    for (std::uint8_t i = 0; i < 2; ++i) {
      link[i].addresses = {{IpAddress::v4(10, 0, 0, static_cast<std::uint8_t>(i + 1)), 24}};
    }
    world.connect({&a, link[0]}, {&b, link[1]}, path, path);
    ListenOptions listening;
    listening.backlog = 4096;
    listener_ = b.listen_tcp({IpAddress::v4_any(), kPort}, listening).value();
    accept();
  }
  ~Uploads() {
    for (auto& flow : flows) {
      flow->client.abort();
      flow->server.abort();
    }
    listener_.close();
    world.run_until(world.now() + seconds(1));
  }
  Flow& add(Style style = Style::kPlain) {
    flows.push_back(std::make_unique<Flow>());
    Flow& flow = *flows.back();
    flow.style = style;
    TcpOptionsForSocket options;
    if (style != Style::kPlain) options.send_buffer_bytes = 65536;
    flow.client = a.open_tcp(options).value();
    connect(flow);
    return flow;
  }
  // A host whose memory is full refuses new connections for the moment.
  void connect(Flow& flow) {
    flow.client.async_connect({IpAddress::v4(10, 0, 0, 2), kPort}, [this, &flow](IoResult r) {
      if (r.error == ErrorCode::kNoBuffers) {
        return world.at(world.now() + milliseconds(50), [this, &flow] { connect(flow); });
      }
      ASSERT_EQ(r.error, ErrorCode::kOk);
      if (flow.style == Style::kFollower) follow(flow);
      send(flow);
    });
  }
  void note() {
    for (auto& flow : flows) flow->before = flow->received;
  }
  /// Received since `note`.
  std::vector<std::uint64_t> received() const {
    std::vector<std::uint64_t> out;
    for (const auto& flow : flows) out.push_back(flow->received - flow->before);
    return out;
  }

  World world{1};
  Host& a;
  Host& b;
  std::vector<std::unique_ptr<Flow>> flows;

 private:
  void accept() {
    listener_.async_accept([this](Result<TcpSocket> s) {
      if (!s) return;
      for (auto& flow : flows) {
        if (flow->client.info().local == s->info().remote) {
          flow->server = *s;
          receive(*flow);
        }
      }
      accept();
    });
  }
  void send(Flow& flow) {
    flow.client.async_send(bytes_, [this, &flow](IoResult r) {
      if (r.error == ErrorCode::kOk) send(flow);
    });
  }
  void receive(Flow& flow) {
    flow.server.async_receive(flow.buffer, [this, &flow](IoResult r) {
      if (r.error != ErrorCode::kOk || r.bytes == 0) return;
      flow.received += r.bytes;
      receive(flow);
    });
  }
  void follow(Flow& flow) {
    flow.client.async_wait_backlog_change([this, &flow](IoResult r) {
      if (r.error != ErrorCode::kOk) return;
      TcpOptionsForSocket options;
      options.send_buffer_bytes = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(r.bytes));
      EXPECT_TRUE(flow.client.set_options(options));
      follow(flow);
    });
  }
  std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(1u << 18, 7);
  TcpListener listener_;
};

TEST(Backlog, FollowersFillThePathAFixedBufferDoesNot) {
  REQ("ISB-10");
  PathOptions path;
  path.delay = milliseconds(50);
  path.rate_bits_per_second = 50'000'000;
  path.queue_bytes = 300'000;
  for (const Style style : {Style::kFixed, Style::kFollower, Style::kPlain}) {
    Uploads uploads(path, {});
    uploads.add(style);
    uploads.world.run_until(Instant{} + seconds(3));
    uploads.note();
    uploads.world.run_until(Instant{} + seconds(9));
    const double bps = static_cast<double>(uploads.received()[0]) * 8 / 6;
    if (style == Style::kFixed) {
      EXPECT_NEAR(bps, 65536 * 8 / 0.1, 100'000);
    } else {
      EXPECT_GE(bps, 0.95 * 50e6 * 1460 / 1500);
    }
  }
}

TEST(Backlog, AThousandUploadersShareTheHostsMemory) {
  REQ("ISB-3");
  constexpr std::size_t kUploaders = 1000;
  PathOptions path;  // holds more than the host may
  path.delay = milliseconds(100);
  path.rate_bits_per_second = 4'000'000'000;
  path.queue_bytes = 100'000'000;
  HostSettings settings;
  settings.memory_bytes_max = 64u << 20;
  Uploads uploads(path, settings);
  for (std::size_t i = 0; i < kUploaders; ++i) {
    uploads.add(i % 2 == 0 ? Style::kFollower : Style::kPlain);
    uploads.world.run_until(uploads.world.now() + milliseconds(1));
  }
  std::uint64_t memory_most = 0;
  uploads.world.run_until(uploads.world.now() + seconds(2));
  uploads.note();
  const Instant end = uploads.world.now() + seconds(3);
  while (uploads.world.now() < end) {
    uploads.world.run_until(uploads.world.now() + milliseconds(10));
    memory_most = std::max(memory_most, uploads.a.statistics().memory_bytes);
  }
  EXPECT_THAT(uploads.world.violations(), testing::IsEmpty());
  EXPECT_LE(memory_most, settings.memory_bytes_max);
  const std::vector<std::uint64_t> got = uploads.received();
  std::uint64_t all = 0;
  for (const std::uint64_t bytes : got) all += bytes;
  EXPECT_GE(*std::min_element(got.begin(), got.end()), all / kUploaders / 3);
  EXPECT_LE(*std::max_element(got.begin(), got.end()), all / kUploaders * 3);
  // Fifteen round trips; at least a third of the memory is text.
  EXPECT_GE(all, settings.memory_bytes_max / 3 * 15);
}

// A queue of eight times the path beside a flow that fills it: a follower of the backlog that
// looked only at what the path holds would be left with an eighth.
TEST(Backlog, AFollowerIsNotStarvedInADeepQueue) {
  REQ("ISB-3");
  PathOptions path;
  path.delay = milliseconds(10);
  path.rate_bits_per_second = 40'000'000;
  path.queue_bytes = 800'000;
  Uploads uploads(path, {});
  uploads.add(Style::kFollower);
  uploads.world.run_until(Instant{} + seconds(5));
  uploads.add();
  uploads.world.run_until(Instant{} + seconds(15));
  uploads.note();
  uploads.world.run_until(Instant{} + seconds(75));
  const std::vector<std::uint64_t> got = uploads.received();
  const double share = static_cast<double>(got[0]) / static_cast<double>(got[0] + got[1]);
  RecordProperty("share", std::to_string(share));
  EXPECT_GE(share, 0.24);
}

}  // namespace
}  // namespace oriel::sim
