#include "stack/tcp_configs.h"

#include <gtest/gtest.h>

namespace oriel::stack {
namespace {

tcp::TcpConfig with_shift(std::uint8_t shift) {
  tcp::TcpConfig c;
  c.rcv_wind_shift = shift;
  return c;
}

TEST(TcpConfigs, EachInterfaceHasItsOwn) {
  TcpConfigs configs;
  EXPECT_EQ(configs.find(2), nullptr);
  EXPECT_EQ(configs.make(2, with_shift(4)).rcv_wind_shift, 4);
  EXPECT_EQ(configs.make(1, with_shift(8)).rcv_wind_shift, 8);
  EXPECT_EQ(configs.find(2)->rcv_wind_shift, 4);
  EXPECT_EQ(configs.find(0), nullptr);
  EXPECT_EQ(configs.find(7), nullptr);
}

TEST(TcpConfigs, ConnectionsKeepWhatTheyBeganWith) {
  TcpConfigs configs;
  const tcp::TcpConfig& old = configs.make(1, with_shift(2));
  configs.acquire(old);
  configs.acquire(old);
  configs.expire_all();
  EXPECT_EQ(configs.find(1), nullptr);
  configs.make(1, with_shift(8));
  EXPECT_EQ(old.rcv_wind_shift, 2);
  configs.release(old);
  EXPECT_EQ(old.rcv_wind_shift, 2);
  EXPECT_EQ(configs.size(), 2u);
  configs.release(old);
  EXPECT_EQ(configs.size(), 1u);
}

TEST(TcpConfigs, WhatNobodyUsesGoesAtOnce) {
  TcpConfigs configs;
  const tcp::TcpConfig& present = configs.make(1, with_shift(2));
  configs.acquire(present);
  configs.release(present);
  EXPECT_EQ(configs.find(1), &present);
  for (int i = 0; i < 3; ++i) configs.make(1, with_shift(3));
  EXPECT_EQ(configs.size(), 1u);
  configs.expire(1);
  EXPECT_EQ(configs.size(), 0u);
}

}  // namespace
}  // namespace oriel::stack
