// Requests over a scripted transport: order, partial progress, and that each one ends exactly once.
#include "socket/stream_socket.h"

#include <gtest/gtest.h>

#include "socket/scripted_transport_test.h"

namespace oriel::socket {
namespace {

using Kind = Request::Kind;
namespace te = transport_event;
constexpr Instant kNow{0};

class StreamSocketTest : public ::testing::Test {
 protected:
  StreamSocketTest() { socket.attach(transport); }
  std::vector<Request*> take() { return std::exchange(sink.finished, {}); }

  ScriptedTransport transport;
  NotingSink sink;
  StreamSocket socket;
};

TEST_F(StreamSocketTest, SendsCompleteInOrderAsRoomComes) {
  TestRequest first(Kind::kSend, sink, "abcdef");
  TestRequest second(Kind::kSend, sink, "gh");
  transport.room = 4;
  socket.submit(kNow, first);
  socket.submit(kNow, second);
  EXPECT_TRUE(take().empty());
  EXPECT_EQ(first.done, 4u);
  transport.room = 3;
  transport.tell(te::kSendRoom);
  EXPECT_EQ(take(), std::vector<Request*>{&first});
  EXPECT_EQ(second.done, 1u);
  transport.room = 1;
  transport.tell(te::kSendRoom);
  EXPECT_EQ(take(), std::vector<Request*>{&second});
  EXPECT_EQ(transport.sent, "abcdefgh");
}

TEST_F(StreamSocketTest, ACopyIsBoundedInOneTurn) {
  transport.room = SIZE_MAX;
  TestRequest large(Kind::kSend, sink, std::string(kCopyBytesPerTurn + 1, 'x'));
  socket.submit(kNow, large);
  EXPECT_EQ(large.done, kCopyBytesPerTurn);
  EXPECT_EQ(transport.service_requests, 1);
  transport.tell(0);
  EXPECT_EQ(take(), std::vector<Request*>{&large});
}

TEST_F(StreamSocketTest, BorrowedBytesWaitForTheirAcknowledgement) {
  TestRequest copied(Kind::kSend, sink, "ab");
  TestRequest borrowed(Kind::kSendBorrowed, sink, "cdef");
  transport.room = 2;
  socket.submit(kNow, copied);
  socket.submit(kNow, borrowed);
  EXPECT_EQ(take(), std::vector<Request*>{&copied});
  EXPECT_EQ(transport.sent, "abcdef");
  transport.acked = 5;
  transport.tell(te::kAcked);
  EXPECT_TRUE(take().empty());
  transport.acked = 6;
  transport.tell(te::kAcked);
  EXPECT_EQ(take(), std::vector<Request*>{&borrowed});
  EXPECT_EQ(borrowed.done, 4u);
}

TEST_F(StreamSocketTest, CloseKeepsTheTransportWhileBytesAreBorrowed) {
  TestRequest borrowed(Kind::kSendBorrowed, sink, "cdef");
  socket.submit(kNow, borrowed);
  socket.close(kNow);
  EXPECT_TRUE(take().empty());
  EXPECT_TRUE(transport.is_close_seen);
  EXPECT_FALSE(transport.is_detached);
  EXPECT_FALSE(socket.is_done());
  transport.acked = 4;
  transport.tell(te::kAcked);
  EXPECT_EQ(take(), std::vector<Request*>{&borrowed});
  EXPECT_EQ(borrowed.error, ErrorCode::kOk);
  EXPECT_TRUE(transport.is_detached);
  EXPECT_TRUE(socket.is_done());
}

TEST_F(StreamSocketTest, ReceivesTakeWhatIsThereAndThenTheEnd) {
  TestRequest first(Kind::kReceive, sink, "....");
  TestRequest second(Kind::kReceive, sink, "....");
  TestRequest third(Kind::kReceive, sink, "....");
  for (TestRequest* r : {&first, &second, &third}) socket.submit(kNow, *r);
  EXPECT_TRUE(take().empty());
  transport.readable = "abcde";
  transport.tell(te::kReadable);
  EXPECT_EQ(take(), (std::vector<Request*>{&first, &second}));
  EXPECT_EQ(first.bytes, "abcd");
  EXPECT_EQ(second.done, 1u);
  transport.is_fin_received = true;
  transport.tell(te::kReadable | te::kEndOfStream);
  EXPECT_EQ(take(), std::vector<Request*>{&third});
  EXPECT_EQ(third.error, ErrorCode::kOk);
  EXPECT_EQ(third.done, 0u);
}

TEST_F(StreamSocketTest, ShutdownWaitsForQueuedSends) {
  TestRequest r(Kind::kSend, sink, "abc");
  transport.room = 1;
  socket.submit(kNow, r);
  ASSERT_TRUE(socket.shutdown_send(kNow).has_value());
  EXPECT_FALSE(transport.is_fin_queued);
  TestRequest late(Kind::kSend, sink, "x");
  socket.submit(kNow, late);
  EXPECT_EQ(take(), std::vector<Request*>{&late});
  EXPECT_EQ(late.error, ErrorCode::kShutDown);
  transport.room = 9;
  transport.tell(te::kSendRoom);
  EXPECT_TRUE(transport.is_fin_queued);
}

TEST_F(StreamSocketTest, FailureEndsEverythingOnce) {
  TestRequest connect(Kind::kConnect, sink);
  TestRequest send(Kind::kSend, sink, "abc");
  TestRequest borrowed(Kind::kSendBorrowed, sink, "abc");
  TestRequest receive(Kind::kReceive, sink, "...");
  transport.is_open = false;
  socket.submit(kNow, connect);
  socket.submit(kNow, borrowed);
  socket.submit(kNow, send);
  socket.submit(kNow, receive);
  transport.end(ErrorCode::kConnectionReset);
  transport.tell(te::kFailed);
  transport.tell(te::kFailed);
  EXPECT_EQ(take().size(), 4u);
  for (Request* r : {static_cast<Request*>(&connect), static_cast<Request*>(&send),
                     static_cast<Request*>(&borrowed), static_cast<Request*>(&receive)}) {
    EXPECT_EQ(r->error, ErrorCode::kConnectionReset);
    EXPECT_FALSE(r->is_queued);
  }
}

TEST_F(StreamSocketTest, CancelTakesOneOutOfTheMiddle) {
  std::vector<std::unique_ptr<TestRequest>> all;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    all.push_back(std::make_unique<TestRequest>(Kind::kReceive, sink, "."));
    all.back()->id = i;
    socket.submit(kNow, *all.back());
  }
  EXPECT_TRUE(socket.cancel(kNow, 3));
  EXPECT_TRUE(socket.cancel(kNow, 2));
  EXPECT_FALSE(socket.cancel(kNow, 2));
  EXPECT_EQ(take(), (std::vector<Request*>{all[2].get(), all[1].get()}));
  TestRequest more(Kind::kReceive, sink, ".");
  socket.submit(kNow, more);
  transport.readable = "xy";
  transport.tell(te::kReadable);
  EXPECT_EQ(take(), (std::vector<Request*>{all[0].get(), &more}));
}

}  // namespace
}  // namespace oriel::socket
