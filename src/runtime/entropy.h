// Real randomness: seeds for Random and SipKey of hosts that nobody seeds. Simulations never call
// this.
#pragma once

#include <cstdint>

namespace oriel::runtime {

/// 64 bits from the kernel's generator (getrandom). Thread: any.
std::uint64_t real_entropy();

}  // namespace oriel::runtime
