// Requests over a scripted transport: order, partial progress, and that each one ends exactly once.
#include "socket/stream_socket.h"

#include <gtest/gtest.h>

#include <array>

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

TEST_F(StreamSocketTest, AShutdownRequestEndsWhenTheEndIsAcknowledged) {
  TestRequest sent(Kind::kSendBorrowed, sink, "abc");
  TestRequest end(Kind::kShutdown, sink);
  socket.submit(kNow, sent);
  socket.submit(kNow, end);
  EXPECT_TRUE(transport.is_fin_queued);
  EXPECT_TRUE(take().empty());
  transport.acked = 3;
  transport.tell(te::kAcked);
  EXPECT_EQ(take(), (std::vector<Request*>{&sent, &end}));
  EXPECT_EQ(end.error, ErrorCode::kOk);
}

TEST_F(StreamSocketTest, AShutdownRequestIsCancelledOrFailsWithTheConnection) {
  transport.queued = 1;  // never acknowledged
  TestRequest first(Kind::kShutdown, sink), second(Kind::kShutdown, sink);
  socket.submit(kNow, first);
  socket.cancel(kNow, first);
  EXPECT_EQ(first.error, ErrorCode::kCancelled);
  socket.submit(kNow, second);
  transport.end(ErrorCode::kConnectionReset);
  transport.tell(te::kFailed);
  EXPECT_EQ(second.error, ErrorCode::kConnectionReset);
  EXPECT_EQ(take(), (std::vector<Request*>{&first, &second}));
}

TEST_F(StreamSocketTest, CloseEndsAShutdownRequest) {
  transport.queued = 1;
  TestRequest end(Kind::kShutdown, sink);
  socket.submit(kNow, end);
  socket.close(kNow);
  EXPECT_EQ(end.error, ErrorCode::kCancelled);
}

