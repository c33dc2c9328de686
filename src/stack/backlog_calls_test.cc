// The ideal send backlog through the public calls: what is told, who hears of a change, what ends
// the waiting, and what the send buffer takes.
#include "stack/manual_pair_test.h"
#include "support/req.h"

namespace oriel::stack {
namespace {

struct Wait {
  ErrorCode outcome = ErrorCode::kInProgress;
  std::size_t value = 0;
  RequestId id = 0;
  void begin(TcpSocket& s) {
    outcome = ErrorCode::kInProgress;
    id = s.async_wait_backlog_change([this](IoResult r) {
      outcome = r.error;
      value = r.bytes;
    });
  }
};

/// Long enough a path that the backlog is above where it began.
struct LongPair : ManualPair {
  static PairOptions options() {
    PairOptions o;
    o.delay = ms(20);
    return o;
  }
  LongPair() : ManualPair(options()), ends(connect(*this)) {}
  /// Sends for so many round trips; the server reads.
  void upload(int round_trips) {
    static const std::vector<std::uint8_t> data = pattern(1u << 20);
    run(round_trips * ms(40), [&] {
      while (ends.client.try_send(data)) {
      }
      (void)drain(ends.server);
      return false;
    });
  }
  Connected ends;
};

TEST(BacklogCalls, BeginsAt65536) {
  REQ("ISB-2");
  LongPair net;
  EXPECT_EQ(net.ends.client.ideal_send_backlog().value(), 65536u);
  EXPECT_EQ(net.ends.server.info().ideal_send_backlog, 65536u);
  TcpSocket fresh = net.a.open_tcp().value();
  EXPECT_EQ(fresh.ideal_send_backlog().error().code, ErrorCode::kNotConnected);
}

TEST(BacklogCalls, AChangeIsTold) {
  REQ("ISB-4");
  Wait wait;  // outlives the host, which ends what waits
  LongPair net;
  TcpSocket& s = net.ends.client;
  wait.begin(s);
  net.run(ms(1000));
  EXPECT_EQ(wait.outcome, ErrorCode::kInProgress);
  for (int i = 0; i < 3; ++i) {
    for (int k = 0; k < 10 && wait.outcome == ErrorCode::kInProgress; ++k) net.upload(1);
    EXPECT_EQ(wait.outcome, ErrorCode::kOk);
    EXPECT_GT(wait.value, 65536u);
    EXPECT_LE(wait.value, s.info().ideal_send_backlog);
    wait.begin(s);
  }
}

TEST(BacklogCalls, TheBufferFollowsItUnlessItWasSet) {
  REQ("ISB-9");
  for (const bool is_set : {false, true}) {
    LongPair net;
    TcpOptionsForSocket fixed;
    fixed.send_buffer_bytes = 65536;
    if (is_set) {
      ASSERT_TRUE(net.ends.client.set_options(fixed));
    }
    net.upload(12);
    const TcpInfo info = net.ends.client.info();
    EXPECT_GT(info.ideal_send_backlog, 65536u);
    if (is_set) {
      EXPECT_LE(info.snd_buffered, 65536u);
    } else {
      EXPECT_GT(info.snd_buffered, 2 * 65536u);
    }
  }
}

TEST(BacklogCalls, TheWaitEndsWithSending) {
  REQ("ISB-7");
  using End = void (*)(Connected&, Wait&);
  const End ends[] = {
      [](Connected& c, Wait&) { (void)c.client.shutdown_send(); },
      [](Connected& c, Wait&) { c.client.abort(); },
      [](Connected& c, Wait&) { c.client.close(); },
      [](Connected& c, Wait&) { c.server.abort(); },
      [](Connected& c, Wait& w) { c.client.cancel(w.id); },
  };
  for (const End end : ends) {
    Wait wait;
    LongPair net;
    wait.begin(net.ends.client);
    net.run(ms(1));
    end(net.ends, wait);
    net.run(ms(100));
    EXPECT_EQ(wait.outcome, ErrorCode::kCancelled) << &end - ends;
  }
}

TEST(BacklogCalls, OneWaitAtATime) {
  REQ("ISB-6");
  Wait first, second;  // they outlive the host, which ends what waits
  LongPair net;
  first.begin(net.ends.client);
  second.begin(net.ends.client);
  net.run(ms(1));
  EXPECT_EQ(second.outcome, ErrorCode::kCancelled);
  EXPECT_EQ(first.outcome, ErrorCode::kInProgress);
}

TEST(BacklogCalls, APauseIsTold) {
  Wait wait;
  LongPair net;
  net.upload(6);
  while (net.ends.client.info().flight_size != 0) {
    (void)drain(net.ends.server);
    net.run(ms(40));
  }
  EXPECT_GT(net.ends.client.ideal_send_backlog().value(), 65536u);
  wait.begin(net.ends.client);
  net.run(std::chrono::seconds(11));
  EXPECT_EQ(wait.outcome, ErrorCode::kOk);
  EXPECT_EQ(wait.value, 65536u);
}

}  // namespace
}  // namespace oriel::stack
