// A listener in conditional mode: what is held, who decides, and who gets the stream that was let
// in.
#include "socket/listener.h"

#include <gtest/gtest.h>

#include "socket/scripted_transport_test.h"
#include "support/req.h"

namespace oriel::socket {
namespace {

class ScriptedHeld final : public HeldRequest {
 public:
  ScriptedHeld() : HeldRequest({}, {}, Instant{0}) { stream.is_open = false; }
  Transport* permit() override {
    is_permitted = true;
    return has_room ? &stream : nullptr;
  }
  void abort(Instant, ErrorCode reason) override {
    is_refused = true;
    fail(reason);
  }
  void detach(Instant now) override { HeldRequest::detach(now); }

  ScriptedTransport stream;  // what it becomes
  bool has_room = true;
  bool is_permitted = false;
  bool is_refused = false;
};

class ConditionalListener : public ::testing::Test, private ReadinessObserver {
 protected:
  ConditionalListener() {
    listener.set_conditional(true);
    listener.set_observer(this);
  }
  void on_readiness(std::uint16_t what) override { told |= what; }
  std::uint16_t take_told() { return std::exchange(told, std::uint16_t{0}); }
  static void establish(ScriptedHeld& held) {
    held.stream.is_open = true;
    held.stream.tell(transport_event::kConnected);
  }
  static void lose(ScriptedHeld& held) {
    held.stream.end(ErrorCode::kConnectionReset);
    held.stream.tell(transport_event::kFailed);
  }
  void TearDown() override { listener.close(Instant{0}); }

