// SO_CONDITIONAL_ACCEPT's ground: a SYN that is held until the program decides, as the peer sees
// it. Two hosts on virtual time, their packets moved by hand; and both ends of a fast connection
// within one host.
#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "stack/host_impl.h"
#include "stack/manual_pair_test.h"
#include "support/req.h"

namespace oriel::stack {
namespace {

constexpr const char* kWhere = "10.0.0.2:80";

HostOptions manual(std::uint64_t seed) {
  HostOptions o;
  o.is_manual = true;
  o.seed = seed;
  return o;
}

/// A connect of the peer's. Its handler may run after it.
struct Attempt {
  explicit Attempt(Host& host) : socket(host.open_tcp().value()) {
    socket.async_connect(at(kWhere), [kept = kept](IoResult r) { *kept = r.error; });
  }
  const std::shared_ptr<ErrorCode> kept = std::make_shared<ErrorCode>(ErrorCode::kInProgress);
  const ErrorCode& outcome = *kept;
  TcpSocket socket;
};

class HeldSyns : public ::testing::Test {
 protected:
  HeldSyns() {
    a_link = a.add_packet_link(device(1), addresses("10.0.0.1/24")).value();
    b_link = b->add_packet_link(device(2), addresses("10.0.0.2/24")).value();
    HostImpl::Turn turn(*b);
    listener = turn->make_listener(turn->bind_tcp(at(kWhere)).value(), 2, {}, false);
    listener->set_conditional(true);
  }
  ~HeldSyns() override { close(); }
  void close() {
    if (listener == nullptr) return;
    HostImpl::Turn turn(*b);
    turn->close_listener(std::exchange(listener, nullptr));
  }
  static DeviceInfo device(std::uint8_t last) {
    DeviceInfo d;
    d.name = "cable";
    d.mac = {{2, 0, 0, 0, 0, last}};
    return d;
  }
  static LinkOptions addresses(const char* v4) {
    LinkOptions o;
    o.addresses = {Prefix::parse(v4).value()};
    return o;
  }
  /// Moves packets until none is under way. No time passes.
  void exchange() {
    for (bool is_any = true; is_any;) {
      is_any = false;
      a.advance(now);
      b->advance(now);
      while (auto p = a.take(a_link)) {
        is_any = true;
        ++from_a;
        last_from_a.assign(p->bytes.begin(), p->bytes.end());
        if (!is_a_silent) b->inject(b_link, last_from_a, p->offload);
      }
      while (const PacketLink::Packet* p = b->take(b_link)) {
        is_any = true;
        ++from_b;
        const std::vector<std::uint8_t> bytes = p->bytes;
        a.inject(a_link, bytes, p->offload);
      }
    }
  }
  void pass(Duration length) {
    const Instant end = now + length;
    for (;;) {
      exchange();
      const Instant next = earlier(a.next_deadline(), b->next_deadline());
      if (next > end) break;
      now = std::max(now, next);
    }
    now = end;
    exchange();
  }
  socket::HeldRequest* take() {
    HostImpl::Turn turn(*b);
    return listener->try_take_held();
  }
  socket::Transport* permit(socket::HeldRequest& held) {
    HostImpl::Turn turn(*b);
    return listener->permit(held);
  }
  /// A RST of the peer's, `after` its last SYN.
  void inject_reset(std::uint32_t after) {
    constexpr std::size_t kTcp = 20;
    std::vector<std::uint8_t> rst(last_from_a.begin(), last_from_a.begin() + kTcp + 20);
    store_be16(rst.data() + 2, static_cast<std::uint16_t>(rst.size()));
    store_be16(rst.data() + 10, 0);
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < kTcp; i += 2) sum += load_be16(rst.data() + i);
    sum = (sum & 0xffff) + (sum >> 16);
    store_be16(rst.data() + 10, static_cast<std::uint16_t>(~((sum & 0xffff) + (sum >> 16))));
    store_be32(rst.data() + kTcp + 4, load_be32(rst.data() + kTcp + 4) + after);
    rst[kTcp + 12] = 5 << 4;
    rst[kTcp + 13] = 0x04;
    Offload offload;
    offload.checksum = Offload::Checksum::kVerified;
    b->inject(b_link, rst, offload);
    exchange();
  }

