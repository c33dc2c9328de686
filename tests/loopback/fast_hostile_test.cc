// The fast path between processes where things go wrong: death at a thousand instants, a process
// that stands still, memory and descriptors that are not to be had, and another user.
#include <dirent.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "child_process.h"
#include "loopback/names.h"
#include "runtime/futex.h"
#include "support/req.h"

namespace oriel::loopback_test {
namespace {

#if defined(__has_feature)
constexpr bool kHasUbsan = __has_feature(undefined_behavior_sanitizer);
#else
constexpr bool kHasUbsan = false;
#endif

constexpr std::size_t kPatternBytes = 50'021;

Endpoint at(const std::string& text) {
  return Endpoint::parse(text).value();
}

std::string word(const Error& e) {
  return std::string(to_string(e.code));
}

std::vector<std::uint8_t> pattern() {
  std::vector<std::uint8_t> out(kPatternBytes);
  std::uint32_t x = 5;
  for (std::uint8_t& b : out) b = static_cast<std::uint8_t>((x = x * 1664525 + 1013904223) >> 24);
  return out;
}

TcpOptionsForSocket asking() {
  TcpOptionsForSocket options;
  options.is_loopback_fast_path = true;
  return options;
}

TcpListener listening(Host& host, const std::string& where = "127.0.0.1:0") {
  ListenOptions options;
  options.tcp = asking();
  return host.listen_tcp(at(where), options).value();
}

/// Accepts one connection after another, says its path, reads it to its end, and says "good END" or
/// "bad END".
void read_for_ever(Talk& test) {
  Host host = Host::of_process().value();
  TcpListener listener = listening(host);
  test.say(std::to_string(listener.local().port));
  const auto bytes = pattern();
  std::vector<std::uint8_t> buffer(30'000);
  for (;;) {
    TcpSocket socket = listener.accept().value();
    test.say(std::string(to_string(socket.info().path)));
    std::size_t place = 0;
    bool is_good = true;
    for (;;) {
      const auto n = socket.receive(buffer);
      if (!n || *n == 0) {
        const std::string end = n ? std::string("end") : word(n.error());
        test.say((is_good ? "good " : "bad ") + end);
        break;
      }
      for (std::size_t i = 0; i < *n; ++i) {
        is_good = is_good && buffer[i] == bytes[place];
        place = (place + 1) % bytes.size();
      }
    }
  }
}

/// Connects to the port, says so, and sends for ever.
void send_for_ever(Talk& test, const std::string& port) {
  Host host = Host::of_process().value();
  TcpSocket socket = host.open_tcp(asking()).value();
  if (!socket.connect(at("127.0.0.1:" + port))) return test.say("not connected");
  test.say("connected");
  const auto bytes = pattern();
  while (socket.send(bytes)) {
  }
  test.say("ended");
}

/// Up to 2 ms, and within a millisecond anywhere.
void wait_a_little(std::mt19937& random) {
  ::poll(nullptr, 0, static_cast<int>(random() % 3));
  for (std::uint64_t i = random() % 300'000; i != 0; --i) asm volatile("");
}

/// Entries whose name begins so; not the folders of tests that run beside.
std::size_t entries_of(const std::string& folder, const std::string& beginning = "") {
  std::size_t n = 0;
  DIR* open = ::opendir(folder.c_str());
  if (open == nullptr) return 0;
  while (const dirent* entry = ::readdir(open)) {
    const std::string name(entry->d_name);
    if (name.starts_with(beginning) && !name.starts_with("oriel-interop")) ++n;
  }
  ::closedir(open);
  return n;
}

/// What a process holds that deaths of others could leave behind.
struct Holdings {
  std::size_t descriptors = 0;
  std::size_t mappings = 0;  ///< of rings
  std::size_t lives = 0;     ///< mappings of pages that show who lives
  std::size_t shared_files = 0;
  std::size_t names = 0;
  bool is_within(const Holdings& other) const {
    return descriptors <= other.descriptors && mappings <= other.mappings && lives <= other.lives &&
           shared_files <= other.shared_files && names <= other.names;
  }
};

Holdings holdings_of(pid_t pid) {
  Holdings h;
  const std::string process = "/proc/" + std::to_string(pid);
  h.descriptors = entries_of(process + "/fd");
  std::ifstream maps(process + "/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find("oriel-ring") != line.npos) ++h.mappings;
    if (line.find("oriel-life") != line.npos) ++h.lives;
  }
  h.shared_files = entries_of("/dev/shm", "oriel");
  h.names = loopback::Names::of_domain(::getenv("ORIEL_HOST")).value().list("").size();
  return h;
}

/// What it holds once `is_it` likes that: the survivor lets go when it next looks, which is soon.
template <class F>
Holdings settled(pid_t pid, F&& is_it) {
  Holdings h;
  for (int i = 0; i < 1000; ++i) {
    h = holdings_of(pid);
    if (is_it(h)) break;
    ::poll(nullptr, 0, 10);
  }
  return h;
}

class FastHostile : public ProcessesTest {};

TEST_F(FastHostile, AThousandKillsOfEitherEndLeaveNothing) {
  REQ("LFP-11");
  REQ("LFP-12");
  constexpr int kKills = 1000;
  constexpr int kServerKillEvery = 10;
  std::mt19937 random(4713);
  int kills = 0;
  while (kills < kKills) {
    ChildProcess server(read_for_ever);
    const std::string port = server.talk.hear();
    Holdings before;
    for (int i = 0; i < kServerKillEvery - 1; ++i, ++kills) {
      ChildProcess client([&](Talk& test) { send_for_ever(test, port); });
      ASSERT_EQ(client.talk.hear(), "connected") << kills;
      ASSERT_EQ(server.talk.hear(), "fast") << kills;  // before that no program there knows of it
      wait_a_little(random);
      client.kill();
      client.wait_end();
      ASSERT_EQ(server.talk.hear(), "good connection reset") << kills;
      if (i == 0) {  // from now on its own file of rings is there, and nobody else's
        before = settled(server.pid(), [](const Holdings& h) { return h.mappings == 1; });
      }
    }
    const Holdings after =
        settled(server.pid(), [&](const Holdings& h) { return h.is_within(before); });
    EXPECT_LE(after.mappings, before.mappings);
    EXPECT_LE(after.lives, before.lives);
    EXPECT_LE(after.descriptors, before.descriptors);
    EXPECT_LE(after.shared_files, before.shared_files);
    EXPECT_LE(after.names, before.names);
    ChildProcess client([&](Talk& test) { send_for_ever(test, port); });
    ASSERT_EQ(client.talk.hear(), "connected");
    wait_a_little(random);
    server.kill();
    ++kills;
    ASSERT_EQ(client.talk.hear(), "ended") << kills;
  }
  EXPECT_EQ(loopback::Names::of_domain(::getenv("ORIEL_HOST")).value().list("").size(), 0u);
}

/// A process that has the caller's descriptors, now and later ones: they stay open when the caller
/// is killed, so that no link of his hangs up. Requires: the caller is alone in its process.
pid_t share_descriptors() {
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));
  while (pid == 0) ::pause();
  return pid;
}

/// Three connections to the port: blocked at the second it hears of the end, then looks what is
/// left of the others.
void wait_for_death(Talk& test, const std::string& port) {
  Host host = Host::of_process().value();
  TcpSocket half = host.open_tcp(asking()).value();
  TcpSocket first = host.open_tcp(asking()).value();
  TcpSocket second = host.open_tcp(asking()).value();
  for (TcpSocket* socket : {&half, &first, &second}) {
    if (!socket->connect(at("127.0.0.1:" + port))) return test.say("not connected");
  }
  test.say("connected");
  const auto end_of = [](TcpSocket& socket) {
    std::uint8_t byte = 0;
    const auto n = socket.receive({&byte, 1});
    return n ? std::string("no error") : word(n.error());
  };
  test.say(end_of(first));
  test.say(end_of(second));
  std::uint8_t bytes[16];
  const auto n = half.receive(bytes);
  test.say(n ? std::string(bytes, bytes + *n) : word(n.error()));
  const auto end = half.receive(bytes);
  test.say(end ? std::to_string(*end) : word(end.error()));
  (void)test.hear();
}

// Threads that are blocked at a ring hear of the death itself, in every process and on every
// connection, although the link does not hang up; and what had come whole stays.
TEST_F(FastHostile, BlockedThreadsAreToldOfADeathThatNoHangUpTells) {
  REQ("LFP-11");
  if (!runtime::can_wait_for_any()) GTEST_SKIP() << "this kernel has no futex_waitv";
  ChildProcess dying([](Talk& test) {
    test.say(std::to_string(share_descriptors()));
    Host host = Host::of_process().value();
    TcpListener listener = listening(host);
    test.say(std::to_string(listener.local().port));
    std::vector<TcpSocket> sockets;
    for (int survivor = 0; survivor < 2; ++survivor) {
      for (int i = 0; i < 3; ++i) sockets.push_back(listener.accept().value());
      TcpSocket& half = sockets[sockets.size() - 3];
      (void)half.send(ByteView(reinterpret_cast<const std::uint8_t*>("kept"), 4));
      half.shutdown_send();
      test.say(std::string(to_string(half.info().path)));
    }
    (void)test.hear();
  });
  const pid_t keeper = std::stoi(dying.talk.hear());
  const std::string port = dying.talk.hear();
  ChildProcess one([&](Talk& test) { wait_for_death(test, port); });
  EXPECT_EQ(one.talk.hear(), "connected");
  EXPECT_EQ(dying.talk.hear(), "fast");
  ChildProcess other([&](Talk& test) { wait_for_death(test, port); });
  EXPECT_EQ(other.talk.hear(), "connected");
  EXPECT_EQ(dying.talk.hear(), "fast");
  dying.kill();
  dying.wait_end();
  for (ChildProcess* survivor : {&one, &other}) {
    EXPECT_EQ(survivor->talk.hear(), "connection reset");
    EXPECT_EQ(survivor->talk.hear(), "connection reset");
    EXPECT_EQ(survivor->talk.hear(), "kept");
    EXPECT_EQ(survivor->talk.hear(), "0");
  }
  ::kill(keeper, SIGKILL);
}

// A stopped process keeps waiting who waits for it, and nobody else; then it goes on.
TEST_F(FastHostile, AStoppedPeerHoldsUpNobodyElse) {
  REQ("LFP-8");
  ChildProcess stopped(read_for_ever);
  const std::string stopped_port = stopped.talk.hear();
  ChildProcess other(read_for_ever);
  const std::string other_port = other.talk.hear();
  ChildProcess client([&](Talk& test) {
    Host host = Host::of_process().value();
    TcpSocket stuck = host.open_tcp(asking()).value();
    if (!stuck.connect(at("127.0.0.1:" + stopped_port))) return test.say("no");
    test.say("connected");
    (void)test.hear();  // it stands still now
    const auto bytes = pattern();
    std::size_t sent = 0;
    for (;;) {
      const auto n = stuck.try_send(ByteView(bytes).subspan(sent % bytes.size()));
      if (!n) break;
      sent += *n;
    }
    test.say("full");
    TcpSocket late = host.open_tcp(asking()).value();
    const auto r = late.connect(at("127.0.0.1:" + stopped_port), std::chrono::milliseconds(200));
    test.say(r ? "connected" : word(r.error()));
    TcpSocket fine = host.open_tcp(asking()).value();
    if (!fine.connect(at("127.0.0.1:" + other_port)) || !fine.send(bytes)) return test.say("no");
    fine.close();
    test.say("sent");
    (void)test.hear();  // it goes on
    while (sent % bytes.size() != 0) {
      const auto n = stuck.send(ByteView(bytes).subspan(sent % bytes.size()));
      if (!n) return test.say(word(n.error()));
      sent += *n;
    }
    stuck.close();
    (void)test.hear();
  });
  ASSERT_EQ(client.talk.hear(), "connected");
  stopped.kill(SIGSTOP);
  client.talk.say("go on");
  EXPECT_EQ(client.talk.hear(), "full");
  EXPECT_EQ(client.talk.hear(), to_string(ErrorCode::kTimedOut));
  EXPECT_EQ(client.talk.hear(), "sent");
  EXPECT_EQ(other.talk.hear(), "fast");
  EXPECT_EQ(other.talk.hear(), "good end");
  stopped.kill(SIGCONT);
  client.talk.say("go on");
  EXPECT_EQ(stopped.talk.hear(), "fast");
  EXPECT_EQ(stopped.talk.hear(), "good end");
  stopped.kill();
  other.kill();
}

void limit(int what, rlim_t value) {
  rlimit l{};
  ::getrlimit(static_cast<__rlimit_resource_t>(what), &l);
  l.rlim_cur = value;
  ::setrlimit(static_cast<__rlimit_resource_t>(what), &l);
}

/// Connects, and says the path, its reason, and whether a send went through.
void try_once(Talk& test, Host& host, const std::string& port) {
  TcpSocket socket = host.open_tcp(asking()).value();
  const auto r = socket.connect(at("127.0.0.1:" + port), std::chrono::seconds(30));
  if (!r) return test.say(word(r.error()));
  const TcpInfo info = socket.info();
  test.say(std::string(to_string(info.path)) + ": " + std::string(to_string(info.path_reason)));
  test.say(socket.send(pattern()) ? "sent" : "lost");
  socket.close();
}

std::string ordinary_for(PathReason reason) {
  return "loopback: " + std::string(to_string(reason));
}

// No memory for a ring (a file size limit would kill whoever passes it): segments, and no error.
TEST_F(FastHostile, WithoutMemoryForARingItIsTheOrdinaryPath) {
  ChildProcess server(read_for_ever);
  const std::string port = server.talk.hear();
  ChildProcess client([&](Talk& test) {
    Host host = Host::of_process().value();
    limit(RLIMIT_FSIZE, 1 << 20);
    try_once(test, host, port);
    limit(RLIMIT_FSIZE, RLIM_INFINITY);
    try_once(test, host, port);
    (void)test.hear();
  });
  EXPECT_EQ(client.talk.hear(), ordinary_for(PathReason::kNoMemory));
  EXPECT_EQ(client.talk.hear(), "sent");
  EXPECT_EQ(server.talk.hear(), "loopback");
  EXPECT_EQ(server.talk.hear(), "good end");
  EXPECT_EQ(client.talk.hear(), "fast: " + std::string(to_string(PathReason::kFast)));
  EXPECT_EQ(client.talk.hear(), "sent");
  EXPECT_EQ(server.talk.hear(), "fast");
  EXPECT_EQ(server.talk.hear(), "good end");
  server.kill();
}

// The listener's process is the one that has no descriptor left for the ring.
TEST_F(FastHostile, WithoutADescriptorForARingItIsTheOrdinaryPath) {
  if (kHasUbsan)
    GTEST_SKIP() << "the sanitizer looks at objects through a pipe, which it cannot open";
  ChildProcess server([](Talk& test) {
    Host host = Host::of_process().value();
    TcpListener listener = listening(host);
    test.say(std::to_string(listener.local().port));
    for (;;) {
      TcpSocket socket = listener.accept().value();
      test.say(std::string(to_string(socket.info().path)));
      std::vector<std::uint8_t> buffer(100'000);
      for (auto n = socket.receive(buffer); n && *n != 0; n = socket.receive(buffer)) {
      }
      limit(RLIMIT_NOFILE, 0);
      test.say("no descriptors");
    }
  });
  const std::string port = server.talk.hear();
  ChildProcess client([&](Talk& test) {
    Host host = Host::of_process().value();
    TcpSocket plain = host.open_tcp().value();  // makes the link between the two
    if (!plain.connect(at("127.0.0.1:" + port))) return test.say("no");
    test.say("first");
    (void)test.hear();
    plain.close();
    (void)test.hear();
    try_once(test, host, port);
    (void)test.hear();
  });
  EXPECT_EQ(client.talk.hear(), "first");
  EXPECT_EQ(server.talk.hear(), "loopback");
  client.talk.say("close");
  EXPECT_EQ(server.talk.hear(), "no descriptors");
  client.talk.say("go on");
  EXPECT_EQ(client.talk.hear(), ordinary_for(PathReason::kNoMemory));
  EXPECT_EQ(client.talk.hear(), "sent");
  EXPECT_EQ(server.talk.hear(), "loopback");
  server.kill();
}

TEST_F(FastHostile, TenThousandConnectsToAListenerThatNeverAccepts) {
  ChildProcess server([](Talk& test) {
    Host host = Host::of_process().value();
    const TcpListener deaf = listening(host, "127.0.0.1:4016");
    TcpListener other = listening(host, "127.0.0.1:4017");
    test.say("ready");
    const auto socket = other.accept();
    test.say(socket ? std::string(to_string(socket->info().path)) : word(socket.error()));
    (void)test.hear();
  });
  ASSERT_EQ(server.talk.hear(), "ready");
  ChildProcess client([](Talk& test) {
    Host host = Host::of_process().value();
    std::vector<TcpSocket> sockets;
    for (int i = 0; i < 10'000; ++i) {
      auto socket = host.open_tcp(asking());
      if (!socket) break;
      sockets.push_back(std::move(*socket));
      sockets.back().async_connect(at("127.0.0.1:4016"), [](const IoResult&) {});
    }
    test.say(std::to_string(sockets.size()));
    TcpSocket socket = host.open_tcp(asking()).value();
    const auto r = socket.connect(at("127.0.0.1:4017"), std::chrono::seconds(60));
    test.say(r ? "connected" : word(r.error()));
    (void)test.hear();
  });
  EXPECT_EQ(client.talk.hear(), "10000");
  EXPECT_EQ(client.talk.hear(), "connected");
  EXPECT_EQ(server.talk.hear(), "fast");
  client.kill();
}

// Another user's program is given no ring and no packet, but may come through the kernel, as any
// native program may.
TEST_F(FastHostile, AnotherUsersProgramComesThroughTheKernel) {
  REQ("LFP-12");
  if (::geteuid() != 0) GTEST_SKIP() << "another user is needed";
  constexpr uid_t kOtherUser = 65534;
  ChildProcess server([](Talk& test) {
    Host host = Host::of_process().value();
    TcpListener listener = listening(host);
    test.say(std::to_string(listener.local().port));
    TcpSocket socket = listener.accept().value();
    test.say(std::string(socket.info().congestion_control));
    std::vector<std::uint8_t> buffer(100'000);
    std::size_t got = 0;
    for (auto n = socket.receive(buffer); n && *n != 0; n = socket.receive(buffer)) got += *n;
    test.say(std::to_string(got));
  });
  const std::string port = server.talk.hear();
  set("XDG_CONFIG_HOME", "/nonexistent");
  ChildProcess client(
      [&](Talk& test) {
        Host host = Host::of_process().value();
        TcpSocket socket = host.open_tcp(asking()).value();
        const auto r = socket.connect(at("127.0.0.1:" + port));
        test.say(r ? std::string(socket.info().congestion_control) : word(r.error()));
        (void)socket.send(pattern());
        socket.close();
        (void)test.hear();
      },
      kOtherUser);
  EXPECT_EQ(client.talk.hear(), "kernel");
  EXPECT_EQ(server.talk.hear(), "kernel");
  EXPECT_EQ(server.talk.hear(), std::to_string(kPatternBytes));
  ::unsetenv("XDG_CONFIG_HOME");
}

}  // namespace
}  // namespace oriel::loopback_test
