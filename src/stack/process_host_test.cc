// The process's own host against a peer in the same process, over a packet socket: counting, what
// the end delivers and what it resets, and a child of fork. Real threads and real time, but no
// sleep decides an outcome.
#include "stack/process_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

#include "oriel/process.h"
#include "oriel/settings_store.h"
#include "runtime/clock.h"
#include "stack/manual_pair_test.h"
#include "support/req.h"

namespace oriel::stack {
namespace {

using ::testing::HasSubstr;

class ProcessHostTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char directory[] = "/tmp/oriel_ph_XXXXXX";
    ASSERT_NE(::mkdtemp(directory), nullptr);
    directory_ = directory;
    UnixLinkOptions o;
    o.path = directory_ + "/link";
    o.is_listener = true;
    peer = std::make_unique<Host>(Host::create().value());
    LinkOptions l;
    l.addresses = {Prefix::parse("10.0.0.2/24").value()};
    ASSERT_TRUE(peer->add_link(open_unix_link(o).value(), l).has_value());
    set("ORIEL_LINK", "unix:" + o.path);
    set("ORIEL_ADDRESS", "10.0.0.1/24");
    set("ORIEL_END_WAIT", "10s");
    set("ORIEL_SETTINGS", directory_ + "/settings.toml");
    set("ORIEL_FILTERS", directory_ + "/filters.toml");
  }
  void TearDown() override {
    peer.reset();
    for (const std::string& name : names_) ::unsetenv(name.c_str());
    std::filesystem::remove_all(directory_);
  }
  void set(const std::string& name, const std::string& word) {
    ::setenv(name.c_str(), word.c_str(), 1);
    names_.push_back(name);
  }
  static constexpr std::uint32_t kWindowBytes = 8192;
  /// Peers' sockets take few bytes that nobody reads, so that the rest waits with the sender.
  TcpListener listen_narrowly() {
    ListenOptions o;
    o.tcp.receive_buffer_bytes = kWindowBytes;
    return peer->listen_tcp(at("10.0.0.2:7"), o).value();
  }
  /// Reads to the end; the error that ended it, or kOk.
  static ErrorCode drain(TcpSocket& s, std::size_t& bytes) {
    std::vector<std::uint8_t> buffer(65536);
    for (;;) {
      const auto n = s.receive(buffer);
      if (!n) return n.error().code;
      if (*n == 0) return ErrorCode::kOk;
      bytes += *n;
    }
  }

  std::unique_ptr<Host> peer;
  std::string directory_;
  std::vector<std::string> names_;
};

TEST_F(ProcessHostTest, UsersCountAndALaterOneStartsAnew) {
  {
    Host first = Host::of_process().value();
    Host second = Host::of_process().value();
    EXPECT_TRUE(first.ping(ip("10.0.0.2"), 8, std::chrono::seconds(5)).has_value());
    { const Host gone = std::move(first); }
    EXPECT_TRUE(second.ping(ip("10.0.0.2"), 8, std::chrono::seconds(5)).has_value());
  }
  Host third = Host::of_process().value();
  EXPECT_TRUE(third.ping(ip("10.0.0.2"), 8, std::chrono::seconds(5)).has_value());
}

TEST_F(ProcessHostTest, TheEnvironmentsMistakesAreSaid) {
  set("ORIEL_LINK", "eth0");
  EXPECT_THAT(Host::of_process().error().text, HasSubstr("ORIEL_LINK: 'eth0' is not a link"));
}

TEST_F(ProcessHostTest, TheSettingsMistakesAreSaid) {
  std::ofstream(directory_ + "/settings.toml") << "[tcp]\nsack = 1\n";
  EXPECT_THAT(Host::of_process().error().text, HasSubstr("settings.toml, line 2: tcp.sack: write"));
  EXPECT_THAT(check_environment(process_environment()).error().text, HasSubstr("tcp.sack: write"));
}

