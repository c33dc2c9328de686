// Threads that wait at a completion port and drive the host meanwhile, beside blocked callers,
// other posters and the host's end. Real threads over a packet socket; no sleep decides an outcome.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/clock.h"
#include "runtime/completion_port.h"
#include "runtime/thread_record.h"
#include "stack/host_impl.h"
#include "stack/manual_pair_test.h"
#include "stack/native_requests.h"

namespace oriel::stack {
namespace {

using runtime::CompletionPacket;
using runtime::CompletionPort;

/// A receive whose end goes to a port, as an overlapped call's does.
struct PortedReceive final : socket::DatagramRequest, socket::CompletionSink {
  explicit PortedReceive(CompletionPort& to) : port(to) {
    sink = this;
    kind = Kind::kReceiveFrom;
    data = bytes;
    size = sizeof bytes;
  }
  void on_complete(socket::Request&) override {
    completer = std::this_thread::get_id();
    port.post({0, this, static_cast<std::uint32_t>(error), done});
  }
  CompletionPort& port;
  std::thread::id completer;
  std::uint8_t bytes[16]{};
};

class ParkedTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char directory[] = "/tmp/oriel_pk_XXXXXX";
    ASSERT_NE(::mkdtemp(directory), nullptr);
    directory_ = directory;
    UnixLinkOptions o;
    o.path = directory_ + "/link";
    o.is_listener = true;
    auto listening = open_unix_link(o).value();
    o.is_listener = false;
    auto connecting = open_unix_link(o).value();
    a = std::make_shared<HostImpl>(HostOptions{});
    a->start();
    a->let_parked_threads_drive();
    b = std::make_unique<Host>(Host::create().value());
    LinkOptions l;
    l.addresses = {Prefix::parse("10.0.0.1/24").value()};
    ASSERT_TRUE(a->add_link(std::move(listening), l).has_value());
    l.addresses = {Prefix::parse("10.0.0.2/24").value()};
    ASSERT_TRUE(b->add_link(std::move(connecting), l).has_value());
    peer = std::make_unique<UdpSocket>(b->open_udp(at("10.0.0.2:9")).value());
    echo_ = std::thread([this] { echo(); });
  }
  void TearDown() override {
    is_ending_ = true;
    echo_.join();
    peer.reset();
    for (socket::UdpSocket* s : opened_) {
      HostImpl::Turn turn(*a);
      turn->close_udp(s);
    }
    a->stop();
    b.reset();
    ::unlink((directory_ + "/link").c_str());
    ::rmdir(directory_.c_str());
  }

  /// b sends back whatever comes.
  void echo() {
    std::uint8_t buffer[16];
    UdpSocket& s = *peer;
    while (!is_ending_) {
      const auto got = s.receive_from(buffer, ms(20));
      if (!got) continue;
      (void)s.send_to(got->source, {buffer, got->bytes});  // in vain once the other host has ended
    }
  }

  socket::UdpSocket* open(const char* local) {
    HostImpl::Turn turn(*a);
    opened_.push_back(turn->open_udp(at(local)).value());
    return opened_.back();
  }
  void ask(socket::UdpSocket& socket) {
    const std::string text = "ask";
    HostImpl::Turn turn(*a);
    ASSERT_TRUE(socket.send_to(turn->now(), at("10.0.0.2:9"), view(text)).has_value());
  }
  void begin(socket::UdpSocket& socket, PortedReceive& receive) {
    HostImpl::Turn turn(*a);
    socket.submit(receive);
  }

  std::shared_ptr<HostImpl> a;
  std::unique_ptr<Host> b;
  std::unique_ptr<UdpSocket> peer;
  std::string directory_;
  std::vector<socket::UdpSocket*> opened_;  // the host's owner's
  std::atomic<bool> is_ending_{false};
  std::thread echo_;
};

PortedReceive* take(CompletionPort& port, Instant deadline = Instant::never()) {
  CompletionPacket packet;
  const auto got = port.get({&packet, 1}, deadline);
  return got.end == CompletionPort::End::kPackets ? static_cast<PortedReceive*>(packet.context)
                                                  : nullptr;
}

