// The fast path between real processes: who gets it, that bytes arrive and survive their sender,
// and death.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "child_process.h"
#include "oriel/process.h"
#include "support/req.h"

namespace oriel::loopback_test {
namespace {

Endpoint at(const std::string& text) {
  return Endpoint::parse(text).value();
}

std::string word(const Error& e) {
  return std::string(to_string(e.code));
}

/// Bytes that differ at every place where a stream could go wrong.
std::vector<std::uint8_t> pattern(std::size_t n) {
  std::vector<std::uint8_t> out(n);
  std::uint32_t x = 5;
  for (std::uint8_t& b : out) b = static_cast<std::uint8_t>((x = x * 1664525 + 1013904223) >> 24);
  return out;
}

bool is_asking(Talk& test) {
  return test.hear() == "ask";
}

/// Listens where the test says, with or without asking; gives one connection's bytes back after
/// another, and says which path each took.
void serve_echo(Talk& test) {
  Host host = Host::of_process().value();
  const Endpoint where = at(test.hear());
  ListenOptions options;
  options.tcp.is_loopback_fast_path = is_asking(test);
  auto listener = host.listen_tcp(where, options);
  if (!listener) return test.say(word(listener.error()));
  test.say(std::to_string(listener->local().port));
  for (;;) {
    auto socket = listener->accept();
    if (!socket) return;
    test.say(std::string(to_string(socket->info().path)));
    std::vector<std::uint8_t> buffer(300'000);
    for (;;) {
      const auto n = socket->receive(buffer);
      if (!n || *n == 0 || !socket->send(ByteView(buffer).first(*n))) break;
    }
    socket->close();
  }
}

/// Connects where the test says and sends as many bytes as it says; says the path and whether they
/// came back as they were.
void ask_echo(Talk& test) {
  Host host = Host::of_process().value();
  for (;;) {
    const std::string to = test.hear();
    if (to.empty()) return;
    TcpOptionsForSocket options;
    options.is_loopback_fast_path = is_asking(test);
    const auto bytes = pattern(std::stoul(test.hear()));
    TcpSocket socket = host.open_tcp(options).value();
    if (const auto r = socket.connect(at(to)); !r) {
      test.say(word(r.error()));
      continue;
    }
    test.say(std::string(to_string(socket.info().path_reason)));
    socket.async_send(bytes, [](const IoResult&) {});
    std::vector<std::uint8_t> got;
    std::vector<std::uint8_t> buffer(200'000);
    while (got.size() < bytes.size()) {
      const auto n = socket.receive(buffer);
      if (!n || *n == 0) break;
      got.insert(got.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*n));
    }
    test.say(got == bytes ? "same" : "other");
    socket.close();
  }
}

class FastProcesses : public ProcessesTest {
 protected:
  /// Starts to listen; the port.
  static std::string listening(ChildProcess& server, const std::string& where, bool is_asking) {
    server.talk.say(where);
    server.talk.say(is_asking ? "ask" : "-");
    return server.talk.hear();
  }
  static void ask(ChildProcess& client, const std::string& to, bool is_asking, std::size_t bytes) {
    client.talk.say(to);
    client.talk.say(is_asking ? "ask" : "-");
    client.talk.say(std::to_string(bytes));
  }
};

TEST_F(FastProcesses, BothAskedAndTheBytesComeBack) {
  REQ("LFP-3");
  for (const std::string host : {"127.0.0.1", "[::1]"}) {
    ChildProcess server(serve_echo);
    ChildProcess client(ask_echo);
    const std::string port = listening(server, host + ":0", true);
    for (const std::size_t bytes : {1u, 64u, 3'000'000u}) {
      ask(client, host + ":" + port, true, bytes);
      EXPECT_EQ(server.talk.hear(), "fast");
      EXPECT_EQ(client.talk.hear(), to_string(PathReason::kFast));
      EXPECT_EQ(client.talk.hear(), "same");
    }
    server.kill();
  }
}

TEST_F(FastProcesses, OneEndThatDidNotAskMeansSegments) {
  REQ("LFP-4");
  ChildProcess server(serve_echo);
  ChildProcess client(ask_echo);
  const std::string to = "127.0.0.1:" + listening(server, "127.0.0.1:0", false);
  ask(client, to, true, 100'000);
  EXPECT_EQ(server.talk.hear(), "loopback");
  EXPECT_EQ(client.talk.hear(), to_string(PathReason::kListenerDidNotAsk));
  EXPECT_EQ(client.talk.hear(), "same");
  ask(client, to, false, 100'000);
  EXPECT_EQ(server.talk.hear(), "loopback");
  EXPECT_EQ(client.talk.hear(), to_string(PathReason::kConnectorDidNotAsk));
  EXPECT_EQ(client.talk.hear(), "same");
  server.kill();
}

TEST_F(FastProcesses, NobodyListensIsARefusal) {
  ChildProcess server(serve_echo);
  ChildProcess client(ask_echo);
  const std::string port = listening(server, "127.0.0.1:0", true);
  ask(client, "127.0.0.1:" + port, true, 5);
  EXPECT_EQ(server.talk.hear(), "fast");
  EXPECT_EQ(client.talk.hear(), to_string(PathReason::kFast));
  EXPECT_EQ(client.talk.hear(), "same");
  server.kill();
  (void)server.wait_end();
  ask(client, "127.0.0.1:" + port, true, 5);
  EXPECT_EQ(client.talk.hear(), to_string(ErrorCode::kConnectionRefused));
}

/// Connects, says so, and waits for what becomes of it.
void wait_for_the_end(Talk& test) {
  Host host = Host::of_process().value();
  TcpOptionsForSocket options;
  options.is_loopback_fast_path = true;
  TcpSocket socket = host.open_tcp(options).value();
  if (!socket.connect(at(test.hear()))) return test.say("not connected");
  test.say("connected");
  std::uint8_t byte = 0;
  const auto n = socket.receive({&byte, 1});
  test.say(n ? "end" : word(n.error()));
}

TEST_F(FastProcesses, TheDeathOfAPeerIsAReset) {
  REQ("LFP-11");
  ChildProcess server(serve_echo);
  ChildProcess client(wait_for_the_end);
  client.talk.say("127.0.0.1:" + listening(server, "127.0.0.1:0", true));
  EXPECT_EQ(client.talk.hear(), "connected");
  EXPECT_EQ(server.talk.hear(), "fast");
  server.kill();
  EXPECT_EQ(client.talk.hear(), to_string(ErrorCode::kConnectionReset));
}

constexpr std::size_t kLeftBytes = 200'000;

/// Sends, closes, and is gone.
void send_and_go(Talk& test) {
  {
    Host host = Host::of_process().value();
    TcpOptionsForSocket options;
    options.is_loopback_fast_path = true;
    TcpSocket socket = host.open_tcp(options).value();
    if (!socket.connect(at(test.hear()))) return test.say("not connected");
    if (!socket.send(pattern(kLeftBytes))) return test.say("not sent");
    socket.close();
  }
  test.say("gone");
}

/// Accepts, and reads when the test says so.
void read_late(Talk& test) {
  Host host = Host::of_process().value();
  ListenOptions options;
  options.tcp.is_loopback_fast_path = true;
  TcpListener listener = host.listen_tcp(at("127.0.0.1:0"), options).value();
  test.say(std::to_string(listener.local().port));
  TcpSocket socket = listener.accept().value();
  (void)test.hear();
  std::vector<std::uint8_t> got;
  std::vector<std::uint8_t> buffer(10'000);
  for (;;) {
    const auto n = socket.receive(buffer);
    if (!n) return test.say(word(n.error()));
    if (*n == 0) break;
    got.insert(got.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*n));
  }
  test.say(got == pattern(kLeftBytes) ? "all" : "not all");
}

TEST_F(FastProcesses, WhatWasSentOutlivesTheSender) {
  REQ("LFP-11");
  ChildProcess reader(read_late);
  ChildProcess sender(send_and_go);
  sender.talk.say("127.0.0.1:" + reader.talk.hear());
  EXPECT_EQ(sender.talk.hear(), "gone");
  (void)sender.wait_end();
  reader.talk.say("read");
  EXPECT_EQ(reader.talk.hear(), "all");
}

/// Sends for ever.
void send_for_ever(Talk& test) {
  Host host = Host::of_process().value();
  TcpOptionsForSocket options;
  options.is_loopback_fast_path = true;
  TcpSocket socket = host.open_tcp(options).value();
  if (!socket.connect(at(test.hear()))) return test.say("not connected");
  test.say("connected");
  const auto bytes = pattern(50'000);
  while (socket.send(bytes)) {
  }
}

/// Reads until the end or an error, and checks every byte.
void read_for_ever(Talk& test) {
  Host host = Host::of_process().value();
  ListenOptions options;
  options.tcp.is_loopback_fast_path = true;
  TcpListener listener = host.listen_tcp(at("127.0.0.1:0"), options).value();
  test.say(std::to_string(listener.local().port));
  const auto bytes = pattern(50'000);
  std::vector<std::uint8_t> buffer(30'000);
  for (;;) {
    TcpSocket socket = listener.accept().value();
    test.say("accepted");
    std::size_t place = 0;
    bool is_good = true;
    for (;;) {
      const auto n = socket.receive(buffer);
      if (!n || *n == 0) {
        test.say((is_good ? "good " : "bad ") + (n ? std::string("end") : word(n.error())));
        break;
      }
      for (std::size_t i = 0; i < *n; ++i) {
        is_good = is_good && buffer[i] == bytes[place];
        place = (place + 1) % bytes.size();
      }
    }
  }
}

TEST_F(FastProcesses, SendersThatAreKilledAtAnyInstantLeaveGoodBytesAndAReset) {
  REQ("LFP-11");
  ChildProcess reader(read_for_ever);
  const std::string to = "127.0.0.1:" + reader.talk.hear();
  for (int i = 0; i < 20; ++i) {
    ChildProcess sender(send_for_ever);
    sender.talk.say(to);
    EXPECT_EQ(sender.talk.hear(), "connected");
    EXPECT_EQ(reader.talk.hear(), "accepted");  // one that dies before is accepted by nobody
    for (int k = 0; k < i * 40'000; ++k) asm volatile("" ::: "memory");  // an instant
    sender.kill();
    EXPECT_EQ(reader.talk.hear(), "good connection reset");
  }
  reader.kill();
}

}  // namespace
}  // namespace oriel::loopback_test
