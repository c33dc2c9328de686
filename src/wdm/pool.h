// How much of the pools is out: what a driver leaves behind at its end is a leak.
#pragma once

#include <cstddef>

namespace oriel::wdm {

struct PoolUse {
  std::size_t blocks = 0;
  std::size_t bytes = 0;
};

/// Of the whole process, now. Thread: any.
PoolUse pool_use();

}  // namespace oriel::wdm
