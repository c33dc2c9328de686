// No change is lost, whatever happens when: programs of three habits against random changes,
// 10,000 seeds each. A change becomes an event later, a completion is handled later, and the value
// may move in between, as on a host.
#include <gtest/gtest.h>

#include <deque>

#include "base/random.h"
#include "socket/scripted_transport_test.h"
#include "support/req.h"

namespace oriel::socket {
namespace {

constexpr Instant kAtFirst{0};
constexpr std::uint64_t kSeeds = 10'000;
constexpr int kSteps = 80;

enum class Habit : std::uint8_t {
  kWaitThenAsk,  // as Microsoft's sample
  kAskThenWait,  // as a streaming program
  kOnlyWait,     // takes the value that the wait brings
};

class World final : private CompletionSink {
 public:
  World(std::uint64_t seed, Habit habit) : random_(seed), habit_(habit) {
    socket_.attach(transport_);
    wait();
  }
  void run() {
    for (int i = 0; i < kSteps; ++i) step(random_.below(6));
    // Everything under way comes in; the program is left with what it knows.
    tell();
    while (!completions_.empty()) handle();
  }
  bool knows_the_value() const { return known_ == transport_.backlog; }
  bool waits() const { return request_.is_queued; }
  std::uint32_t changes = 0;
  std::uint32_t completions = 0;

 private:
  void step(std::uint64_t what) {
    switch (what) {
      case 0:
      case 1:
        transport_.backlog = 65536 * (1 + static_cast<std::uint32_t>(random_.below(4)));
        ++changes;
        return;
      case 2:
      case 3:
        return tell();
      case 4:
        return handle();
      default:
        if (random_.below(4) == 0 && habit_ != Habit::kOnlyWait) ask();  // out of its own
        return;
    }
  }
  void tell() { transport_.tell(transport_event::kBacklogChanged); }
  void wait() { socket_.submit(kAtFirst, request_); }
  void ask() { known_ = socket_.report_backlog().value(); }
  void handle() {
    if (completions_.empty()) return;
    const auto value = static_cast<std::uint32_t>(completions_.front()->done);
    EXPECT_EQ(completions_.front()->error, ErrorCode::kOk);
    completions_.pop_front();
    switch (habit_) {
      case Habit::kWaitThenAsk:
        wait();
        return ask();
      case Habit::kAskThenWait:
        ask();
        return wait();
      case Habit::kOnlyWait:
        known_ = value;
        return wait();
    }
  }
  void on_complete(Request& request) override {
    ++completions;
    completions_.push_back(&request);
  }

  Random random_;
  Habit habit_;
  ScriptedTransport transport_;
  StreamSocket socket_;
  TestRequest request_{Request::Kind::kWaitBacklog, *this};
  std::deque<Request*> completions_;
  std::uint32_t known_ = 65536;
};

TEST(StreamBacklogSeeds, NoOrderOfAskingAndWaitingLosesAChange) {
  REQ("ISB-5");
  for (const Habit habit : {Habit::kWaitThenAsk, Habit::kAskThenWait, Habit::kOnlyWait}) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      World world(seed, habit);
      world.run();
      ASSERT_TRUE(world.knows_the_value())
          << "seed " << seed << " habit " << static_cast<int>(habit);
      ASSERT_TRUE(world.waits()) << seed;
      ASSERT_LE(world.completions, world.changes) << "nobody spins; seed " << seed;
    }
  }
}

}  // namespace
}  // namespace oriel::socket