TEST_F(StreamSocketTest, LentBytesStayUntilTheyAreTaken) {
  BufferPool pool;
  std::array<Slice, 2> runs;
  EXPECT_EQ(socket.lend(runs, 100, pool), 0u) << "nothing is there";
  transport.readable = "abcdef";
  ASSERT_EQ(socket.lend(runs, 4, pool), 1u);
  EXPECT_EQ(std::string(runs[0].view().begin(), runs[0].view().end()), "abcd");
  EXPECT_EQ(transport.readable, "abcdef");
  socket.take_lent(kNow, 3);
  EXPECT_EQ(transport.readable, "def");
  TestRequest waits(Kind::kReceive, sink, std::string(10, ' '));
  waits.is_wait_all = true;
  socket.submit(kNow, waits);
  transport.readable = "x";
  EXPECT_EQ(socket.lend(runs, 4, pool), 0u) << "a receive waits for them";
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

TEST_F(StreamSocketTest, PiecesAreGatheredAndScattered) {
  std::uint8_t ab[] = {'a', 'b'};
  std::uint8_t cde[] = {'c', 'd', 'e'};
  const ByteSpan parts[] = {ByteSpan{}, ByteSpan(ab), ByteSpan{}, ByteSpan(cde)};
  TestRequest send(Kind::kSend, sink);
  send.pieces = parts;
  send.size = 5;
  transport.room = 3;
  socket.submit(kNow, send);
  EXPECT_EQ(transport.sent, "abc");
  transport.room = 9;
  transport.tell(te::kSendRoom);
  EXPECT_EQ(transport.sent, "abcde");
  EXPECT_EQ(take(), std::vector<Request*>{&send});

  TestRequest receive(Kind::kReceive, sink);
  receive.pieces = parts;
  receive.size = 5;
  transport.readable = "wxyz";
  socket.submit(kNow, receive);
  EXPECT_EQ(take(), std::vector<Request*>{&receive});
  EXPECT_EQ(receive.done, 4u);
  EXPECT_EQ(ab[0], 'w');
  EXPECT_EQ(cde[1], 'z');
  EXPECT_EQ(cde[2], 'e');

  TestRequest borrowed(Kind::kSendBorrowed, sink);
  borrowed.pieces = parts;
  borrowed.size = 5;
  socket.submit(kNow, borrowed);
  EXPECT_EQ(transport.sent, "abcdewxyze");
  transport.acked = 10;
  transport.tell(te::kAcked);
  EXPECT_EQ(take(), std::vector<Request*>{&borrowed});
  EXPECT_EQ(borrowed.done, 5u);
}

TEST_F(StreamSocketTest, APeekLeavesTheBytesForTheNext) {
  TestRequest peek(Kind::kReceive, sink, "...");
  peek.is_peek = true;
  TestRequest receive(Kind::kReceive, sink, ".....");
  socket.submit(kNow, peek);
  socket.submit(kNow, receive);
  transport.readable = "abcd";
  transport.tell(te::kReadable);
  EXPECT_EQ(take(), (std::vector<Request*>{&peek, &receive}));
  EXPECT_EQ(peek.bytes, "abc");
  EXPECT_EQ(receive.done, 4u);
}

TEST_F(StreamSocketTest, WaitAllFillsTheBufferOrTakesTheEnd) {
  TestRequest first(Kind::kReceive, sink, "....");
  TestRequest second(Kind::kReceive, sink, "....");
  first.is_wait_all = second.is_wait_all = true;
  socket.submit(kNow, first);
  socket.submit(kNow, second);
  transport.readable = "abc";
  transport.tell(te::kReadable);
  EXPECT_TRUE(take().empty());
  transport.readable = "de";
  transport.tell(te::kReadable);
  EXPECT_EQ(take(), std::vector<Request*>{&first});
  EXPECT_EQ(first.bytes, "abcd");
  transport.is_fin_received = true;
  transport.tell(te::kEndOfStream);
  EXPECT_EQ(take(), std::vector<Request*>{&second});
  EXPECT_EQ(second.done, 1u);
  EXPECT_EQ(second.error, ErrorCode::kOk);
}

// --- urgent data: "ab!cd" with the mark before '!'

TEST_F(StreamSocketTest, ReceivesStopAtTheMarkAndStepOverTheUrgentByte) {
  socket.set_urgent_inline(false);
  transport.readable = "ab!cd";
  transport.urgent_left = 3;
  transport.tell(te::kReadable | te::kUrgent);
  EXPECT_EQ(socket.readable_bytes(), 4u);
  std::uint8_t out[8];
  EXPECT_EQ(socket.try_receive(kNow, out).value(), 2u);
  EXPECT_TRUE(socket.is_at_mark());
  EXPECT_EQ(socket.try_receive(kNow, out).value(), 2u);
  EXPECT_EQ(out[0], 'c');
  TestRequest urgent(Kind::kReceive, sink, ".");
  urgent.is_urgent = true;
  EXPECT_EQ(socket.try_now(kNow, urgent), ErrorCode::kOk) << "kept though the reader has passed it";
  EXPECT_EQ(urgent.bytes, "!");
  TestRequest again(Kind::kReceive, sink, ".");
  again.is_urgent = true;
  EXPECT_EQ(socket.try_now(kNow, again), ErrorCode::kWouldBlock);
}

TEST_F(StreamSocketTest, TheUrgentByteIsReadAheadOfTheStream) {
  socket.set_urgent_inline(false);
  TestRequest plain(Kind::kReceive, sink, "........");
  plain.is_wait_all = true;
  TestRequest urgent(Kind::kReceive, sink, "...");
  urgent.is_urgent = true;
  socket.submit(kNow, plain);
  socket.submit(kNow, urgent);
  EXPECT_TRUE(take().empty());
  transport.urgent_left = 3;
  transport.tell(te::kUrgent);
  EXPECT_TRUE(take().empty()) << "announced, not here";
  transport.readable = "ab!cd";
  transport.tell(te::kReadable);
  EXPECT_EQ(take(), std::vector<Request*>{&urgent});
  EXPECT_EQ(urgent.bytes, "!..");
  transport.tell(te::kReadable);
  EXPECT_EQ(plain.done, 4u);
  EXPECT_EQ(plain.bytes.substr(0, 4), "abcd");
}

TEST_F(StreamSocketTest, AnUrgentByteOutOfBandDoesNotHideTheEnd) {
  socket.set_urgent_inline(false);
  transport.readable = "a!";
  transport.urgent_left = 2;
  transport.tell(te::kReadable | te::kUrgent);
  std::uint8_t out[8];
  EXPECT_EQ(socket.try_receive(kNow, out).value(), 1u);
  transport.is_fin_received = true;
  transport.tell(te::kReadable | te::kEndOfStream);
  EXPECT_NE(socket.readiness() & ready::kEnd, 0);
  EXPECT_NE(socket.readiness() & ready::kUrgent, 0) << "kept for whoever asks";
}

TEST_F(StreamSocketTest, ReadingUpToTheLastUrgentByteUncoversTheEnd) {
  socket.set_urgent_inline(false);
  transport.readable = "a!";
  transport.urgent_left = 2;
  transport.is_fin_received = true;
  transport.tell(te::kReadable | te::kUrgent | te::kEndOfStream);
  EXPECT_EQ(socket.readiness() & ready::kEnd, 0);
  std::uint8_t out[8];
  EXPECT_EQ(socket.try_receive(kNow, out).value(), 1u);
  EXPECT_NE(socket.readiness() & ready::kEnd, 0);
}

TEST_F(StreamSocketTest, InLineTheUrgentByteIsOneOfTheOthers) {
  transport.readable = "ab!cd";
  transport.urgent_left = 3;
  transport.tell(te::kReadable | te::kUrgent);
  std::uint8_t out[8];
  EXPECT_EQ(socket.try_receive(kNow, out).value(), 2u);
  EXPECT_TRUE(socket.is_at_mark());
  EXPECT_EQ(socket.try_receive(kNow, out).value(), 3u);
  TestRequest urgent(Kind::kReceive, sink, ".");
  urgent.is_urgent = true;
  EXPECT_EQ(socket.try_now(kNow, urgent), ErrorCode::kInvalidArgument);
}

TEST_F(StreamSocketTest, TheLastByteOfAnUrgentSendIsUrgent) {
  TestRequest send(Kind::kSend, sink, "ab!");
  send.is_urgent = send.is_whole = true;
  socket.submit(kNow, send);
  EXPECT_EQ(transport.sent, "ab");
  EXPECT_EQ(transport.urgent, std::vector<std::uint8_t>{'!'});
  EXPECT_EQ(take(), std::vector<Request*>{&send});
}

// --- whole sends

TEST_F(StreamSocketTest, TwoSendsAreTakenWholeAndTheThirdWaits) {
  TestRequest a(Kind::kSend, sink, "aaaa");
  TestRequest b(Kind::kSend, sink, "bbbb");
  TestRequest c(Kind::kSend, sink, "cccc");
  for (TestRequest* r : {&a, &b, &c}) {
    r->is_whole = true;
    socket.submit(kNow, *r);
  }
  EXPECT_EQ(take(), (std::vector<Request*>{&a, &b})) << "no room at all, but few are outstanding";
  transport.acked = 3;
  transport.tell(te::kAcked);
  EXPECT_TRUE(take().empty());
  transport.acked = 4;  // one is left
  transport.tell(te::kAcked);
  EXPECT_EQ(take(), std::vector<Request*>{&c});
  EXPECT_EQ(transport.sent, "aaaabbbbcccc");
}

TEST(SendQuota, Table) {
  struct Row {
    std::vector<std::uint64_t> ends;
    std::uint64_t acked;
    std::uint64_t room;
    bool may;
  };
  for (const Row& row : {Row{{}, 0, 0, true}, Row{{10}, 0, 0, true}, Row{{10, 20}, 0, 0, false},
                         Row{{10, 20}, 9, 0, false}, Row{{10, 20}, 10, 0, true},
                         Row{{10, 20}, 0, 1, true}, Row{{10, 20, 30}, 19, 0, false},
                         Row{{10, 20, 30}, 20, 0, true}, Row{{10, 20, 30}, 0, 5, true}}) {
    SendQuota quota;
    for (const std::uint64_t end : row.ends) quota.on_begin(end);
    EXPECT_EQ(quota.may_begin(row.room, row.acked), row.may)
        << row.ends.size() << " sends, acked " << row.acked << ", room " << row.room;
  }
}

// --- shutting the receiving side, and readiness

TEST_F(StreamSocketTest, AfterShutdownReceiveWhatComesResets) {
  TestRequest waits(Kind::kReceive, sink, "....");
  socket.submit(kNow, waits);
  ASSERT_TRUE(socket.shutdown_receive(kNow).has_value());
  std::uint8_t out[4];
  EXPECT_EQ(socket.try_receive(kNow, out).error().code, ErrorCode::kShutDown);
  transport.readable = "ab";
  transport.tell(te::kReadable);
  EXPECT_EQ(take(), std::vector<Request*>{&waits}) << "it was there first";
  EXPECT_FALSE(transport.is_over);
  transport.readable = "c";
  transport.tell(te::kReadable);
  EXPECT_TRUE(transport.is_over);
  EXPECT_EQ(transport.outcome, ErrorCode::kConnectionAborted);
}

class NotingObserver final : public ReadinessObserver {
 public:
  void on_readiness(std::uint16_t what) override { heard |= what; }
  std::uint16_t take() { return std::exchange(heard, std::uint16_t{0}); }
  std::uint16_t heard = 0;
};

TEST_F(StreamSocketTest, ReadinessIsToldAndCanBeAsked) {
  NotingObserver observer;
  socket.set_observer(&observer);
  socket.set_urgent_inline(false);
  transport.is_open = false;
  EXPECT_EQ(socket.readiness(), 0);
  transport.is_open = true;
  transport.room = 1;
  transport.tell(te::kConnected);
  EXPECT_EQ(observer.take(), ready::kConnect | ready::kWrite);
  transport.readable = "x!";
  transport.urgent_left = 2;
  transport.tell(te::kReadable | te::kUrgent);
  EXPECT_EQ(observer.take(), ready::kRead | ready::kUrgent);
  EXPECT_EQ(socket.readiness(), ready::kRead | ready::kUrgent | ready::kConnect | ready::kWrite);
  transport.tell(te::kBacklogChanged);
  EXPECT_EQ(observer.take(), ready::kBacklog);
  transport.readable.clear();
  transport.urgent_left = 0;
  transport.is_fin_received = true;
  transport.tell(te::kEndOfStream);
  EXPECT_EQ(observer.take(), ready::kEnd);
  transport.end(ErrorCode::kConnectionReset);
  transport.is_fin_received = false;
  transport.tell(te::kFailed);
  EXPECT_EQ(observer.take(), ready::kFailed);
}

TEST_F(StreamSocketTest, WriteIsToldOnlyAfterARefusal) {
  NotingObserver observer;
  socket.set_observer(&observer);
  const auto send = [&](const char* bytes) {
    TestRequest r(Kind::kSend, sink, bytes);
    r.is_whole = true;
    return socket.try_now(kNow, r);
  };
  EXPECT_EQ(send("aa"), ErrorCode::kOk);
  EXPECT_EQ(send("bb"), ErrorCode::kOk);
  transport.tell(te::kAcked);
  EXPECT_EQ(observer.take(), 0);
  EXPECT_EQ(send("cc"), ErrorCode::kWouldBlock);
  transport.tell(te::kAcked);
  EXPECT_EQ(observer.take(), 0);
  transport.acked = 2;
  transport.tell(te::kAcked);
  EXPECT_EQ(observer.take(), ready::kWrite);
  EXPECT_EQ(send("cc"), ErrorCode::kOk);
}

}  // namespace
}  // namespace oriel::socket
