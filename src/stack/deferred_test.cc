// What a front-end defers runs once, in order, on the host's own thread and without the baton.
#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "runtime/wait.h"
#include "stack/host_impl.h"

namespace oriel::stack {
namespace {

struct Noting final : Deferred {
  Noting(HostImpl& h, std::vector<int>& s, int n) : host(h), seen(s), number(n) {}
  void run() override {
    seen.push_back(number);
    if (number >= 10) return;
    HostImpl::Turn turn(host);  // the baton is free
    number += 10;
    host.defer(*this);
  }
  HostImpl& host;
  std::vector<int>& seen;
  int number;
};

TEST(Deferred, AManualHostRunsThemAsItAdvances) {
  HostOptions options;
  options.is_manual = true;
  const auto host = std::make_shared<HostImpl>(options);
  std::vector<int> seen;
  Noting first(*host, seen, 1), second(*host, seen, 2);
  {
    HostImpl::Turn turn(*host);
    host->defer(first);
    host->defer(second);
  }
  EXPECT_TRUE(seen.empty());
  EXPECT_EQ(host->next_deadline(), host->core().now());
  host->advance(host->core().now());
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 11, 12}));
}

TEST(Deferred, OnRealTimeTheLoopThreadRunsThem) {
  struct Telling final : Deferred {
    void run() override {
      ran_on = std::this_thread::get_id();
      done.set();
    }
    std::thread::id ran_on;
    runtime::WaitCell done;
  } telling;
  const auto host = std::make_shared<HostImpl>(HostOptions{});
  host->start();
  {
    HostImpl::Turn turn(*host);
    host->defer(telling);
  }
  EXPECT_TRUE(telling.done.wait());
  EXPECT_NE(telling.ran_on, std::this_thread::get_id());
  host->stop();
}

}  // namespace
}  // namespace oriel::stack
