// What a receiver says on the wire, read from its packets: options of its SYN, its window fields,
// and how large the segments are that it gets.
//
// A middlebox at the receiver's end of the path (end a, in front of all others) that changes
// nothing. One connection, IPv4. Nothing comes from a socket's own statistics: this is what a
// capture shows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oriel/sim.h"

namespace oriel::cli {

/// One advertised window.
struct SeenWindow {
  Instant at;
  std::uint32_t bytes = 0;  ///< true window
};

class WindowTap final : public sim::Middlebox {
 public:
  std::string name() const override { return "tap"; }
  bool on_packet(Instant now, Direction direction, std::vector<std::uint8_t>& packet,
                 std::vector<std::vector<std::uint8_t>>& reply) override;

  /// "MSS 1460, WSopt 8, SACK": of the receiver's SYN, in the order on the wire.
  const std::string& syn_options() const { return syn_options_; }
  /// Factor in the receiver's SYN; none: no WSopt there.
  std::optional<unsigned> window_scale_sent() const { return scale_sent_; }
  /// Field of the receiver's first segment without SYN; none: there was no such segment.
  std::optional<std::uint16_t> first_window_field() const { return first_field_; }
  std::uint32_t window_bytes_start() const { return window_start_; }
  std::uint32_t window_bytes_max() const { return window_max_; }
  std::uint16_t window_field_max() const { return field_max_; }
  /// Largest payload that arrived in one segment.
  std::size_t payload_bytes_max() const { return payload_max_; }
  /// Each window that differs from the one before.
  const std::vector<SeenWindow>& windows() const { return windows_; }

 private:
  void see_own(Instant now, const std::uint8_t* tcp, std::size_t header_bytes);
  bool is_scaled() const { return scale_sent_ && scale_heard_; }

  std::string syn_options_;
  std::optional<unsigned> scale_sent_;
  std::optional<unsigned> scale_heard_;  // in the sender's SYN-ACK, as it arrived
  std::optional<std::uint16_t> first_field_;
  std::uint32_t window_start_ = 0;
  std::uint32_t window_max_ = 0;
  std::uint16_t field_max_ = 0;
  std::size_t payload_max_ = 0;
  std::vector<SeenWindow> windows_;
};

}  // namespace oriel::cli
