// Fast connections between processes that wait for the listening program's decision: the other
// process's connect ends with it, and with the death of either.
#include <string>

#include "child_process.h"
#include "oriel/process.h"
#include "stack/process_host.h"
#include "support/req.h"

namespace oriel::loopback_test {
namespace {

using stack::HostImpl;

/// Connects where the test says, asking for the fast path; says how that ended, and then the path.
void connect_fast(Talk& test) {
  Host host = Host::of_process().value();
  TcpOptionsForSocket options;
  options.is_loopback_fast_path = true;
  for (;;) {
    const std::string to = test.hear();
    if (to.empty()) return;
    TcpSocket socket = host.open_tcp(options).value();
    const auto r = socket.connect(Endpoint::parse(to).value());
    test.say(r ? std::string(to_string(socket.info().path))
               : std::string(to_string(r.error().code)));
    if (test.hear().empty()) return;
  }
}

/// A listener in conditional mode, in this process.
class Deciding {
 public:
  explicit Deciding(HostImpl& host) : host_(host) {
    HostImpl::Turn turn(host_);
    const Endpoint any = Endpoint::parse("127.0.0.1:0").value();
    listener_ = turn->make_listener(turn->bind_tcp(any).value(), 5, {}, false);
    listener_->set_conditional(true);
    listener_->set_fast_path(true);
  }
  ~Deciding() {
    HostImpl::Turn turn(host_);
    turn->close_listener(listener_);
  }
  std::string where() const { return "127.0.0.1:" + std::to_string(listener_->local().port); }
  /// The next request.
  socket::HeldRequest& wait() {
    HostImpl::Turn turn(host_);
    return *submit(nullptr)->as_held();
  }
  void refuse(socket::HeldRequest& held) {
    HostImpl::Turn turn(host_);
    turn->refuse(held);
  }
  /// Lets it in and closes the connection.
  void permit(socket::HeldRequest& held) {
    HostImpl::Turn turn(host_);
    socket::Transport* stream = listener_->permit(held);
    ASSERT_NE(stream, nullptr);
    socket::Transport* accepted = submit(stream);
    ASSERT_EQ(accepted, stream);
    accepted->close(turn->now());
    accepted->detach(turn->now());
  }

 private:
  struct Accept final : socket::Request {};
  socket::Transport* submit(socket::Transport* let_in) {
    Accept accept;
    accept.kind = socket::Request::Kind::kAccept;
    accept.is_asking = true;
    accept.accepted = let_in;
    stack::Blocked blocked(*host_.runner());
    accept.sink = &blocked;
    listener_->submit(accept);
    host_.runner()->wait(blocked, Instant::never());
    return accept.accepted;
  }

  HostImpl& host_;
  socket::Listener* listener_ = nullptr;
};

/// Decides on each request as the test says.
void decide(Talk& test) {
  if (!stack::ProcessHost::acquire()) return test.say("no host");
  {
    Deciding deciding(stack::ProcessHost::host());
    test.say(deciding.where());
    for (;;) {
      socket::HeldRequest& held = deciding.wait();
      test.say("held");
      const std::string word = test.hear();
      if (word == "permit") {
        deciding.permit(held);
      } else {
        deciding.refuse(held);
      }
      if (word.empty() || word == "end") break;
    }
  }
  stack::ProcessHost::release();
}

class ConditionalProcesses : public ProcessesTest {};

TEST_F(ConditionalProcesses, TheOtherProcessWaitsForTheDecision) {
  REQ("LFP-10");
  ChildProcess server(decide);
  ChildProcess client(connect_fast);
  const std::string where = server.talk.hear();
  for (const std::string word : {"permit", "refuse", "permit"}) {
    client.talk.say(where);
    ASSERT_EQ(server.talk.hear(), "held");
    server.talk.say(word);
    EXPECT_EQ(client.talk.hear(), word == "permit" ? to_string(ConnectionPath::kFast)
                                                   : to_string(ErrorCode::kConnectionRefused));
    client.talk.say("go on");
  }
  server.kill();  // it waits for another
}

TEST_F(ConditionalProcesses, AListenerThatDiesOrClosesRefuses) {
  REQ("LFP-10");
  for (const bool is_killed : {true, false}) {
    ChildProcess server(decide);
    ChildProcess client(connect_fast);
    client.talk.say(server.talk.hear());
    ASSERT_EQ(server.talk.hear(), "held");
    if (is_killed) {
      server.kill();
    } else {
      server.talk.say("end");
    }
    EXPECT_EQ(client.talk.hear(), to_string(ErrorCode::kConnectionRefused));
  }
}

// The request whose connector has died is over; the listener goes on.
TEST_F(ConditionalProcesses, AConnectorThatDiesIsForgotten) {
  REQ("LFP-10");
  ChildProcess server(decide);
  const std::string where = server.talk.hear();
  {
    ChildProcess client(connect_fast);
    client.talk.say(where);
    ASSERT_EQ(server.talk.hear(), "held");
    client.kill();
  }
  server.talk.say("refuse");
  ChildProcess client(connect_fast);
  client.talk.say(where);
  ASSERT_EQ(server.talk.hear(), "held");
  server.talk.say("permit");
  EXPECT_EQ(client.talk.hear(), to_string(ConnectionPath::kFast));
  server.kill();
}

}  // namespace
}  // namespace oriel::loopback_test
