// May a short segment be sent now? Nagle's algorithm with Minshall's variation, and the sender's
// side of silly window avoidance (RFC 9293 3.7.4, 3.8.6.2.1; draft-minshall-nagle).
//
// Nagle waits while anything is unacknowledged; Minshall waits only while a *short* segment is, so
// the tail of a large write does not wait a round trip behind its own full segments.
#pragma once

#include <algorithm>
#include <cstdint>

namespace oriel::tcp {

struct NagleInput {
  std::uint32_t unsent_bytes = 0;         ///< queued and not sent yet
  std::uint32_t usable_window_bytes = 0;  ///< SND.UNA + SND.WND - SND.NXT, also within cwnd
  std::uint32_t smss = 0;
  std::uint32_t snd_wnd_max = 0;  ///< the largest window the peer ever offered
  bool is_nodelay = false;
  bool is_push_final = false;      ///< FIN follows: nothing more will come to fill the segment
  bool is_more_coming = false;     ///< the application said so: hold short segments
  bool has_short_unacked = false;  ///< SND.SML above SND.UNA: a short segment is in flight
};

/// Whether a segment may leave now. A full segment always may; half of the largest window ever
/// offered counts as full for peers with tiny buffers. Holding back needs no timer here: the ACK of
/// the short segment, or persist's override, releases it.
constexpr bool may_send_segment(const NagleInput& in) {
  const std::uint32_t sendable = std::min(in.unsent_bytes, in.usable_window_bytes);
  if (sendable == 0) return false;
  if (sendable >= in.smss) return true;
  if (in.unsent_bytes > in.usable_window_bytes) {
    // The window cuts it short: wait unless the piece is at least half of the best the peer can do.
    return in.snd_wnd_max != 0 && sendable >= (in.snd_wnd_max + 1) / 2;
  }
  if (in.is_push_final) return true;
  if (in.is_more_coming) return false;
  return in.is_nodelay || !in.has_short_unacked;
}

}  // namespace oriel::tcp