TEST_F(ProcessHostTest, WhatIsClosedIsDeliveredAndWhatIsOpenIsReset) {
  TcpListener l = listen_narrowly();
  auto host = std::make_unique<Host>(Host::of_process().value());
  TcpSocket open = host->open_tcp().value();
  ASSERT_TRUE(open.connect(at("10.0.0.2:7")).has_value());
  TcpSocket open_peer = l.accept().value();
  TcpSocket closed = host->open_tcp().value();
  ASSERT_TRUE(closed.connect(at("10.0.0.2:7")).has_value());
  TcpSocket closed_peer = l.accept().value();
  const auto bytes = pattern(300'000);
  std::size_t sent = 0;
  while (sent < bytes.size()) {  // until the peer's window is full and more waits here
    const auto n = closed.try_send(ByteView(bytes).subspan(sent));
    if (!n) break;
    sent += *n;
  }
  ASSERT_GT(sent, kWindowBytes);
  closed.close();
  // The end waits for a reader that begins only now.
  std::size_t got = 0;
  auto reader = std::async(std::launch::async, [&] { return drain(closed_peer, got); });
  host.reset();
  EXPECT_EQ(reader.get(), ErrorCode::kOk);
  EXPECT_EQ(got, sent);
  std::size_t none = 0;
  EXPECT_EQ(drain(open_peer, none), ErrorCode::kConnectionReset);
}

TEST_F(ProcessHostTest, APeerThatNeverReadsEndsTheWaitAtItsLimit) {
  set("ORIEL_END_WAIT", "50ms");
  TcpListener l = listen_narrowly();
  auto host = std::make_unique<Host>(Host::of_process().value());
  TcpSocket s = host->open_tcp().value();
  ASSERT_TRUE(s.connect(at("10.0.0.2:7")).has_value());
  TcpSocket other = l.accept().value();
  const auto bytes = pattern(100'000);
  while (s.try_send(bytes)) {
  }
  s.close();
  host.reset();
  std::size_t got = 0;
  EXPECT_EQ(drain(other, got), ErrorCode::kConnectionReset);
}

TEST_F(ProcessHostTest, ACaptureIsGoodWhileTheProcessRuns) {
  const std::string path = directory_ + "/run.pcap";
  set("ORIEL_PCAP", path);
  Host host = Host::of_process().value();
  ASSERT_TRUE(host.ping(ip("10.0.0.2"), 8, std::chrono::seconds(5)).has_value());
  // 24 of the file, and two packets of 16 + 20 + 8 + 8.
  EXPECT_EQ(std::filesystem::file_size(path), 24u + 2 * 52u);
}

// What another process changes: told by the kernel, heard by the host's thread in its own time, so
// connections are made until one follows.
TEST_F(ProcessHostTest, TheNextConnectionFollowsWhatAnotherProcessChanges) {
  REQ("SET-1");
  REQ("SET-2");
  const auto policy = [this](const char* text) {
    std::ofstream(directory_ + "/new.toml") << text;
    std::filesystem::rename(directory_ + "/new.toml", directory_ + "/policy.toml");
  };
  policy("");
  set("ORIEL_POLICY", directory_ + "/policy.toml");
  TcpListener l = peer->listen_tcp(at("10.0.0.2:7")).value();
  Host host = Host::of_process().value();
  const auto next_scale = [&] {
    TcpSocket s = host.open_tcp().value();
    EXPECT_TRUE(s.connect(at("10.0.0.2:7")).has_value());
    return l.accept().value().info().snd_wind_shift;  // of the SYN that came
  };
  const auto scale_after = [&](int before) {
    const Instant deadline = runtime::real_now() + std::chrono::seconds(30);
    int scale = before;
    while (scale == before && runtime::real_now() < deadline) scale = next_scale();
    return scale;
  };
  TcpSocket old = host.open_tcp().value();
  ASSERT_TRUE(old.connect(at("10.0.0.2:7")).has_value());
  EXPECT_EQ(l.accept().value().info().snd_wind_shift, 8);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool is_set =
        SettingsStore::open()->set("tcp.autotuning_level", "highlyrestricted").has_value();
    ::_exit(is_set ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(scale_after(8), 2);
  EXPECT_EQ(old.info().window_scale_sent, 8);
  policy("[tcp]\nautotuning_level = \"disabled\"\n");
  EXPECT_EQ(scale_after(2), -1);
  policy("[tcp]\nautotuning_level = \"none\"\n");  // said on the standard error, and not obeyed
  EXPECT_EQ(next_scale(), -1);
  std::filesystem::remove(directory_ + "/settings.toml");
  policy("");
  EXPECT_EQ(scale_after(-1), 8);
}

TEST_F(ProcessHostTest, AChildOfForkHasNoStackAndTheParentKeepsItsOwn) {
  TcpListener l = peer->listen_tcp(at("10.0.0.2:7")).value();
  Host host = Host::of_process().value();
  TcpSocket s = host.open_tcp().value();
  ASSERT_TRUE(s.connect(at("10.0.0.2:7")).has_value());
  TcpSocket other = l.accept().value();
  const pid_t child = ::fork();
  if (child == 0) {
    std::uint8_t byte = 0;
    const bool is_refused = !Host::of_process().has_value() && ProcessHost::is_forked();
    const bool has_lost = !s.receive({&byte, 1}).has_value() && !s.send({&byte, 1}).has_value();
    ::_exit(is_refused && has_lost ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  const std::uint8_t byte = 7;
  ASSERT_TRUE(other.send({&byte, 1}).has_value());
  std::uint8_t got = 0;
  ASSERT_EQ(s.receive({&got, 1}).value(), 1u);
  EXPECT_EQ(got, 7);
}

// The user's rules hold before the first packet; a file that cannot be understood stops the stack.
TEST_F(ProcessHostTest, TheUsersRulesHold) {
  const std::string path = directory_ + "/filters.toml";
  std::ofstream(path) << "[no-echo]\naction = \"block\"\nlayer = \"connect\"\nremote_port = 7\n";
  {
    Host host = Host::of_process().value();
    TcpListener l = peer->listen_tcp(at("10.0.0.2:7")).value();
    TcpListener other = peer->listen_tcp(at("10.0.0.2:8")).value();
    EXPECT_EQ(host.open_tcp().value().connect(at("10.0.0.2:7")).error().code,
              ErrorCode::kPermissionDenied);
    EXPECT_TRUE(host.open_tcp().value().connect(at("10.0.0.2:8")).has_value());
  }
  std::ofstream(path) << "[no-echo]\naction = \"deny\"\nlayer = \"connect\"\n";
  const auto refused = Host::of_process();
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().text, HasSubstr("[no-echo]: action: 'deny' is none"));
}

}  // namespace
}  // namespace oriel::stack
