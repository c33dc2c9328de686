// What one connection counts (RFC 4898 names in oriel/trace.h); made when the first byte flows.
#pragma once

#include <cstdint>

#include "tcp/connection.h"

namespace oriel::tcp {

struct Connection::Statistics {
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_acked = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t segments_out = 0;
  std::uint64_t segments_in = 0;
  std::uint64_t segments_retransmitted = 0;
  std::uint64_t bytes_retransmitted = 0;
  std::uint64_t segments_out_of_order = 0;
  std::uint32_t fast_retransmit_episodes = 0;
  std::uint32_t timeouts = 0;
  std::uint32_t tail_loss_probes = 0;
  std::uint32_t dup_acks_in = 0;
  std::uint32_t zero_window_probes = 0;
  std::uint32_t loss_episodes = 0;
};

}  // namespace oriel::tcp
