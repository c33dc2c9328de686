// The record of one socket, event by event.
#include "winsock/network_events.h"

#include <gtest/gtest.h>

namespace oriel::winsock {
namespace {

struct NetworkEventsTest : ::testing::Test {
  bool was_told() { return event->it.reset(); }
  NetworkEvents events;
  NetworkEvents::EventRef event = win32::make_ref<win32::EventObject>(true, false);
};

TEST_F(NetworkEventsTest, AnEventIsRecordedOnceUntilItsFunctionIsCalled) {
  events.select(FD_READ | FD_CLOSE, event);
  EXPECT_FALSE(was_told());
  events.record(FD_READ);
  EXPECT_TRUE(was_told());
  EXPECT_EQ(events.take().events, FD_READ);
  events.record(FD_READ);
  EXPECT_FALSE(was_told()) << "no receive was called since";
  EXPECT_EQ(events.take().events, 0);
  events.rearm(FD_READ, FD_READ);
  EXPECT_TRUE(was_told()) << "bytes are left";
  EXPECT_EQ(events.take().events, FD_READ);
  events.rearm(FD_READ, 0);
  EXPECT_FALSE(was_told());
  events.record(FD_READ);
  EXPECT_TRUE(was_told());
}

TEST_F(NetworkEventsTest, WhatAReceiveTookIsNotAnnounced) {
  events.select(FD_READ, event);
  events.record(FD_READ);
  events.rearm(FD_READ, 0);
  EXPECT_EQ(events.take().events, 0);
}

TEST_F(NetworkEventsTest, WritesAreEdges) {
  events.select(FD_WRITE, event);
  events.record(FD_WRITE);
  EXPECT_EQ(events.take().events, FD_WRITE);
  events.record(FD_WRITE);
  EXPECT_EQ(events.take().events, 0) << "no send was refused";
  events.rearm(FD_WRITE, FD_WRITE);
  EXPECT_EQ(events.take().events, 0) << "the refusal is not the event";
  events.record(FD_WRITE);
  EXPECT_EQ(events.take().events, FD_WRITE);
}

TEST_F(NetworkEventsTest, SelectingLateTellsWhatHappenedOnce) {
  events.record(FD_CONNECT, WSAECONNREFUSED);
  EXPECT_EQ(events.take().events, 0) << "nobody asked; and it is kept";
  events.select(FD_CONNECT | FD_READ, event);
  EXPECT_TRUE(was_told());
  const auto taken = events.take();
  EXPECT_EQ(taken.events, FD_CONNECT);
  EXPECT_EQ(taken.errors[FD_CONNECT_BIT], WSAECONNREFUSED);
  EXPECT_EQ(taken.errors[FD_CLOSE_BIT], 0);
  events.select(0, {});
  events.select(FD_CONNECT, event);
  EXPECT_FALSE(was_told());
  EXPECT_TRUE(events.is_selecting());
  events.reset();
  events.record(FD_CONNECT);
  EXPECT_TRUE(was_told()) << "another attempt";
  EXPECT_EQ(events.take().errors[FD_CONNECT_BIT], 0);
}

TEST_F(NetworkEventsTest, NothingSelectedSetsNothing) {
  events.select(FD_ACCEPT, event);
  events.record(FD_CLOSE, WSAECONNRESET);
  EXPECT_FALSE(was_told());
  events.select(0, event);
  events.record(FD_ACCEPT);
  EXPECT_FALSE(was_told());
  EXPECT_FALSE(events.is_selecting());
}

TEST_F(NetworkEventsTest, AcceptedSocketsHearWhatTheListeningOneDoes) {
  events.select(FD_READ | FD_ACCEPT, event);
  NetworkEvents accepted;
  accepted.inherit(events);
  accepted.record(FD_READ);
  EXPECT_TRUE(was_told());
  EXPECT_EQ(accepted.take().events, FD_READ);
  EXPECT_EQ(events.take().events, 0);
}

}  // namespace
}  // namespace oriel::winsock
