// What the scoreboard keeps of each transmission, and what more of those that loss or SACK touched.
//
// SentRecord is all that a connection without loss ever reads or writes: 48 bytes. The masks of a
// record live in a second array (LossBook) that is not there until the first SACK or loss, and a
// record's slot in it means something only once its flag kMasked is set.
#pragma once

#include <cstdint>
#include <vector>

#include "base/seq_num.h"
#include "oriel/time.h"
#include "tcp/id_ring.h"

namespace oriel::tcp {

struct SentRecord {
  static constexpr std::uint8_t kMasked = 1;      // has a slot of SegmentMasks, `segments` is set
  static constexpr std::uint8_t kAllSacked = 2;   // nothing left to sack; `skip` is set
  static constexpr std::uint8_t kAppLimited = 4;  // of the stamp

  SeqNum begin;
  std::uint32_t len;
  std::uint16_t mss;
  std::uint8_t flags;
  std::uint8_t segments;
  std::uint32_t skip;  // records from here to the next that may not be kAllSacked
  Instant xmit_at;
  std::uint64_t stamp_delivered_bytes;
  Instant stamp_delivered_at;
  Instant stamp_first_sent_at;

  SeqNum end() const { return begin + len; }
  bool is_masked() const { return (flags & kMasked) != 0; }
  bool is_all_sacked() const { return (flags & kAllSacked) != 0; }
};
static_assert(sizeof(SentRecord) == 48);

/// Bit i speaks for segment i of the record. Of a segment neither acked nor sacked exactly one
/// holds: its original is in the network (no bit), it is lost, or a retransmission of it is in the
/// network.
struct SegmentMasks {
  std::uint64_t sacked;
  std::uint64_t lost;
  std::uint64_t retransmitted;          // a retransmission is in the network
  std::uint64_t ever_retransmitted;     // RTT and RACK samples are ambiguous
  std::uint64_t delivered;              // counted as delivered, even if SACK was forgotten since
  std::uint64_t newest_retransmission;  // number in the queue plus 1; 0: none
};

/// One retransmission, queued in time order.
struct Retransmission {
  std::uint64_t record;
  std::uint64_t segments;  // mask
  std::uint64_t older;     // of the same record: number in the queue plus 1; 0: none
  Instant xmit_at;
  std::uint64_t stamp_delivered_bytes;
  Instant stamp_delivered_at;
  Instant stamp_first_sent_at;
  bool is_app_limited;
};

struct LossBook {
  std::vector<SegmentMasks> masks;      // by slot of the record
  std::vector<std::uint64_t> has_lost;  // bit by slot of the record: its `lost` is not 0
  IdRing<Retransmission> retransmissions;
  std::uint64_t lowest_lost = 0;  // no record below has lost segments
};

}  // namespace oriel::tcp
