// One loopback for several real processes: ports, both protocols and families, and death.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "child_process.h"
#include "oriel/process.h"
#include "oriel/stat.h"
#include "support/req.h"

namespace oriel::loopback_test {
namespace {

Endpoint at(const std::string& text) {
  return Endpoint::parse(text).value();
}

ByteView view(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

std::string word(const Error& e) {
  return std::string(to_string(e.code));
}

/// Everything up to the end of the stream, or the error that came first.
std::string drain(TcpSocket& s) {
  std::string all;
  for (;;) {
    std::uint8_t buffer[65536];
    const auto n = s.receive(buffer);
    if (!n) return all + '!' + word(n.error());
    if (*n == 0) return all;
    all.append(reinterpret_cast<const char*>(buffer), *n);
  }
}

/// Listens on the endpoint that the test says, and gives each connection's bytes back.
void serve_echo(Talk& test) {
  Host host = Host::of_process().value();
  auto listener = host.listen_tcp(at(test.hear()));
  if (!listener) return test.say(word(listener.error()));
  test.say("port " + std::to_string(listener->local().port));
  for (;;) {
    auto socket = listener->accept();
    if (!socket) return;
    std::uint8_t buffer[65536];
    for (;;) {
      const auto n = socket->receive(buffer);
      if (!n || *n == 0 || !socket->send({buffer, *n})) break;
    }
    socket->close();
  }
}

/// Connects to the endpoint that the test says, sends as many bytes as it says, reads them back.
void ask_echo(Talk& test) {
  Host host = Host::of_process().value();
  for (;;) {
    const std::string to = test.hear();
    if (to.empty()) return;
    const std::string bytes(std::stoul(test.hear()), 'x');
    TcpSocket socket = host.open_tcp().value();
    if (const auto r = socket.connect(at(to)); !r) {
      test.say(word(r.error()));
      continue;
    }
    std::size_t got = 0;
    bool is_sent = false;
    socket.async_send(view(bytes), [&](const IoResult& r) { is_sent = r.error == ErrorCode::kOk; });
    std::vector<std::uint8_t> buffer(1 << 20);
    while (got < bytes.size()) {
      const auto n = socket.receive(buffer);
      if (!n || *n == 0) break;
      got += *n;
    }
    socket.shutdown_send();
    test.say(drain(socket).empty() ? std::to_string(got) : "rest");
  }
}

std::string port_of(const std::string& answer) {
  return answer.substr(answer.find(' ') + 1);
}

TEST_F(ProcessesTest, ConnectAndExchangeBytesInBothFamilies) {
  REQ("LFP-3");
  for (const std::string address : {"127.0.0.1", "[::1]"}) {
    ChildProcess server(serve_echo);
    server.talk.say(address + ":0");
    const std::string port = port_of(server.talk.hear());
    ChildProcess client(ask_echo);
    for (const std::string bytes : {"1", "1000", "10000000"}) {
      client.talk.say(address + ':' + port);
      client.talk.say(bytes);
      EXPECT_EQ(client.talk.hear(), bytes);
    }
    server.kill();
  }
}

TEST_F(ProcessesTest, WildcardIsReachedByEveryLoopbackAddress) {
  REQ("LFP-3");
  ChildProcess server(serve_echo);
  server.talk.say("[::]:0");
  const std::string port = port_of(server.talk.hear());
  ChildProcess client(ask_echo);
  for (const std::string address : {"127.0.0.1:", "127.1.2.3:", "[::1]:"}) {
    client.talk.say(address + port);
    client.talk.say("5");
    EXPECT_EQ(client.talk.hear(), "5");
  }
  server.kill();
}

TEST_F(ProcessesTest, NobodyThereIsARefusal) {
  ChildProcess server(serve_echo);
  server.talk.say("127.0.0.1:0");
  const std::string port = port_of(server.talk.hear());
  ChildProcess client(ask_echo);
  client.talk.say("127.0.0.1:" + port);
  client.talk.say("5");
  EXPECT_EQ(client.talk.hear(), "5");
  server.kill();
  server.wait_end();
  client.talk.say("127.0.0.1:" + port);
  client.talk.say("5");
  EXPECT_EQ(client.talk.hear(), "connection refused");
}

TEST_F(ProcessesTest, APortHasOneHolderAndIsFreeWhenItDies) {
  ChildProcess first(serve_echo);
  first.talk.say("127.0.0.1:4001");
  EXPECT_EQ(first.talk.hear(), "port 4001");
  for (const std::string other : {"127.0.0.1:4001", "0.0.0.0:4001", "[::]:4001"}) {
    ChildProcess second(serve_echo);
    second.talk.say(other);
    EXPECT_EQ(second.talk.hear(), "address in use") << other;
  }
  ChildProcess beside(serve_echo);
  beside.talk.say("127.0.0.2:4001");
  EXPECT_EQ(beside.talk.hear(), "port 4001");
  first.kill();
  first.wait_end();
  ChildProcess third(serve_echo);
  third.talk.say("127.0.0.1:4001");
  EXPECT_EQ(third.talk.hear(), "port 4001");
  beside.kill();
  third.kill();
}

TEST_F(ProcessesTest, EphemeralPortsNeverMeet) {
  const auto bind_many = [](Talk& test) {
    Host host = Host::of_process().value();
    std::vector<UdpSocket> sockets;
    std::string ports;
    for (int i = 0; i < 200; ++i) {
      sockets.push_back(host.open_udp(at("0.0.0.0:0")).value());
      ports += ' ' + std::to_string(sockets.back().local().port);
    }
    test.say(ports);
    (void)test.hear();
  };
  ChildProcess a(bind_many), b(bind_many);
  std::vector<std::string> all;
  for (ChildProcess* child : {&a, &b}) {
    std::istringstream words(child->talk.hear());
    all.insert(all.end(), std::istream_iterator<std::string>(words), {});
  }
  EXPECT_EQ(all.size(), 400u);
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

TEST_F(ProcessesTest, PortsOfAProgramThatEndedAreNotAtOnceTheNextOnes) {
  std::set<int> blocks;
  for (int i = 0; i < 6; ++i) {
    ChildProcess child([](Talk& test) {
      Host host = Host::of_process().value();
      test.say(std::to_string(host.open_udp(at("127.0.0.1:0")).value().local().port));
    });
    blocks.insert(std::stoi(child.talk.hear()) / 64);
    child.wait_end();
  }
  EXPECT_GT(blocks.size(), 1u) << "each began anywhere among 64";
}

TEST_F(ProcessesTest, DatagramsPassAndAreAnswered) {
  REQ("LFP-3");
  for (const std::string address : {"127.0.0.1", "[::1]"}) {
    ChildProcess server([&](Talk& test) {
      Host host = Host::of_process().value();
      UdpSocket socket = host.open_udp(at(address + ":0")).value();
      test.say(std::to_string(socket.local().port));
      std::vector<std::uint8_t> buffer(65536);
      for (;;) {
        const auto d = socket.receive_from(buffer);
        if (!d || !socket.send_to(d->source, {buffer.data(), d->bytes})) return;
      }
    });
    const std::string port = server.talk.hear();
    ChildProcess client([&](Talk& test) {
      Host host = Host::of_process().value();
      UdpSocket socket = host.open_udp(at(address + ":0")).value();
      std::vector<std::uint8_t> buffer(65536);
      for (const std::size_t bytes : {1u, 1472u, 60000u}) {
        const std::vector<std::uint8_t> out(bytes, 7);
        if (!socket.send_to(at(address + ':' + port), out)) return test.say("send");
        const auto d = socket.receive_from(buffer, std::chrono::seconds(30));
        test.say(d ? std::to_string(d->bytes) : word(d.error()));
      }
    });
    EXPECT_EQ(client.talk.hear(), "1");
    EXPECT_EQ(client.talk.hear(), "1472");
    EXPECT_EQ(client.talk.hear(), "60000");
    ChildProcess late([&](Talk& test) {
      Host host = Host::of_process().value();
      // Has its port before the server's is free: it must not be the same.
      UdpSocket socket = host.open_udp(at(address + ":0")).value();
      test.say("ready");
      (void)test.hear();
      (void)socket.connect(at(address + ':' + port));
      (void)socket.send_to(at(address + ':' + port), view("x"));
      std::uint8_t byte = 0;
      const auto d = socket.receive_from({&byte, 1}, std::chrono::seconds(30));
      test.say(d ? "answered" : word(d.error()));
    });
    EXPECT_EQ(late.talk.hear(), "ready");
    server.kill();
    server.wait_end();
    late.talk.say("send");
    EXPECT_EQ(late.talk.hear(), "connection refused");
  }
}

TEST_F(ProcessesTest, OtherDomainsAreOtherMachines) {
  ChildProcess server(serve_echo);
  server.talk.say("127.0.0.1:4002");
  EXPECT_EQ(server.talk.hear(), "port 4002");
  set("ORIEL_HOST", "elsewhere-" + std::to_string(::getpid()));
  ChildProcess client(ask_echo);
  client.talk.say("127.0.0.1:4002");
  client.talk.say("5");
  EXPECT_EQ(client.talk.hear(), "connection refused");
  ChildProcess same_port(serve_echo);
  same_port.talk.say("127.0.0.1:4002");
  EXPECT_EQ(same_port.talk.hear(), "port 4002");
  same_port.kill();
  server.kill();
}

TEST_F(ProcessesTest, APeerThatIsKilledHasResetItsConnections) {
  REQ("LFP-11");
  ChildProcess server([](Talk& test) {
    Host host = Host::of_process().value();
    TcpListener listener = host.listen_tcp(at("127.0.0.1:0")).value();
    test.say(std::to_string(listener.local().port));
    TcpSocket socket = listener.accept().value();
    test.say("accepted");
    test.say(drain(socket));
  });
  const std::string port = server.talk.hear();
  ChildProcess client([&](Talk& test) {
    Host host = Host::of_process().value();
    TcpSocket socket = host.open_tcp().value();
    if (!socket.connect(at("127.0.0.1:" + port))) return;
    test.say("connected");
    (void)test.hear();
  });
  EXPECT_EQ(client.talk.hear(), "connected");
  EXPECT_EQ(server.talk.hear(), "accepted");
  client.kill();
  EXPECT_EQ(server.talk.hear(), "!connection reset");
}

TEST_F(ProcessesTest, WhatWasSentBeforeAnOrderlyEndIsReadAfterIt) {
  REQ("LFP-11");
  ChildProcess server([](Talk& test) {
    Host host = Host::of_process().value();
    TcpListener listener = host.listen_tcp(at("127.0.0.1:0")).value();
    test.say(std::to_string(listener.local().port));
    TcpSocket socket = listener.accept().value();
    (void)test.hear();
    const std::string all = drain(socket);
    test.say(std::to_string(all.size()));
    const auto late = socket.send(view("too late"));
    test.say(late ? "sent" : word(late.error()));
  });
  const std::string port = server.talk.hear();
  ChildProcess client([&](Talk&) {
    {
      Host host = Host::of_process().value();
      TcpSocket socket = host.open_tcp().value();
      if (!socket.connect(at("127.0.0.1:" + port))) return;
      (void)socket.send(view(std::string(40'000, 'x')));
      socket.close();
    }
  });
  client.wait_end();
  server.talk.say("read");
  EXPECT_EQ(server.talk.hear(), "40000");
  // The first send may be taken: nobody has told it yet that the peer is gone.
  EXPECT_THAT(server.talk.hear(), ::testing::AnyOf("sent", "connection reset"));
}

TEST_F(ProcessesTest, TheCaptureHasTheSegments) {
  REQ("LFP-7");
  const std::string path = "/tmp/oriel-loopback-" + std::to_string(::getpid()) + ".pcap";
  set("ORIEL_PCAP", path);
  ChildProcess client(ask_echo);
  ::unsetenv("ORIEL_PCAP");
  client.talk.say("127.0.0.1:4099");  // nobody: shows that it has started
  client.talk.say("1");
  EXPECT_EQ(client.talk.hear(), "connection refused");
  ChildProcess server(serve_echo);
  server.talk.say("127.0.0.1:0");
  client.talk.say("127.0.0.1:" + port_of(server.talk.hear()));
  client.talk.say("3000");
  EXPECT_EQ(client.talk.hear(), "3000");
  client.kill();
  client.wait_end();
  std::ifstream in(path, std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(in), {}};
  EXPECT_NE(file.find(std::string(3000, 'x')), file.npos);
  ::unlink(path.c_str());
  server.kill();
}

TEST_F(ProcessesTest, StatNamesConnectionsOfAllProcesses) {
  ChildProcess server(serve_echo);
  server.talk.say("127.0.0.1:4003");
  EXPECT_EQ(server.talk.hear(), "port 4003");
  ChildProcess client([](Talk& test) {
    Host host = Host::of_process().value();
    TcpSocket socket = host.open_tcp().value();
    if (!socket.connect(at("127.0.0.1:4003"))) return;
    test.say("connected");
    (void)test.hear();
  });
  EXPECT_EQ(client.talk.hear(), "connected");
  const auto all = ask_processes(::getenv("ORIEL_HOST"), std::chrono::seconds(30));
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2u);
  bool is_found = false;
  for (const ProcessReport& p : *all) {
    EXPECT_TRUE(p.is_answering);
    for (const ConnectionReport& c : p.connections) {
      if (p.pid != client.pid()) continue;
      is_found = true;
      EXPECT_EQ(c.remote, at("127.0.0.1:4003"));
      EXPECT_EQ(c.state, "ESTABLISHED");
    }
  }
  EXPECT_TRUE(is_found);
  server.kill(SIGSTOP);
  const auto some = ask_processes(::getenv("ORIEL_HOST"), std::chrono::milliseconds(200));
  ASSERT_TRUE(some);
  for (const ProcessReport& p : *some) EXPECT_EQ(p.is_answering, p.pid == client.pid());
  server.kill();
}

}  // namespace
}  // namespace oriel::loopback_test
