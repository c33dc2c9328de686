// Interface numbers as Windows' programs see them: 0 is no interface, loopback is 1, links follow.
#pragma once

#include <cstdint>

namespace oriel::winsock {

constexpr std::uint32_t shown_interface(std::uint32_t index) {
  return index + 1;
}

}  // namespace oriel::winsock
