// When the loop thread serves better than threads that are parked elsewhere.
#include "stack/parked_gauge.h"

#include <gtest/gtest.h>

namespace oriel::stack {
namespace {

TEST(ParkedGauge, OnlyALateLookThatFindsPacketsHandsTheDevicesBack) {
  ParkedGauge gauge;
  EXPECT_TRUE(gauge.may_drive());
  EXPECT_FALSE(gauge.on_begin(ParkedGauge::kGapMax, 64)) << "soon enough";
  EXPECT_FALSE(gauge.on_begin(std::chrono::seconds(1), 0)) << "nothing had to wait";
  EXPECT_TRUE(gauge.may_drive());
  EXPECT_TRUE(gauge.on_begin(ParkedGauge::kGapMax + Duration(1), 1));
  for (std::uint32_t i = 0; i < ParkedGauge::kRefusals; ++i) EXPECT_FALSE(gauge.may_drive());
  EXPECT_TRUE(gauge.may_drive()) << "programs change: it is tried again";
}

}  // namespace
}  // namespace oriel::stack
