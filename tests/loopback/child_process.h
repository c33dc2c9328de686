// Processes of one test: each runs a function with a stack of its own, and speaks with the test in
// lines. The test itself starts no thread before it forks, so a child is as good as a program.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <utility>

#include "oriel/host.h"

namespace oriel::loopback_test {

/// One end of the talk between a test and a child.
class Talk {
 public:
  explicit Talk(int fd) : fd_(fd) {}
  void say(const std::string& word) const {
    const std::string line = word + '\n';
    (void)::send(fd_, line.data(), line.size(), MSG_NOSIGNAL);
  }
  /// The next line; "" when the other has gone or says nothing for a long time.
  std::string hear() {
    constexpr int kPatienceMs = 60'000;
    for (;;) {
      if (const std::size_t at = rest_.find('\n'); at != rest_.npos) {
        std::string line = rest_.substr(0, at);
        rest_.erase(0, at + 1);
        return line;
      }
      pollfd p{fd_, POLLIN, 0};
      char bytes[4096];
      if (::poll(&p, 1, kPatienceMs) <= 0) return {};
      const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
      if (n <= 0) return {};
      rest_.append(bytes, static_cast<std::size_t>(n));
    }
  }

 private:
  int fd_;
  std::string rest_;
};

class ChildProcess {
 public:
  using Body = std::function<void(Talk&)>;
  explicit ChildProcess(const Body& body, uid_t uid = 0) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
    fd_ = ends[0];
    talk = Talk(fd_);
    pid_ = ::fork();
    if (pid_ != 0) {
      ::close(ends[1]);
      return;
    }
    ::close(ends[0]);
    if (uid != 0 && ::setresuid(uid, uid, uid) != 0) ::_exit(2);
    Talk to_test(ends[1]);
    body(to_test);
    ::_exit(0);
  }
  ~ChildProcess() {
    if (fd_ >= 0) ::close(fd_);  // a child that waits for a word gives up
    if (pid_ > 0) (void)wait_end();
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void kill(int signal = SIGKILL) const { ::kill(pid_, signal); }
  /// Waits for its end; the status as waitpid gives it.
  int wait_end() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }
  pid_t pid() const { return pid_; }

  Talk talk{-1};

 private:
  int fd_ = -1;
  pid_t pid_ = -1;
};

/// Processes that share a loopback which is theirs alone.
class ProcessesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    static int number = 0;
    set("ORIEL_HOST", "test-" + std::to_string(::getpid()) + '-' + std::to_string(++number));
    set("ORIEL_LINK", "user");
    set("ORIEL_END_WAIT", "1s");
  }
  void TearDown() override {
    for (const char* name : {"ORIEL_HOST", "ORIEL_LINK", "ORIEL_END_WAIT", "ORIEL_PCAP"}) {
      ::unsetenv(name);
    }
  }
  static void set(const char* name, const std::string& word) { ::setenv(name, word.c_str(), 1); }
};

}  // namespace oriel::loopback_test
