// The receive sequence space (RFC 9293 3.3.1, 3.8.6.2.2; RFC 7323 2.2-2.4): is a segment
// acceptable, what window do I advertise, and how is it written in 16 bits.
//
//        1          2           3     4
//   ----------|-----------|--------|-----
//          RCV.NXT     buffered  RCV.ADV = right edge promised to the peer, and honoured
//
//        1  old   2  fits the buffer   3  what rounding promised beyond it   4  not yet
//
// The right edge never moves left: a window that should shrink shrinks only as bytes arrive. A
// field that would round the edge down is rounded up instead (spec CM-6). The surprise: every
// rounding up promises up to a unit more than the buffer has, and a peer that sends small segments
// to a program that does not read would never see its window close. So 3 ends at
// kRoundedBytesMax, or two units of the scale if that is more; there a field is rounded down, the
// edge that is told falls short of RCV.ADV by less than a unit, and RCV.ADV is honoured (RFC
// 7323 2.4).
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/seq_num.h"

namespace oriel::tcp {

struct RcvSpace {
  SeqNum irs;
  SeqNum rcv_nxt;
  /// What rounding up may promise beyond the buffer.
  static constexpr std::uint32_t kRoundedBytesMax = 8192;

  SeqNum rcv_adv;                   ///< right edge advertised so far
  SeqNum last_ack_sent;             ///< Last.ACK.sent (RFC 7323 4.3)
  std::uint16_t rounded_bytes = 0;  ///< of rcv_adv: promised by rounding alone
  std::uint8_t rcv_wind_shift = 0;  ///< Rcv.Wind.Shift; 0 when scaling was not agreed
  std::uint32_t rcv_wnd_max = 0;    ///< largest window ever advertised, bytes

  std::uint32_t rcv_wnd() const { return seq_span(rcv_nxt, seq_max(rcv_adv, rcv_nxt)); }

  /// RFC 9293 table 6.
  bool is_acceptable(SeqNum seg_seq, std::uint32_t seg_len) const {
    const std::uint32_t wnd = rcv_wnd();
    if (seg_len == 0) {
      if (wnd == 0) return seg_seq == rcv_nxt;
      return seq_leq(rcv_nxt, seg_seq) && seq_lt(seg_seq, rcv_nxt + wnd);
    }
    if (wnd == 0) return false;
    const SeqNum last = seg_seq + (seg_len - 1);
    const SeqNum edge = rcv_nxt + wnd;
    return (seq_leq(rcv_nxt, seg_seq) && seq_lt(seg_seq, edge)) ||
           (seq_leq(rcv_nxt, last) && seq_lt(last, edge));
  }

  /// Moves the right edge for `space` bytes of free buffer, with the receiver's silly window
  /// avoidance (RFC 9293 3.8.6.2.2: by min(buffer / 2, rmss) at least), never left. Returns whether
  /// it moved.
  bool advance_edge(std::uint32_t space, std::uint32_t buffer_bytes, std::uint32_t rmss) {
    const SeqNum wanted = rcv_nxt + representable(space);
    if (seq_leq(wanted, rcv_adv)) {
      // The buffer has come closer to the edge: that much less is promised by rounding alone. One
      // that is full, or more than full, has not.
      if (space != 0) {
        rounded_bytes = static_cast<std::uint16_t>(
            std::min<std::uint32_t>(rounded_bytes, seq_span(wanted, rcv_adv)));
      }
      return false;
    }
    rounded_bytes = 0;
    if (seq_span(rcv_adv, wanted) < std::min(buffer_bytes / 2, rmss)) return false;
    rcv_adv = wanted;
    return true;
  }

  /// The handshake settled buffer and scale: all of it at once, whatever the SYN could say.
  void open(std::uint32_t buffer_bytes) {
    rcv_adv = seq_max(rcv_adv, rcv_nxt + representable(buffer_bytes));
  }

  /// The window field of a segment that leaves now; makes rcv_adv what the field promises.
  std::uint16_t window_field() {
    const std::uint32_t wnd = rcv_wnd();
    const std::uint32_t unit = 1u << rcv_wind_shift;
    const std::uint32_t down = std::min<std::uint32_t>(wnd >> rcv_wind_shift, 65535);
    const std::uint32_t beyond = down == 65535 ? 0 : (unit - (wnd & (unit - 1))) & (unit - 1);
    const bool may_round_up =
        beyond != 0 && rounded_bytes + beyond <= std::max(kRoundedBytesMax, 2 * unit - 1);
    if (may_round_up) {
      rcv_adv = rcv_nxt + (wnd + beyond);
      rounded_bytes = static_cast<std::uint16_t>(rounded_bytes + beyond);
    }
    const std::uint32_t field = may_round_up ? down + 1 : down;
    rcv_wnd_max = std::max(rcv_wnd_max, field << rcv_wind_shift);
    return static_cast<std::uint16_t>(field);
  }

 private:
  std::uint32_t representable(std::uint32_t bytes) const {
    const std::uint32_t unit = 1u << rcv_wind_shift;
    return std::min(bytes, 65535u << rcv_wind_shift) & ~(unit - 1);
  }
};

}  // namespace oriel::tcp
