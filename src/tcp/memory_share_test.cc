// The share as a number, and what becomes of thousands who follow it.
#include "tcp/memory_share.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "support/req.h"

namespace oriel::tcp {
namespace {

constexpr std::uint64_t kMiB = 1u << 20;

TEST(MemoryShare, Table) {
  const struct {
    MemoryState state;
    std::uint64_t share;
  } rows[] = {
      {{}, UINT64_MAX},
      {{800, 800, 1, 0}, 700},      // alone: all but the reserve
      {{800, 500, 100, 200}, 202},  // its part of half of the rest
      {{800, 100, 7, 300}, 300},    // at the reserve: what it has
      {{800, 75, 7, 300}, 200},     // half way down
      {{800, 50, 7, 300}, 100},     // an equal share
      {{800, 0, 7, 0}, 100},        // a newcomer's, too
      {{0, 0, 3, 10}, 0},           // nothing
      {{800, 0, 0, 0}, 700},        // nobody counted yet
  };
  for (const auto& row : rows) EXPECT_EQ(memory_share(row.state), row.share) << row.share;
}

class Sharers {
 public:
  Sharers(std::size_t n, std::uint64_t budget) : held(n), wanted(n), budget_(budget) {}
  std::uint64_t used() const { return std::accumulate(held.begin(), held.end(), std::uint64_t{0}); }
  /// Each in turn drains a quarter and fills up to its share.
  void round() {
    const auto n = static_cast<std::uint64_t>(
        std::count_if(wanted.begin(), wanted.end(), [](std::uint64_t w) { return w != 0; }));
    std::uint64_t all = used();
    for (std::size_t i = 0; i < held.size(); ++i) {
      all -= held[i];
      const std::uint64_t before = held[i];
      held[i] -= held[i] / 4;
      const std::uint64_t left = budget_ > all + held[i] ? budget_ - all - held[i] : 0;
      const std::uint64_t share = memory_share({budget_, left, n, before});
      held[i] = std::max(held[i], std::min({wanted[i], share, held[i] + left}));
      if (wanted[i] == 0) held[i] = 0;
      all += held[i];
    }
    used_max = std::max(used_max, all);
  }
  void rounds(int n) {
    for (int i = 0; i < n; ++i) round();
  }

  std::vector<std::uint64_t> held;
  std::vector<std::uint64_t> wanted;
  std::uint64_t used_max = 0;

 private:
  std::uint64_t budget_;
};

TEST(MemoryShare, AThousandGetTheSame) {
  REQ("ISB-3");
  Sharers s(1000, 4096 * kMiB);
  std::fill(s.wanted.begin(), s.wanted.end(), 16 * kMiB);
  s.rounds(100);
  const auto [low, high] = std::minmax_element(s.held.begin(), s.held.end());
  EXPECT_GE(*low, 3 * kMiB);
  EXPECT_LE(*high, *low * 5 / 4);
  EXPECT_LE(s.used_max, 4096 * kMiB);
}

TEST(MemoryShare, TheFirstMakeRoomForTheNext) {
  REQ("ISB-3");
  Sharers s(100, 1000 * kMiB);
  for (int i = 0; i < 50; ++i) s.wanted[static_cast<std::size_t>(i)] = 100 * kMiB;
  s.rounds(50);
  EXPECT_GE(s.held[0], 17 * kMiB);
  std::fill(s.wanted.begin(), s.wanted.end(), 100 * kMiB);
  s.rounds(50);
  EXPECT_GE(*std::min_element(s.held.begin(), s.held.end()), 8 * kMiB);
  std::fill(s.wanted.begin() + 10, s.wanted.end(), 0);
  s.rounds(50);
  EXPECT_GE(s.held[0], 80 * kMiB) << "and take it again";
}

TEST(MemoryShare, OneThatIsHungryAmongManyThatAreNot) {
  Sharers s(1001, 1000 * kMiB);
  std::fill(s.wanted.begin(), s.wanted.end(), kMiB / 16);
  s.wanted[0] = 256 * kMiB;
  s.rounds(1000);
  EXPECT_EQ(s.held[0], 256 * kMiB);
}

}  // namespace
}  // namespace oriel::tcp
