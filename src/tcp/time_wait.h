// May a new SYN take over an address pair that is in TIME-WAIT? (RFC 9293 3.10.7.4, 3.6.1; RFC
// 6191)
//
// Yes if nothing of the old incarnation can be mistaken for the new one: a larger timestamp proves
// it, and without timestamps a sequence number beyond everything the old one sent. Pure function.
#pragma once

#include <cstdint>

#include "base/seq_num.h"

namespace oriel::tcp {

/// What TIME-WAIT remembers of the old connection.
struct TimeWaitRecord {
  SeqNum rcv_nxt;               ///< past the peer's FIN
  SeqNum snd_nxt;               ///< past our FIN
  std::uint32_t ts_recent = 0;  ///< the peer's last timestamp
  bool has_timestamps = false;
};

/// RFC 6191 section 2. Requires: the segment has SYN and not RST, and was addressed to the same
/// pair.
constexpr bool may_syn_reuse(const TimeWaitRecord& old, SeqNum syn_seq, bool syn_has_timestamps,
                             std::uint32_t syn_ts_value) {
  const bool is_seq_beyond = seq_gt(syn_seq, old.rcv_nxt);
  if (!syn_has_timestamps) return is_seq_beyond;
  if (!old.has_timestamps) return true;
  const auto age = static_cast<std::int32_t>(syn_ts_value - old.ts_recent);
  return age > 0 || (age == 0 && is_seq_beyond);
}

}  // namespace oriel::tcp
