// The user's rules while programs run: what one process writes into the file, `oriel filter`'s way,
// the others follow without being asked.
#include <unistd.h>

#include <string>

#include "child_process.h"
#include "oriel/filter_file.h"
#include "support/req.h"

namespace oriel::loopback_test {
namespace {

Endpoint at(const std::string& text) {
  return Endpoint::parse(text).value();
}

std::string word(const Error& e) {
  return std::string(to_string(e.code));
}

/// Listens, and accepts for ever.
void serve(Talk& test) {
  Host host = Host::of_process().value();
  TcpListener listener = host.listen_tcp(at("127.0.0.1:0")).value();
  test.say(std::to_string(listener.local().port));
  while (listener.accept()) {
  }
}

/// Connects to the first port that the test says, until that gives the outcome which the test says,
/// and says so; again for each outcome. The kernel tells of a file when it likes, so it tries for
/// as long as the test waits.
void connect_until(Talk& test) {
  Host host = Host::of_process().value();
  const Endpoint there = at("127.0.0.1:" + test.hear());
  for (;;) {
    const std::string wanted = test.hear();
    if (wanted.empty()) return;
    std::string outcome;
    while (outcome != wanted) {
      TcpSocket socket = host.open_tcp().value();
      const auto r = socket.connect(there, std::chrono::seconds(5));
      outcome = r ? "connected" : word(r.error());
      socket.abort();
    }
    test.say(outcome);
  }
}

class FilterChange : public ProcessesTest {
 protected:
  void SetUp() override {
    ProcessesTest::SetUp();
    path_ = "/tmp/oriel-filters-" + std::to_string(::getpid()) + ".toml";
    set("ORIEL_FILTERS", path_);
  }
  void TearDown() override {
    ::unlink(path_.c_str());
    ::unsetenv("ORIEL_FILTERS");
    ProcessesTest::TearDown();
  }
  void add(const char* name, const char* layer, const char* key, const std::string& port) const {
    const FilterWords words{{"action", "block"}, {"layer", layer}, {key, port}};
    ASSERT_TRUE(add_to_filter_file(path_, name, words));
  }
  static std::string outcome(ChildProcess& client, const char* wanted) {
    client.talk.say(wanted);
    return client.talk.hear();
  }
  std::string path_;
};

TEST_F(FilterChange, RunningProgramsFollowTheFile) {
  REQ("LFP-9");
  ChildProcess server(serve);
  const std::string port = server.talk.hear();
  ChildProcess client(connect_until);
  client.talk.say(port);
  EXPECT_EQ(outcome(client, "connected"), "connected");
  add("no-out", "connect", "remote_port", port);
  EXPECT_EQ(outcome(client, "permission denied"), "permission denied");
  ASSERT_TRUE(delete_from_filter_file(path_, "no-out"));
  EXPECT_EQ(outcome(client, "connected"), "connected");
  add("no-in", "accept", "local_port", port);  // the server's to follow
  EXPECT_EQ(outcome(client, "connection refused"), "connection refused");
  ::unlink(path_.c_str());
  EXPECT_EQ(outcome(client, "connected"), "connected");
  server.kill();
}

}  // namespace
}  // namespace oriel::loopback_test
