// Bytes through inspectors and back: passed, changed in length, held, reset; partial room, borrowed
// bytes, the end of the stream, urgent data, and what the socket is told.
#include "socket/inspected_stream.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>

#include "socket/scripted_transport_test.h"

namespace oriel::socket {
namespace {

std::string text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
ByteView view(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

/// Does what a test says with each chunk, and notes it.
class Scripted final : public StreamInspector {
 public:
  using Act = std::function<StreamVerdict(const StreamChunk&, std::vector<std::uint8_t>&)>;
  Scripted(Act act, std::vector<std::string>* seen) : act_(std::move(act)), seen_(seen) {}
  StreamVerdict inspect(const StreamChunk& chunk, std::vector<std::uint8_t>& out) override {
    if (seen_ != nullptr) {
      const char* way = chunk.direction == FilterDirection::kOutbound ? "out:" : "in:";
      seen_->push_back(way + text_of(chunk.bytes) + (chunk.is_urgent ? "!" : "") +
                       (chunk.is_end ? "." : ""));
    }
    return act_(chunk, out);
  }

 private:
  Act act_;
  std::vector<std::string>* seen_;
};

StreamVerdict pass(const StreamChunk&, std::vector<std::uint8_t>&) {
  return StreamVerdict::kPass;
}
/// Every byte twice.
StreamVerdict twice(const StreamChunk& chunk, std::vector<std::uint8_t>& out) {
  for (const std::uint8_t b : chunk.bytes) out.insert(out.end(), 2, b);
  return StreamVerdict::kReplace;
}
StreamVerdict swallow(const StreamChunk&, std::vector<std::uint8_t>&) {
  return StreamVerdict::kReplace;
}
/// Keeps everything until the end, each direction for itself.
Scripted::Act hold() {
  auto all = std::make_shared<std::array<std::vector<std::uint8_t>, 2>>();
  return [all](const StreamChunk& chunk, std::vector<std::uint8_t>& out) {
    auto& kept = (*all)[static_cast<std::size_t>(chunk.direction)];
    kept.insert(kept.end(), chunk.bytes.begin(), chunk.bytes.end());
    if (chunk.is_end) out = kept;
    return StreamVerdict::kReplace;
  };
}

class InspectedStreamTest : public ::testing::Test {
 protected:
  void make(std::vector<Scripted::Act> acts) {
    InspectedStream::Inspectors inspectors;
    for (Scripted::Act& act : acts) {
      inspectors.push_back(std::make_unique<Scripted>(std::move(act), &seen));
    }
    inner.room = 1000;
    front = std::make_unique<InspectedStream>(inner, std::move(inspectors));
    front->begin(Instant{0});
    socket.attach(*front);
  }
  void arrive(const std::string& bytes) {
    inner.readable += bytes;
    inner.tell(transport_event::kReadable);
  }
  std::string received() {
    std::uint8_t buffer[100];
    const auto n = socket.try_receive(Instant{0}, buffer);
    return n ? text_of({buffer, *n}) : "(" + std::string(to_string(n.error().code)) + ")";
  }

  ScriptedTransport inner;
  std::unique_ptr<InspectedStream> front;
  StreamSocket socket;
  NotingSink sink;
  std::vector<std::string> seen;
};

TEST_F(InspectedStreamTest, PassesBothWaysInOrder) {
  make({pass, pass});
  EXPECT_EQ(socket.try_send(Instant{0}, view("hello")).value(), 5u);
  EXPECT_EQ(inner.sent, "hello");
  arrive("world");
  EXPECT_EQ(received(), "world");
  EXPECT_EQ(received(), "(would block)");
  EXPECT_EQ(seen, (std::vector<std::string>{"out:hello", "out:hello", "in:world", "in:world"}));
}

TEST_F(InspectedStreamTest, TheNextInspectorSeesWhatTheLastGave) {
  make({twice, pass});
  EXPECT_EQ(socket.try_send(Instant{0}, view("ab")).value(), 2u);
  EXPECT_EQ(inner.sent, "aabb");
  EXPECT_EQ(seen, (std::vector<std::string>{"out:ab", "out:aabb"}));
  arrive("x");
  EXPECT_EQ(received(), "xx");
}

TEST_F(InspectedStreamTest, WhatDoesNotFitWaitsAndNothingOvertakesIt) {
  make({twice});
  inner.room = 3;
  EXPECT_EQ(socket.try_send(Instant{0}, view("abc")).value(), 3u);
  EXPECT_EQ(inner.sent, "aab");
  EXPECT_EQ(socket.try_send(Instant{0}, view("d")).error().code, ErrorCode::kWouldBlock);
  inner.room = 100;
  inner.tell(transport_event::kSendRoom);
  EXPECT_EQ(inner.sent, "aabbcc");
  EXPECT_NE(socket.readiness() & ready::kWrite, 0);
  EXPECT_EQ(socket.try_send(Instant{0}, view("d")).value(), 1u);
  EXPECT_EQ(inner.sent, "aabbccdd");
}

TEST_F(InspectedStreamTest, ALargeSendIsSeenInChunks) {
  make({pass});
  inner.room = 1u << 20;
  const std::string large(kStreamChunkBytesMax + 10, 'x');
  EXPECT_EQ(socket.try_send(Instant{0}, view(large)).value(), large.size());
  EXPECT_EQ(inner.sent, large);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[1], "out:xxxxxxxxxx");
}

TEST_F(InspectedStreamTest, TheEndIsSeenAndMayStillSend) {
  make({hold()});
  EXPECT_EQ(socket.try_send(Instant{0}, view("abc")).value(), 3u);
  EXPECT_EQ(inner.sent, "");
  EXPECT_TRUE(socket.shutdown_send(Instant{0}).has_value());
  EXPECT_EQ(inner.sent, "abc");
  EXPECT_TRUE(inner.is_fin_queued);
  inner.readable = "xyz";
  inner.is_fin_received = true;
  inner.tell(transport_event::kReadable | transport_event::kEndOfStream);
  EXPECT_EQ(received(), "xyz");
  EXPECT_EQ(received(), "");
  EXPECT_EQ(seen, (std::vector<std::string>{"out:abc", "out:.", "in:xyz", "in:."}));
}

TEST_F(InspectedStreamTest, TheEndComesAfterWhatWaits) {
  make({pass});
  inner.readable = "xyz";
  inner.is_fin_received = true;
  inner.tell(transport_event::kReadable | transport_event::kEndOfStream);
  EXPECT_EQ(socket.readiness() & ready::kEnd, 0);
  EXPECT_EQ(received(), "xyz");
  EXPECT_NE(socket.readiness() & ready::kEnd, 0);
  EXPECT_EQ(received(), "");
}

TEST_F(InspectedStreamTest, AResetEndsTheConnectionAndDropsBytes) {
  int chunks = 0;
  make({[&](const StreamChunk&, std::vector<std::uint8_t>&) {
    return ++chunks == 2 ? StreamVerdict::kReset : StreamVerdict::kPass;
  }});
  arrive("good");
  arrive("bad");
  EXPECT_TRUE(inner.is_over);
  EXPECT_EQ(inner.outcome, ErrorCode::kConnectionAborted);
  EXPECT_EQ(received(), "(connection aborted)");
  EXPECT_EQ(chunks, 2);
}

TEST_F(InspectedStreamTest, AReplacementBeyondItsLimitResets) {
  make({[](const StreamChunk&, std::vector<std::uint8_t>& out) {
    out.resize(kStreamReplacementBytesMax + 1);
    return StreamVerdict::kReplace;
  }});
  socket.try_send(Instant{0}, view("a"));
  EXPECT_TRUE(inner.is_over);
  EXPECT_EQ(inner.sent, "");
}

TEST_F(InspectedStreamTest, AFailureOfTheConnectionIsNotAnOrderlyEnd) {
  make({pass});
  inner.readable = "unread";
  inner.is_fin_received = true;
  inner.tell(transport_event::kReadable | transport_event::kEndOfStream);
  inner.end(ErrorCode::kConnectionReset);
  inner.tell(transport_event::kFailed);
  EXPECT_EQ(received(), "(connection reset)");
}

TEST_F(InspectedStreamTest, BorrowedBytesEndWhenWhatTheyBecameIsAcknowledged) {
  make({twice});
  inner.room = 5;
  TestRequest request(Request::Kind::kSendBorrowed, sink, "abcd");
  socket.submit(Instant{0}, request);
  EXPECT_EQ(inner.sent, "aabbc");
  inner.room = 100;
  inner.tell(transport_event::kSendRoom);
  EXPECT_EQ(inner.sent, "aabbccdd");
  inner.acked = 7;
  inner.tell(transport_event::kAcked);
  EXPECT_TRUE(sink.finished.empty());
  inner.acked = 8;
  inner.tell(transport_event::kAcked);
  ASSERT_EQ(sink.finished.size(), 1u);
  EXPECT_EQ(request.error, ErrorCode::kOk);
  EXPECT_EQ(request.done, 4u);
}

TEST_F(InspectedStreamTest, BorrowedBytesThatVanishEndAtOnce) {
  make({swallow});
  TestRequest request(Request::Kind::kSendBorrowed, sink, "abcd");
  socket.submit(Instant{0}, request);
  EXPECT_EQ(inner.sent, "");
  ASSERT_EQ(sink.finished.size(), 1u);
  EXPECT_EQ(request.error, ErrorCode::kOk);
}

TEST_F(InspectedStreamTest, CloseSendsWhatWaitsThenLetsGo) {
  make({twice});
  inner.room = 1;
  EXPECT_EQ(socket.try_send(Instant{0}, view("ab")).value(), 2u);
  socket.close(Instant{0});
  EXPECT_EQ(inner.sent, "aabb");
  EXPECT_TRUE(inner.is_close_seen);
  EXPECT_TRUE(inner.is_detached);
  EXPECT_TRUE(socket.is_done());
}

TEST_F(InspectedStreamTest, CloseWaitsForBorrowedBytes) {
  make({pass});
  inner.room = 2;
  TestRequest request(Request::Kind::kSendBorrowed, sink, "abcd");
  socket.submit(Instant{0}, request);
  socket.close(Instant{0});
  EXPECT_FALSE(inner.is_detached);
  inner.room = 10;
  inner.tell(transport_event::kSendRoom);
  EXPECT_EQ(inner.sent, "abcd");
  EXPECT_TRUE(inner.is_close_seen);
  inner.acked = 4;
  inner.tell(transport_event::kAcked);
  EXPECT_TRUE(inner.is_detached);
  EXPECT_EQ(sink.finished.size(), 1u);
}

TEST_F(InspectedStreamTest, CloseWithUnreadBytesResets) {
  make({pass});
  arrive("unread");
  socket.close(Instant{0});
  EXPECT_TRUE(inner.is_over);
  EXPECT_TRUE(inner.is_detached);
}

TEST_F(InspectedStreamTest, UrgentDataKeepsItsPlaceBothWays) {
  make({pass});
  EXPECT_EQ(socket.try_send(Instant{0}, view("ab")).value(), 2u);
  EXPECT_TRUE(socket.send_urgent(Instant{0}, 'U').has_value());
  EXPECT_EQ(inner.sent, "ab");
  EXPECT_EQ(inner.urgent, std::vector<std::uint8_t>{'U'});
  inner.readable = "xyUz";
  inner.urgent_left = 3;
  inner.tell(transport_event::kReadable | transport_event::kUrgent);
  EXPECT_EQ(seen, (std::vector<std::string>{"out:ab", "out:U!", "in:xy", "in:U!", "in:z"}));
  EXPECT_EQ(front->urgent_bytes_left(), 3u);
  EXPECT_EQ(received(), "xy");
  EXPECT_TRUE(socket.is_at_mark());
  EXPECT_EQ(received(), "Uz");
  EXPECT_EQ(front->urgent_bytes_left(), 0u);
}

TEST_F(InspectedStreamTest, OnlySoMuchIsTakenAhead) {
  make({pass});
  inner.readable.assign(4 * kInspectedBytesMax, 'x');
  inner.tell(transport_event::kReadable);
  EXPECT_LE(front->readable_bytes(), kInspectedBytesMax + kStreamChunkBytesMax);
  std::size_t all = 0;
  for (std::string got = received(); got.front() == 'x'; got = received()) all += got.size();
  EXPECT_EQ(all, 4 * kInspectedBytesMax);
}

TEST_F(InspectedStreamTest, WhatCameBeforeItsUserIsThere) {
  inner.readable = "early";
  make({pass});
  EXPECT_EQ(received(), "early");
}

}  // namespace
}  // namespace oriel::socket
