#include "tcp/ring.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/random.h"

namespace oriel::tcp {
namespace {

TEST(Ring, HoldsNothingWhileEmpty) {
  Ring<int> r;
  EXPECT_TRUE(r.empty());
  r.release_if_empty();
  r.push_back(1);
  r.release_if_empty();
  EXPECT_EQ(r.size(), 1u);
  EXPECT_EQ(r.pop_front(), 1);
  r.release_if_empty();
  r.push_back(2);
  EXPECT_EQ(r.front(), 2);
  EXPECT_EQ(r.back(), 2);
}

TEST(Ring, AgreesWithADeque) {
  Random random(7);
  Ring<std::uint64_t> ring;
  std::deque<std::uint64_t> model;
  for (int i = 0; i < 20'000; ++i) {
    if (model.empty() || random.chance(i % 2000 < 1000 ? 0.6 : 0.4)) {
      const std::uint64_t v = random.next();
      ring.push_back(v);
      model.push_back(v);
    } else {
      ASSERT_EQ(ring.pop_front(), model.front());
      model.pop_front();
      ring.release_if_empty();
    }
    ASSERT_EQ(ring.size(), model.size());
    if (model.empty()) continue;
    ASSERT_EQ(ring.back(), model.back());
    const auto at = static_cast<std::uint32_t>(random.below(model.size()));
    ASSERT_EQ(ring[at], model[at]);
  }
}

}  // namespace
}  // namespace oriel::tcp