  Listener listener{{}, {2, 16}, {}};
  ScriptedHeld first, second;
  NotingSink sink;
  TestRequest plain{Request::Kind::kAccept, sink};
  TestRequest other{Request::Kind::kAccept, sink};
  std::uint16_t told = 0;
};

TEST_F(ConditionalListener, HoldsAsManyAsItsBacklogAndSaysSo) {
  REQ("LFP-10");
  EXPECT_TRUE(listener.may_hold());
  listener.hold(first);
  EXPECT_EQ(take_told(), ready::kAccept);
  EXPECT_EQ(listener.readiness(), ready::kAccept);
  listener.hold(second);
  EXPECT_FALSE(listener.may_hold());
  EXPECT_EQ(listener.try_accept(), nullptr);  // nothing is established
  EXPECT_EQ(listener.try_take_held(), &first);
  EXPECT_TRUE(listener.may_hold());
  listener.put_back(Instant{0}, first);
  EXPECT_EQ(listener.try_take_held(), &first);
  EXPECT_EQ(listener.try_take_held(), &second);
  EXPECT_EQ(listener.try_take_held(), nullptr);
  EXPECT_EQ(listener.readiness(), 0);
  EXPECT_FALSE(first.is_permitted);
}

TEST_F(ConditionalListener, APlainAcceptLetsOneInAndGetsThatOne) {
  REQ("LFP-10");
  listener.hold(first);
  listener.hold(second);
  listener.submit(plain);
  EXPECT_TRUE(first.is_permitted);
  EXPECT_FALSE(second.is_permitted);
  EXPECT_TRUE(sink.finished.empty());
  EXPECT_EQ(listener.half_open_count(), 1u);
  establish(first);
  ASSERT_EQ(sink.finished.size(), 1u);
  EXPECT_EQ(plain.accepted, &first.stream);
  EXPECT_TRUE(Listener::is_decided(first.stream));
  EXPECT_EQ(listener.ready_count(), 0u);
  EXPECT_EQ(listener.half_open_count(), 0u);
  EXPECT_EQ(listener.readiness(), ready::kAccept);  // the second
}

TEST_F(ConditionalListener, AnAcceptThatWaitsLetsInWhatComes) {
  listener.submit(plain);
  EXPECT_TRUE(listener.is_awaited());
  listener.hold(first);
  EXPECT_TRUE(first.is_permitted);
  EXPECT_FALSE(listener.is_awaited());
  EXPECT_EQ(take_told(), 0);  // nobody else can have it
  listener.hold(second);
  EXPECT_FALSE(second.is_permitted);
  establish(first);
  EXPECT_EQ(plain.accepted, &first.stream);
}

TEST_F(ConditionalListener, OneThatAsksIsHandedTheRequest) {
  plain.is_asking = true;
  listener.submit(plain);
  EXPECT_FALSE(listener.is_awaited());
  listener.hold(first);
  ASSERT_EQ(sink.finished.size(), 1u);
  EXPECT_EQ(plain.accepted, &first);
  EXPECT_EQ(plain.accepted->as_held(), &first);
  EXPECT_FALSE(first.is_permitted);
}

TEST_F(ConditionalListener, WhoLetOneInWaitsForThatOneAlone) {
  listener.hold(first);
  listener.submit(other);  // a plain one: the first is its own
  listener.hold(second);
  plain.is_asking = true;
  plain.accepted = listener.permit(*listener.try_take_held());
  ASSERT_EQ(plain.accepted, &second.stream);
  listener.submit(plain);
  establish(second);
  ASSERT_EQ(sink.finished.size(), 1u);
  EXPECT_EQ(sink.finished[0], &plain);
  establish(first);
  ASSERT_EQ(sink.finished.size(), 2u);
  EXPECT_EQ(other.accepted, &first.stream);
}

TEST_F(ConditionalListener, AFailedHandshakeIsToldToWhoAskedForItOnly) {
  plain.is_asking = true;
  listener.hold(first);
  plain.accepted = listener.permit(*listener.try_take_held());
  listener.submit(plain);
  lose(first);
  ASSERT_EQ(sink.finished.size(), 1u);
  EXPECT_EQ(plain.error, ErrorCode::kConnectionReset);
  EXPECT_EQ(plain.accepted, nullptr);
  listener.submit(other);
  listener.hold(second);
  lose(second);
  EXPECT_EQ(sink.finished.size(), 1u);  // it waits for another
  ScriptedHeld third;
  listener.hold(third);
  establish(third);
  EXPECT_EQ(other.accepted, &third.stream);
  EXPECT_EQ(listener.half_open_count(), 0u);
}

TEST_F(ConditionalListener, LetInWithoutWaitingItIsThereLater) {
  listener.hold(first);
  take_told();
  EXPECT_EQ(listener.permit(*listener.try_take_held()), &first.stream);
  EXPECT_EQ(listener.readiness(), 0);
  establish(first);
  EXPECT_EQ(take_told(), ready::kAccept);
  Transport* stream = listener.try_accept();
  EXPECT_EQ(stream, &first.stream);
  EXPECT_TRUE(Listener::is_decided(*stream));
}

TEST_F(ConditionalListener, CancelledAfterItLetOneInTheStreamIsForTheNext) {
  listener.hold(first);
  listener.submit(plain);
  listener.cancel(plain);
  EXPECT_EQ(plain.error, ErrorCode::kCancelled);
  EXPECT_EQ(plain.accepted, nullptr);
  listener.submit(other);
  establish(first);
  EXPECT_EQ(other.accepted, &first.stream);
}

TEST_F(ConditionalListener, APeerThatGoesIsForgotten) {
  listener.hold(first);
  first.fail(ErrorCode::kConnectionReset);
  first.tell(Instant{0});
  EXPECT_EQ(listener.held_count(), 0u);
  EXPECT_TRUE(first.is_orphan());
  listener.hold(second);
  HeldRequest* asked = listener.try_take_held();
  second.fail(ErrorCode::kConnectionReset);  // while the program is asked
  listener.put_back(Instant{0}, *asked);
  EXPECT_EQ(listener.held_count(), 0u);
  EXPECT_TRUE(second.is_orphan());
}

TEST_F(ConditionalListener, NoRoomForTheFirstLetsTheSecondIn) {
  first.has_room = false;
  listener.hold(first);
  listener.hold(second);
  listener.submit(plain);
  EXPECT_TRUE(second.is_permitted);
  establish(second);
  EXPECT_EQ(plain.accepted, &second.stream);
}

TEST_F(ConditionalListener, ClosingRefusesWhatIsHeld) {
  REQ("LFP-10");
  listener.hold(first);
  listener.submit(plain);
  listener.hold(second);
  listener.close(Instant{0});
  EXPECT_TRUE(second.is_refused);
  EXPECT_TRUE(second.is_orphan());
  EXPECT_TRUE(first.stream.is_over);
  EXPECT_TRUE(first.stream.is_detached);
  EXPECT_EQ(plain.error, ErrorCode::kCancelled);
  EXPECT_EQ(plain.accepted, nullptr);
}

TEST_F(ConditionalListener, AStreamThatComesOpenIsPromisedToWhoWaits) {
  listener.submit(plain);
  ASSERT_TRUE(listener.is_awaited());
  listener.admit_awaited(first.stream);
  listener.note_complete();
  establish(first);
  EXPECT_EQ(plain.accepted, &first.stream);
  EXPECT_TRUE(listener.may_complete());
}

}  // namespace
}  // namespace oriel::socket
