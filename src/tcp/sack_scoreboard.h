// What was sent, what of it arrived, what is lost, what is in the pipe (RFC 2018, 2883, 6675, 8985).
//
// One record per transmission handed to the network (a super-segment or one segment), in sequence
// order, in a ring. A record covers up to 64 wire segments; bit i of its masks speaks for
// [seq + i * mss, seq + (i + 1) * mss). Records are never split, so nothing moves in the middle of the
// ring and finding one is a binary search. Originals leave in sequence order and therefore in time
// order; retransmissions keep a queue of their own in time order. RACK walks both from the front, so
// loss detection costs what it finds, not what is outstanding:
//
//   snd_una                                                    snd_nxt
//   | rec 0 (acked part) | rec 1: sacked | rec 2: lost | rec 3 ... |
//                          ^ runs of fully sacked records are skipped by a path-compressed hint
//
// Pure bookkeeping: it decides nothing; loss_recovery asks and tells.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/seq_num.h"
#include "oriel/time.h"

namespace oriel::tcp {

/// What the sender knew when it sent a record: enough to compute a delivery rate when it is acknowledged
/// (draft-cheng-iccrg-delivery-rate-estimation), for controllers that model the path.
struct DeliveryStamp {
  std::uint64_t delivered_bytes = 0;  ///< C.delivered at the time of sending
  Instant delivered_at;               ///< C.delivered_time at the time of sending
  Instant first_sent_at;
  bool is_app_limited = false;
};

struct AckOutcome {
  std::uint32_t acked_bytes = 0;         ///< cumulative progress
  std::uint32_t delivered_bytes = 0;     ///< newly acked or sacked, each byte once
  std::uint32_t newly_sacked_bytes = 0;
  std::uint32_t newly_acked_lost_bytes = 0;  ///< had been marked lost and arrived all the same
  bool has_dsack = false;                ///< first block reported a duplicate (RFC 2883)
  SeqRange dsack;
  /// Among the newly delivered, the one sent last (RACK.segment): time and end of it, and whether
  /// it was ever retransmitted (ambiguous for RTT, RFC 8985 6.2 step 2).
  bool has_rack_sample = false;
  Instant rack_xmit_at;
  SeqNum rack_end_seq;
  bool is_rack_retransmitted = false;
  /// RTT evidence free of Karn's ambiguity: the newest never-retransmitted newly delivered one.
  bool has_rtt_sample = false;
  Instant rtt_xmit_at;
  /// A never-retransmitted segment below the highest delivered one arrived late (RFC 8985 6.2 step 3).
  bool is_reordered = false;
  DeliveryStamp stamp;                   ///< of the segment sent last; see has_rack_sample
};

class SackScoreboard {
 public:
  /// The record's segments must be <= 64: Requires range.size() <= 64 * mss and range.begin == snd_nxt.
  /// A FIN takes one sequence number and belongs to the last segment.
  void on_sent(SeqRange range, std::uint16_t mss, Instant now, const DeliveryStamp& stamp);

  /// An acceptable ACK. `blocks` may be hostile: anything outside (snd_una, snd_nxt] is ignored, DSACK
  /// is told from SACK as in RFC 2883 4. Cost: proportional to what changes plus log of the records.
  AckOutcome on_ack(SeqNum snd_una, std::span<const SeqRange> blocks);

  /// RACK step 5: everything outstanding sent (xmit_at, end_seq) before (rack_xmit_at, rack_end_seq)
  /// whose xmit_at + timeout <= now is lost. Returns bytes newly marked lost and sets
  /// `*next_expiry` to when the next candidate will be (never if none).
  std::uint32_t mark_lost_by_rack(Instant now, Instant rack_xmit_at, SeqNum rack_end_seq,
                                  Duration timeout, Instant* next_expiry);
  /// All that is neither acked nor sacked is lost (RTO); forgets what was retransmitted before.
  std::uint32_t mark_all_lost();
  /// The first unacknowledged segment is lost (duplicate ACKs without SACK, RFC 6582).
  std::uint32_t mark_front_lost();
  /// An RTO that proved spurious: what was marked lost and not retransmitted counts as in flight again.
  void unmark_lost();
  /// SACK information can no longer be trusted (reneging: snd_una stands inside a sacked run).
  void forget_sacks();

  /// The next lost run not retransmitted since, lowest first, at most `bytes_max` and at most one
  /// record's tail; empty if none. It ends on a segment boundary of its record.
  SeqRange next_lost(std::uint32_t bytes_max) const;
  /// That run was sent again at `now`.
  void on_retransmitted(SeqRange range, Instant now, const DeliveryStamp& stamp);

  /// The last segment outstanding (for a tail loss probe); empty when nothing is.
  SeqRange last_segment() const;

  bool is_empty() const;
  bool is_front_sacked() const;  ///< sign of reneging
  bool has_retransmitted_outstanding() const;
  std::uint32_t sacked_bytes() const { return sacked_bytes_; }
  std::uint32_t lost_bytes() const { return lost_bytes_; }  ///< marked lost, not retransmitted since
  std::uint32_t sacked_segments() const { return sacked_segments_; }
  /// Bytes in the network by this book: outstanding - sacked - lost + retransmitted (RFC 6675 pipe).
  std::uint32_t pipe() const;
  std::uint32_t flight_size() const;  ///< snd_nxt - snd_una
  /// The earliest send time of anything still in the network; never if nothing.
  Instant oldest_xmit_at() const;
  /// xmit time of the most recently sent record or retransmission.
  std::size_t memory_bytes() const;

 private:
  // The implementer completes this part; members keep to the names above.
  std::uint32_t sacked_bytes_ = 0;
  std::uint32_t lost_bytes_ = 0;
  std::uint32_t sacked_segments_ = 0;
};

}  // namespace oriel::tcp
