// What captures of two processes show of a connection between them: on the ordinary path every byte
// in segments, in both captures; on the fast path nothing at all.
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "child_process.h"
#include "support/req.h"

namespace oriel::loopback_test {
namespace {

constexpr std::size_t kBytes = 300'000;

Endpoint at(const std::string& text) {
  return Endpoint::parse(text).value();
}

/// Accepts one connection, takes what it sends and gives as much back; then it ends in order.
void answer(Talk& test, const std::string& where, bool is_fast) {
  {
    Host host = Host::of_process().value();
    ListenOptions options;
    options.tcp.is_loopback_fast_path = is_fast;
    TcpListener listener = host.listen_tcp(at(where), options).value();
    test.say(std::to_string(listener.local().port));
    TcpSocket socket = listener.accept().value();
    std::vector<std::uint8_t> bytes(kBytes);
    for (std::size_t got = 0; got < kBytes;) {
      const auto n = socket.receive(ByteSpan(bytes).subspan(got));
      if (!n || *n == 0) return test.say("lost");
      got += *n;
    }
    (void)socket.send(bytes);
    test.say(std::string(to_string(socket.info().path)));
    (void)test.hear();
  }
  test.say("ended");
}

void ask(Talk& test, const std::string& where, bool is_fast) {
  {
    Host host = Host::of_process().value();
    TcpOptionsForSocket options;
    options.is_loopback_fast_path = is_fast;
    TcpSocket socket = host.open_tcp(options).value();
    if (!socket.connect(at(where))) return test.say("no");
    std::vector<std::uint8_t> bytes(kBytes, 'c');
    (void)socket.send(bytes);
    for (std::size_t got = 0; got < kBytes;) {
      const auto n = socket.receive(ByteSpan(bytes).subspan(got));
      if (!n || *n == 0) return test.say("lost");
      got += *n;
    }
    test.say("done");
    (void)test.hear();
  }
  test.say("ended");
}

struct Seen {
  std::size_t segments = 0;
  std::size_t bytes_from_port = 0;
  std::size_t bytes_to_port = 0;
};

std::uint32_t little(const std::uint8_t* p) {
  return p[0] | std::uint32_t{p[1]} << 8 | std::uint32_t{p[2]} << 16 | std::uint32_t{p[3]} << 24;
}
std::uint16_t big(const std::uint8_t* p) {
  return static_cast<std::uint16_t>(p[0] << 8 | p[1]);
}

void note_packet(ByteView packet, std::uint16_t port, Seen& seen) {
  if (packet.size() < 40) return;
  const bool is_v4 = packet[0] >> 4 == 4;
  const std::size_t head = is_v4 ? (packet[0] & 15u) * 4u : 40u;
  if (packet[is_v4 ? 9 : 6] != 6 || packet.size() < head + 20) return;  // TCP only
  const std::uint8_t* tcp = packet.data() + head;
  if (big(tcp) != port && big(tcp + 2) != port) return;
  ++seen.segments;
  const std::size_t payload = packet.size() - head - (tcp[12] >> 4) * 4u;
  (big(tcp) == port ? seen.bytes_from_port : seen.bytes_to_port) += payload;
}

/// The TCP segments of `port` in a pcap file of raw packets or of Ethernet frames.
Seen seen_in(const std::string& path, std::uint16_t port) {
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> chars{std::istreambuf_iterator<char>(in), {}};
  const ByteView file(reinterpret_cast<const std::uint8_t*>(chars.data()), chars.size());
  constexpr std::size_t kFileHead = 24;
  constexpr std::size_t kRecordHead = 16;
  Seen seen;
  if (file.size() < kFileHead) {
    ADD_FAILURE() << path << " has no header";
    return seen;
  }
  const std::size_t frame = little(file.data() + 20) == 1 ? 14 : 0;
  for (std::size_t i = kFileHead; i + kRecordHead <= file.size();) {
    const std::size_t bytes = little(file.data() + i + 8);
    i += kRecordHead;
    if (i + bytes > file.size()) break;
    if (bytes > frame) note_packet(file.subspan(i + frame, bytes - frame), port, seen);
    i += bytes;
  }
  return seen;
}

class CaptureTest : public ProcessesTest {
 protected:
  void TearDown() override {
    for (const char* end : {"a", "b"}) ::unlink(path(end).c_str());
    ProcessesTest::TearDown();
  }
  static std::string path(const std::string& end) {
    return "/tmp/oriel-capture-" + std::to_string(::getpid()) + '-' + end + ".pcap";
  }
  /// A connection with both processes under capture; what each saw of it.
  static void run(const std::string& address, bool is_fast, Seen& server_saw, Seen& client_saw) {
    set("ORIEL_PCAP", path("a"));
    ChildProcess server([&](Talk& test) { answer(test, address + ":0", is_fast); });
    const std::string port = server.talk.hear();
    set("ORIEL_PCAP", path("b"));
    ChildProcess client([&](Talk& test) { ask(test, address + ':' + port, is_fast); });
    EXPECT_EQ(server.talk.hear(), is_fast ? "fast" : "loopback");
    EXPECT_EQ(client.talk.hear(), "done");
    for (ChildProcess* end : {&client, &server}) {
      end->talk.say("end");
      EXPECT_EQ(end->talk.hear(), "ended");
    }
    const auto number = static_cast<std::uint16_t>(std::stoul(port));
    server_saw = seen_in(path("a"), number);
    client_saw = seen_in(path("b"), number);
  }
};

TEST_F(CaptureTest, TheOrdinaryPathShowsEveryByteInSegments) {
  REQ("LFP-7");
  for (const std::string address : {"127.0.0.1", "[::1]"}) {
    Seen ends[2];
    run(address, false, ends[0], ends[1]);
    for (const Seen& seen : ends) {
      EXPECT_GT(seen.segments, 6u);
      EXPECT_GE(seen.bytes_to_port, kBytes);
      EXPECT_GE(seen.bytes_from_port, kBytes);
    }
  }
}

TEST_F(CaptureTest, TheFastPathShowsNoSegment) {
  REQ("LFP-7");
  for (const std::string address : {"127.0.0.1", "[::1]"}) {
    Seen ends[2];
    run(address, true, ends[0], ends[1]);
    for (const Seen& seen : ends) EXPECT_EQ(seen.segments, 0u);
  }
}

}  // namespace
}  // namespace oriel::loopback_test
