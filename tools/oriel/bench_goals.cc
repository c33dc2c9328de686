// The goals of the fast path, as ratios between cells of one run.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "bench_report.h"

namespace oriel::cli {
namespace {

using Member = double LoopbackFigures::*;

const LoopbackCell* find(const LoopbackRun& run, const char* transport, const LoopbackLoad& load) {
  for (const LoopbackCell& cell : run.cells) {
    if (cell.transport == transport && cell.load == load && !cell.reps.empty()) return &cell;
  }
  return nullptr;
}

class Goals {
 public:
  explicit Goals(const LoopbackRun& run) : run_(run) {}

  void ratio(const std::string& what, const LoopbackLoad& load, Member member, double bound,
             bool is_at_most, const char* rival = "kernel-tcp", const char* of = "fast") {
    const LoopbackCell* ours = find(run_, of, load);
    const LoopbackCell* theirs = find(run_, rival, load);
    if (ours == nullptr || theirs == nullptr) return;
    LoopbackGoal& goal = goals.emplace_back();
    goal.what = fmt::format("{} / {}: {}", of, rival, what);
    goal.reached = ours->medians().*member / theirs->medians().*member;
    goal.bound = bound;
    goal.is_at_most = is_at_most;
  }

  void round_trips() {
    const LoopbackLoad small = load_of("round-trip", 64);
    ratio("round trip 64 B, p50", small, &LoopbackFigures::p50_us, 0.022, true);
    ratio("round trip 64 B, p50", small, &LoopbackFigures::p50_us, 1.3, true, "ring");
    ratio("round trip 64 B, p99", small, &LoopbackFigures::p99_us, 0.04, true);
    ratio("round trip 16 KiB, p50", load_of("round-trip", 16384), &LoopbackFigures::p50_us, 0.2,
          true);
    LoopbackLoad asleep = small;
    asleep.wait = "sleep";
    asleep.think_us = 300;
    ratio("round trip 64 B, woken from sleep", asleep, &LoopbackFigures::p50_us, 0.8, true);
    LoopbackLoad port = small;
    port.api = "iocp";
    ratio("round trip 64 B, completion ports beside epoll", port, &LoopbackFigures::p50_us, 0.1,
          true);
    for (const int think_us : {5, 20, 50, 100, 200}) {
      LoopbackLoad thinking = small;
      thinking.think_us = think_us;
      const std::string what = fmt::format("round trip 64 B after {} us of thinking", think_us);
      ratio(what, thinking, &LoopbackFigures::p50_us, 0.4, true);
      ratio(what + ", server's CPU", thinking, &LoopbackFigures::server_cpu_us_per_op, 1.25, true);
    }
  }

  void streams() {
    constexpr std::pair<std::size_t, double> kBounds[] = {
        {64, 80}, {1024, 40}, {16384, 7}, {65536, 4}, {1u << 20, 3.2}};
    for (const auto& [size, bound] : kBounds) {
      ratio(fmt::format("stream of {}", size_text(size)), load_of("stream", size),
            &LoopbackFigures::bytes_per_s, bound, false);
    }
    const LoopbackLoad bulk = load_of("stream", 65536);
    ratio("stream of 64 KiB, CPU of both", bulk, &LoopbackFigures::cpu_us_per_op, 0.33, true);
    ratio("stream of 64 KiB", bulk, &LoopbackFigures::bytes_per_s, 1, false, "kernel-tcp",
          "ordinary");
  }

  void together() {
    LoopbackLoad small = load_of("round-trip", 64);
    LoopbackLoad bulk = load_of("stream", 65536);
    small.is_together = bulk.is_together = true;
    ratio("one core, round trip 64 B", small, &LoopbackFigures::p50_us, 0.5, true);
    ratio("one core, stream of 64 KiB", bulk, &LoopbackFigures::bytes_per_s, 2.2, false);
  }

  /// The worst of all cells: how much faster the fast path is than that rival.
  void never_slower(const char* rival) {
    LoopbackGoal worst;
    worst.reached = std::numeric_limits<double>::max();
    std::size_t slower = 0;
    std::size_t all = 0;
    for (const LoopbackCell& cell : run_.cells) {
      if (cell.transport != "fast" || cell.reps.empty()) continue;
      const LoopbackCell* other = find(run_, rival, cell.load);
      if (other == nullptr) continue;
      const double ours = cell.figure(cell.medians());
      const double theirs = other->figure(other->medians());
      const double speed = cell.load.op == "stream" ? ours / theirs : theirs / ours;
      ++all;
      if (speed < 1) ++slower;
      if (speed < worst.reached) worst.reached = speed;
    }
    if (all == 0) return;
    worst.what =
        fmt::format("fast / {}: speed in the worst of {} cells ({} slower)", rival, all, slower);
    worst.bound = 1;
    worst.is_at_most = false;
    goals.push_back(worst);
  }

  void marks() {
    for (const LoopbackMark& mark : run_.marks) {
      if (mark.fast.empty()) continue;
      LoopbackGoal& goal = goals.emplace_back();
      goal.what = mark.what;
      goal.bound = mark.goal;
      goal.reached = median_of(mark.fast);
      goal.unit = mark.unit;
      if (!mark.is_ratio || mark.rival.empty()) continue;
      goal.what = "fast / kernel-tcp: " + mark.what;
      goal.reached /= median_of(mark.rival);
      goal.unit = "x";
    }
  }

  std::vector<LoopbackGoal> goals;

 private:
  const LoopbackRun& run_;
};

}  // namespace

std::vector<LoopbackGoal> loopback_goals(const LoopbackRun& run) {
  Goals goals(run);
  goals.round_trips();
  goals.streams();
  goals.together();
  goals.never_slower("kernel-tcp");
  goals.never_slower("ordinary");
  goals.marks();
  return goals.goals;
}

}  // namespace oriel::cli
