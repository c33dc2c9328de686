// The send sequence space (RFC 9293 3.3.1, 3.8.6.2): may I send, is this ACK good, does it move the
// window.
//
//        1         2          3          4
//   ----------|----------|----------|----------
//          SND.UNA    SND.NXT    SND.UNA + SND.WND
//   1 acknowledged, 2 in flight, 3 may be sent, 4 not yet.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/seq_num.h"

namespace oriel::tcp {

struct SndSpace {
  SeqNum iss;
  SeqNum snd_una;
  SeqNum snd_nxt;
  SeqNum snd_wl1;                   ///< SEG.SEQ of the last window update
  SeqNum snd_wl2;                   ///< SEG.ACK of the last window update
  std::uint32_t snd_wnd = 0;        ///< true bytes (field already shifted)
  std::uint32_t snd_wnd_max = 0;    ///< MAX.SND.WND, for RFC 5961 5.2 and silly window avoidance
  std::uint8_t snd_wind_shift = 0;  ///< Snd.Wind.Shift (RFC 7323 2.2), at most 14

  std::uint32_t flight_size() const { return seq_span(snd_una, snd_nxt); }

  enum class AckKind : std::uint8_t {
    kNew,        ///< snd_una < ack <= snd_nxt
    kDuplicate,  ///< ack == snd_una, or older but within MAX.SND.WND
    kTooOld,     ///< below snd_una - MAX.SND.WND: challenge ACK (RFC 5961 5.2)
    kTooNew,     ///< acknowledges what was not sent: ACK and drop
  };
  AckKind classify(SeqNum ack) const {
    if (seq_gt(ack, snd_nxt)) return AckKind::kTooNew;
    if (seq_gt(ack, snd_una)) return AckKind::kNew;
    return seq_lt(ack, snd_una - snd_wnd_max) ? AckKind::kTooOld : AckKind::kDuplicate;
  }

  /// RFC 9293 3.10.7.4: is this segment's window newer than the one in use?
  bool may_update_window(SeqNum seg_seq, SeqNum seg_ack) const {
    return seq_leq(snd_una, seg_ack) && seq_leq(seg_ack, snd_nxt) &&
           (seq_lt(snd_wl1, seg_seq) || (snd_wl1 == seg_seq && seq_leq(snd_wl2, seg_ack)));
  }
  void update_window(SeqNum seg_seq, SeqNum seg_ack, std::uint32_t window) {
    snd_wnd = window;
    snd_wnd_max = std::max(snd_wnd_max, window);
    snd_wl1 = seg_seq;
    snd_wl2 = seg_ack;
  }
  /// Bytes of the peer's window not in flight yet; a window that shrank gives 0.
  std::uint32_t usable() const {
    const std::uint32_t flight = flight_size();
    return snd_wnd > flight ? snd_wnd - flight : 0;
  }
};

}  // namespace oriel::tcp