  Instant now;
  Host a = Host::create(manual(1)).value();
  const std::shared_ptr<HostImpl> b = std::make_shared<HostImpl>(manual(2));
  LinkId a_link = 0;
  LinkId b_link = 0;
  socket::Listener* listener = nullptr;
  std::size_t from_a = 0;
  std::size_t from_b = 0;
  bool is_a_silent = false;
  std::vector<std::uint8_t> last_from_a;
};

TEST_F(HeldSyns, NothingIsAnsweredBeforeTheProgramDecides) {
  REQ("LFP-10");
  Attempt attempt(a);
  exchange();
  EXPECT_EQ(from_a, 1u);
  EXPECT_EQ(from_b, 0u);
  EXPECT_EQ(listener->readiness(), socket::ready::kAccept);
  EXPECT_EQ(b->core().statistics().tcp_connections, 0u);
  EXPECT_EQ(attempt.outcome, ErrorCode::kInProgress);
  socket::HeldRequest* held = take();
  ASSERT_NE(held, nullptr);
  EXPECT_EQ(held->local(), at(kWhere));
  EXPECT_EQ(held->remote(), attempt.socket.info().local);
  ASSERT_NE(permit(*held), nullptr);
  exchange();
  EXPECT_EQ(attempt.outcome, ErrorCode::kOk);
  EXPECT_EQ(listener->ready_count(), 1u);
  EXPECT_EQ(attempt.socket.try_send(view("hello")).value(), 5u);
  exchange();
  HostImpl::Turn turn(*b);
  socket::Transport* stream = listener->try_accept();
  ASSERT_NE(stream, nullptr);
  EXPECT_EQ(stream->readable_bytes(), 5u);
  turn->refuse(*stream);
}

TEST_F(HeldSyns, OneThatIsRefusedHearsThatNobodyListens) {
  REQ("LFP-10");
  Attempt attempt(a);
  exchange();
  {
    socket::HeldRequest* held = take();
    HostImpl::Turn turn(*b);
    turn->refuse(*held);
  }
  exchange();
  EXPECT_EQ(from_b, 1u);
  EXPECT_EQ(attempt.outcome, ErrorCode::kConnectionRefused);
}

TEST_F(HeldSyns, ASynThatComesAgainChangesNothing) {
  REQ("LFP-10");
  Attempt attempt(a);
  pass(std::chrono::seconds(8));
  EXPECT_GE(from_a, 3u);
  EXPECT_EQ(from_b, 0u);
  EXPECT_EQ(listener->held_count(), 1u);
  ASSERT_NE(permit(*take()), nullptr);
  exchange();
  EXPECT_EQ(attempt.outcome, ErrorCode::kOk);
  EXPECT_EQ(listener->held_count(), 0u);
}

TEST_F(HeldSyns, NeitherDoesOneWhileTheProgramIsAsked) {
  Attempt attempt(a);
  exchange();
  socket::HeldRequest* asked = take();
  pass(std::chrono::seconds(4));
  EXPECT_GE(from_a, 2u);
  EXPECT_EQ(listener->held_count(), 0u);
  EXPECT_EQ(listener->readiness(), 0);
  ASSERT_NE(permit(*asked), nullptr);
  exchange();
  EXPECT_EQ(attempt.outcome, ErrorCode::kOk);
}

TEST_F(HeldSyns, TheBacklogBoundsThem) {
  REQ("LFP-10");
  Attempt first(a), second(a), third(a);
  exchange();
  EXPECT_EQ(listener->held_count(), 2u);
  EXPECT_EQ(b->core().statistics().tcp_syn_drops, 1u);
  {
    socket::HeldRequest* held = take();
    HostImpl::Turn turn(*b);
    turn->refuse(*held);
  }
  pass(std::chrono::seconds(4));  // the third comes again
  EXPECT_EQ(first.outcome, ErrorCode::kConnectionRefused);
  EXPECT_EQ(listener->held_count(), 2u);
}

TEST_F(HeldSyns, ClosingTheListenerRefusesThem) {
  REQ("LFP-10");
  Attempt first(a), second(a);
  exchange();
  close();
  exchange();
  EXPECT_EQ(first.outcome, ErrorCode::kConnectionRefused);
  EXPECT_EQ(second.outcome, ErrorCode::kConnectionRefused);
  EXPECT_EQ(b->next_deadline(), Instant::never());  // no timer is left
}

TEST_F(HeldSyns, AResetThatFollowsTheSynDropsItsRequest) {
  REQ("LFP-10");
  Attempt attempt(a);
  exchange();
  for (const std::uint32_t wrong : {0u, 2u, 1000u}) {
    inject_reset(wrong);
    EXPECT_EQ(listener->held_count(), 1u);
  }
  inject_reset(1);
  EXPECT_EQ(listener->held_count(), 0u);
  EXPECT_EQ(listener->readiness(), 0);
  EXPECT_EQ(from_b, 0u);
}

TEST_F(HeldSyns, OneThatGoesWhileTheProgramIsAskedCannotBeLetIn) {
  Attempt attempt(a);
  exchange();
  socket::HeldRequest* asked = take();
  inject_reset(1);
  EXPECT_TRUE(asked->has_ended());
  EXPECT_EQ(permit(*asked), nullptr);
  exchange();
  EXPECT_EQ(from_b, 0u);
}

TEST_F(HeldSyns, APeerThatFallsSilentIsDroppedInTime) {
  REQ("LFP-10");
  Attempt attempt(a);
  exchange();
  is_a_silent = true;
  pass(kHeldSilenceMax - ms(1));
  EXPECT_EQ(listener->held_count(), 1u);
  pass(ms(2));
  EXPECT_EQ(listener->held_count(), 0u);
  EXPECT_EQ(from_b, 0u);
}

TEST_F(HeldSyns, ALinkThatGoesTakesThemAlong) {
  Attempt attempt(a);
  exchange();
  {
    HostImpl::Turn turn(*b);
    ASSERT_TRUE(turn->remove_link(b_link));
  }
  EXPECT_EQ(listener->held_count(), 0u);
}

TEST_F(HeldSyns, TheEndOfTheHostRefusesThem) {
  Attempt attempt(a);
  exchange();
  socket::HeldRequest* asked = take();
  {
    HostImpl::Turn turn(*b);
    turn->shut_down(ErrorCode::kConnectionAborted);
  }
  EXPECT_TRUE(asked->has_ended());
  EXPECT_EQ(permit(*asked), nullptr);
}

TEST_F(HeldSyns, WithoutTheModeASynIsAnsweredAtOnce) {
  listener->set_conditional(false);
  Attempt attempt(a);
  exchange();
  EXPECT_EQ(attempt.outcome, ErrorCode::kOk);
  EXPECT_EQ(listener->ready_count(), 1u);
}

// --- fast connections within one host

class HeldPipes : public ::testing::Test {
 protected:
  HeldPipes() {
    HostImpl::Turn turn(*host);
    listener = turn->make_listener(turn->bind_tcp(at("127.0.0.1:80")).value(), 2, {}, false);
    listener->set_conditional(true);
    listener->set_fast_path(true);
  }
  ~HeldPipes() override {
    HostImpl::Turn turn(*host);
    for (socket::StreamSocket* s : sockets) turn->close_socket(s);
    if (listener != nullptr) turn->close_listener(listener);
  }
  socket::StreamSocket& connect() {
    HostImpl::Turn turn(*host);
    ConnectSpec spec;
    spec.remote = at("127.0.0.1:80");
    spec.is_fast_path_asked = true;
    socket::StreamSocket* s = turn->make_socket();
    s->attach(**turn->connect(spec));
    sockets.push_back(s);
    return *s;
  }
  TcpInfo info(const socket::StreamSocket& s) const {
    TcpInfo i;
    s.transport()->fill_info(host->core().now(), i);
    return i;
  }