// The first round trips tell the thread that a host's work ends its waits; then it does that work.
TEST_F(ParkedTest, WhoWaitsAtAPortCompletesItsOwnRequests) {
  auto port = runtime::make_ref<CompletionPort>(1u);
  socket::UdpSocket* const s = open("10.0.0.1:7");
  bool has_driven = false;
  for (int i = 0; i < 100'000 && !has_driven; ++i) {
    PortedReceive receive(*port);
    begin(*s, receive);
    ask(*s);
    ASSERT_EQ(take(*port), &receive);
    ASSERT_EQ(receive.error, ErrorCode::kOk);
    ASSERT_EQ(receive.done, 3u);
    has_driven = receive.completer == std::this_thread::get_id();
  }
  EXPECT_TRUE(has_driven);
}

// Four threads at one port, two that block in calls, one that posts from outside: each request and
// each packet ends once, nobody sleeps for ever.
TEST_F(ParkedTest, StormOfParkedBlockedAndPosting) {
  constexpr int kServers = 4;
  constexpr int kRoundsOfEach = 300;
  constexpr int kPosts = 2000;
  auto port = runtime::make_ref<CompletionPort>(2u);
  std::atomic<int> served{0};
  std::atomic<int> posted_seen{0};
  std::vector<std::thread> threads;
  std::vector<std::unique_ptr<PortedReceive>> receives;
  std::vector<socket::UdpSocket*> sockets;
  for (int i = 0; i < kServers; ++i) {
    sockets.push_back(open(("10.0.0.1:" + std::to_string(100 + i)).c_str()));
    receives.push_back(std::make_unique<PortedReceive>(*port));
    receives.back()->id = static_cast<std::uint64_t>(i);
  }
  constexpr int kAll = kServers * kRoundsOfEach;
  for (int i = 0; i < kServers; ++i) {
    threads.emplace_back([&] {
      CompletionPacket packet;
      while (port->get({&packet, 1}, Instant::never()).end == CompletionPort::End::kPackets) {
        if (packet.context == nullptr) {
          if (++posted_seen == kPosts && served == kAll) port->close();
          continue;
        }
        auto& receive = *static_cast<PortedReceive*>(packet.context);
        socket::UdpSocket& s = *sockets[receive.id];
        if (++served == kAll && posted_seen == kPosts) port->close();
        receive.done = 0;
        begin(s, receive);
        ask(s);
      }
    });
  }
  for (int i = 0; i < kServers; ++i) {
    begin(*sockets[static_cast<std::size_t>(i)], *receives[static_cast<std::size_t>(i)]);
    ask(*sockets[static_cast<std::size_t>(i)]);
  }
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {  // blocked callers, who take the devices from the parked
      socket::UdpSocket* const s = open(("10.0.0.1:" + std::to_string(200 + i)).c_str());
      for (int round = 0; round < kRoundsOfEach; ++round) {
        std::uint8_t bytes[16];
        struct : socket::DatagramRequest {
        } request;
        request.kind = socket::Request::Kind::kReceiveFrom;
        request.data = bytes;
        request.size = sizeof bytes;
        HostImpl::Turn turn(*a);
        Blocked blocked(*a->runner());
        request.sink = &blocked;
        s->submit(request);
        const std::string text = "block";
        EXPECT_TRUE(s->send_to(turn->now(), at("10.0.0.2:9"), view(text)).has_value());
        a->runner()->wait(blocked, Instant::never());
        EXPECT_EQ(request.done, 5u);
      }
    });
  }
  for (int i = 0; i < kPosts; ++i) port->post({1, nullptr, 0, 0});
  for (std::thread& t : threads) t.join();
  EXPECT_GE(served, kAll);
  for (socket::UdpSocket* s : sockets) {  // what still waits ends before its memory goes
    HostImpl::Turn turn(*a);
    for (const auto& receive : receives) s->cancel(*receive);
  }
}

TEST_F(ParkedTest, AHostThatEndsLeavesThePortsWaitsAlone) {
  auto port = runtime::make_ref<CompletionPort>(1u);
  socket::UdpSocket* const s = open("10.0.0.1:7");
  std::atomic<bool> has_begun{false};
  std::atomic<bool> has_ended{false};
  std::thread waiter([&] {
    runtime::ThreadRecord::current().note_wait_ended(true);
    has_begun = true;
    EXPECT_EQ(take(*port), nullptr);  // that packet, once the thread sleeps at its word
    has_ended = true;
  });
  while (!has_begun) std::this_thread::yield();
  ask(*s);  // a moment in which the thread comes to drive, and packets for it
  a->stop();
  EXPECT_FALSE(has_ended);
  port->post({0, nullptr, 0, 0});
  waiter.join();
}

}  // namespace
}  // namespace oriel::stack
