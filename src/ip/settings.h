// The numbers that the IP layer is given; the composition fills them from the settings rows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "oriel/time.h"

namespace oriel::ip {

struct Settings {
  std::uint8_t hop_limit = 128;             ///< Windows' DefaultTTL
  bool is_weak_host = false;                ///< accept packets for an address of another interface
  bool is_echo_answered = true;             ///< answer echo requests
  bool is_broadcast_echo_answered = false;  ///< RFC 1122 3.2.2.6 leaves the choice
  std::size_t reassembly_bytes_max = 4u << 20;
  std::uint32_t icmp_errors_per_second = 100;  ///< token bucket, per host; 0: none are sent
  std::uint32_t icmp_errors_burst = 50;
};

}  // namespace oriel::ip