  const std::shared_ptr<HostImpl> host = std::make_shared<HostImpl>(manual(3));
  socket::Listener* listener = nullptr;
  std::vector<socket::StreamSocket*> sockets;
};

TEST_F(HeldPipes, NothingIsConnectedBeforeTheProgramDecides) {
  REQ("LFP-10");
  socket::StreamSocket& client = connect();
  host->advance(host->core().now());
  EXPECT_FALSE(client.transport()->is_connected());
  EXPECT_EQ(info(client).state, TcpState::kSynSent);
  EXPECT_EQ(listener->readiness(), socket::ready::kAccept);
  {
    HostImpl::Turn turn(*host);
    ASSERT_NE(listener->permit(*listener->try_take_held()), nullptr);
  }
  EXPECT_TRUE(client.transport()->is_connected());
  EXPECT_EQ(info(client).path, ConnectionPath::kFast);
  EXPECT_EQ(listener->ready_count(), 1u);
  EXPECT_TRUE(listener->may_complete());
  const HostStatistics s = host->core().statistics();
  EXPECT_EQ(s.packets_out, 0u);
  EXPECT_EQ(s.fast_path_opens, 1u);
}

TEST_F(HeldPipes, RefusedAndClosedOnesAreRefused) {
  REQ("LFP-10");
  const socket::StreamSocket& first = connect();
  const socket::StreamSocket& second = connect();
  {
    HostImpl::Turn turn(*host);
    turn->refuse(*listener->try_take_held());
  }
  EXPECT_EQ(first.transport()->error(), ErrorCode::kConnectionRefused);
  EXPECT_FALSE(second.transport()->has_ended());
  {
    HostImpl::Turn turn(*host);
    turn->close_listener(std::exchange(listener, nullptr));
  }
  EXPECT_EQ(second.transport()->error(), ErrorCode::kConnectionRefused);
  EXPECT_EQ(host->core().statistics().packets_out, 0u);
}

TEST_F(HeldPipes, AConnectThatIsGivenUpLeavesTheQueue) {
  REQ("LFP-10");
  connect();
  HostImpl::Turn turn(*host);
  EXPECT_EQ(listener->held_count(), 1u);
  turn->close_socket(sockets.back());
  sockets.pop_back();
  EXPECT_EQ(listener->held_count(), 0u);
}

TEST_F(HeldPipes, AConnectLastsAsLongAsOneThatRepeatsItsSyn) {
  const socket::StreamSocket& client = connect();
  const Instant end = host->next_deadline();
  EXPECT_GT(end, host->core().now() + std::chrono::seconds(10));
  host->advance(end);
  EXPECT_EQ(client.transport()->error(), ErrorCode::kTimedOut);
  EXPECT_EQ(listener->held_count(), 0u);
}

TEST_F(HeldPipes, AnAcceptThatWaitsLetsItInAtOnce) {
  struct Accept final : socket::Request, socket::CompletionSink {
    Accept() {
      kind = Kind::kAccept;
      sink = this;
    }
    void on_complete(socket::Request&) override { is_done = true; }
    bool is_done = false;
  } accept;
  {
    HostImpl::Turn turn(*host);
    listener->submit(accept);
  }
  const socket::StreamSocket& first = connect();
  const socket::StreamSocket& second = connect();
  EXPECT_TRUE(accept.is_done);
  EXPECT_TRUE(first.transport()->is_connected());
  EXPECT_FALSE(second.transport()->is_connected());
  HostImpl::Turn turn(*host);
  turn->refuse(*accept.accepted);
}

TEST_F(HeldPipes, TheEndOfTheHostEndsBothEnds) {
  const socket::StreamSocket& client = connect();
  HostImpl::Turn turn(*host);
  turn->shut_down(ErrorCode::kConnectionAborted);
  EXPECT_TRUE(client.transport()->has_ended());
  EXPECT_EQ(listener->held_count(), 0u);
}

}  // namespace
}  // namespace oriel::stack
