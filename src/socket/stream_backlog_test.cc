// Who waits for another backlog hears of each change once, whatever the order of asking and
// waiting.
#include <gtest/gtest.h>

#include "socket/scripted_transport_test.h"
#include "support/req.h"

namespace oriel::socket {
namespace {

using Kind = Request::Kind;
namespace te = transport_event;
constexpr Instant kAtOnce{0};

class StreamBacklogTest : public ::testing::Test {
 protected:
  StreamBacklogTest() { socket.attach(transport); }
  void change_to(std::uint32_t backlog) {
    transport.backlog = backlog;
    transport.tell(te::kBacklogChanged);
  }
  /// Waits; whether it has ended since the last look, and how.
  void wait() { socket.submit(kAtOnce, request); }
  std::vector<ErrorCode> ends() {
    std::vector<ErrorCode> out;
    for (const Request* r : std::exchange(sink.finished, {})) out.push_back(r->error);
    return out;
  }
  using Ends = std::vector<ErrorCode>;

  ScriptedTransport transport;
  NotingSink sink;
  StreamSocket socket;
  TestRequest request{Kind::kWaitBacklog, sink};
  TestRequest another{Kind::kWaitBacklog, sink};
};

TEST_F(StreamBacklogTest, AWaitEndsWithTheChange) {
  REQ("ISB-4");
  wait();
  transport.tell(te::kAcked);
  EXPECT_EQ(ends(), Ends{});
  change_to(100'000);
  EXPECT_EQ(ends(), Ends{ErrorCode::kOk});
  EXPECT_EQ(request.done, 100'000u);
  change_to(200'000);
  EXPECT_EQ(ends(), Ends{}) << "nobody waits";
}

TEST_F(StreamBacklogTest, AChangeBeforeTheWaitEndsItAtOnce) {
  REQ("ISB-5");
  change_to(100'000);
  wait();
  EXPECT_EQ(ends(), Ends{ErrorCode::kOk});
  wait();
  EXPECT_EQ(ends(), Ends{}) << "the completion counts as told";
}

TEST_F(StreamBacklogTest, AReportCountsAsTold) {
  REQ("ISB-5");
  change_to(100'000);
  EXPECT_EQ(socket.report_backlog(), 100'000u);
  wait();
  EXPECT_EQ(ends(), Ends{});
  change_to(65536);
  EXPECT_EQ(ends(), Ends{ErrorCode::kOk});
}

TEST_F(StreamBacklogTest, ThereAndBackIsNoChange) {
  wait();
  transport.backlog = 100'000;
  transport.backlog = 65536;
  transport.tell(te::kBacklogChanged);
  EXPECT_EQ(ends(), Ends{});
}

TEST_F(StreamBacklogTest, OneWaitAtATime) {
  REQ("ISB-6");
  wait();
  socket.submit(kAtOnce, another);
  EXPECT_EQ(sink.finished, std::vector<Request*>{&another});
  EXPECT_EQ(ends(), Ends{ErrorCode::kCancelled});
  change_to(70'000);
  EXPECT_EQ(sink.finished, std::vector<Request*>{&request});
}

TEST_F(StreamBacklogTest, WhatEndsSendingEndsIt) {
  REQ("ISB-7");
  wait();
  ASSERT_TRUE(socket.shutdown_send(kAtOnce));
  EXPECT_EQ(ends(), Ends{ErrorCode::kCancelled});
  wait();
  EXPECT_EQ(ends(), Ends{ErrorCode::kCancelled}) << "and one that comes after it";
  EXPECT_EQ(socket.report_backlog().error().code, ErrorCode::kCancelled);
}

TEST_F(StreamBacklogTest, ShuttingBehindQueuedSendsCounts) {
  TestRequest send(Kind::kSend, sink, "abc");
  socket.submit(kAtOnce, send);  // no room
  wait();
  ASSERT_TRUE(socket.shutdown_send(kAtOnce));
  EXPECT_FALSE(transport.is_fin_queued);
  EXPECT_EQ(ends(), Ends{ErrorCode::kCancelled});
}

TEST_F(StreamBacklogTest, AResetEndsIt) {
  REQ("ISB-7");
  wait();
  transport.end(ErrorCode::kConnectionReset);
  transport.tell(te::kFailed);
  EXPECT_EQ(ends(), Ends{ErrorCode::kCancelled});
  wait();
  EXPECT_EQ(ends(), Ends{ErrorCode::kCancelled});
}

TEST_F(StreamBacklogTest, CloseEndsIt) {
  REQ("ISB-7");
  wait();
  socket.close(kAtOnce);
  EXPECT_EQ(ends(), Ends{ErrorCode::kCancelled});
}

TEST_F(StreamBacklogTest, CancellingEndsItAndAnotherMayWait) {
  REQ("ISB-7");
  request.id = 7;
  wait();
  EXPECT_TRUE(socket.cancel(kAtOnce, 7));
  EXPECT_FALSE(socket.cancel(kAtOnce, 7));
  EXPECT_EQ(ends(), Ends{ErrorCode::kCancelled});
  socket.submit(kAtOnce, another);
  socket.cancel(kAtOnce, another);
  EXPECT_EQ(ends(), Ends{ErrorCode::kCancelled});
  wait();
  socket.cancel_backlog_wait();
  EXPECT_EQ(ends(), Ends{ErrorCode::kCancelled});
}

TEST_F(StreamBacklogTest, ThePeersEndIsNotOurs) {
  wait();
  transport.is_fin_received = true;
  transport.tell(te::kEndOfStream);
  EXPECT_EQ(ends(), Ends{});
  change_to(70'000);
  EXPECT_EQ(ends(), Ends{ErrorCode::kOk});
}

TEST_F(StreamBacklogTest, BeforeTheConnectionThereIsNone) {
  REQ("ISB-8");
  transport.is_open = false;
  EXPECT_EQ(socket.report_backlog().error().code, ErrorCode::kNotConnected);
  wait();
  EXPECT_EQ(ends(), Ends{ErrorCode::kNotConnected});
}

}  // namespace
}  // namespace oriel::socket
