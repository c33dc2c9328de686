// What was sent, what of it arrived, what is lost, what is in the pipe (RFC 2018, 2883, 6675,
// 8985).
//
// One record per transmission handed to the network (a super-segment or one segment), in sequence
// order, in a ring. A record covers up to 64 wire segments; bit i of its masks speaks for
// [seq + i * mss, seq + (i + 1) * mss). Records are never split, so nothing moves in the middle of
// the ring and finding one is a binary search. Originals leave in sequence order and therefore in
// time order; retransmissions keep a queue of their own in time order. RACK walks both from the
// front, so loss detection costs what it finds, not what is outstanding:
//
//   snd_una                                                    snd_nxt
//   | rec 0 (acked part) | rec 1: sacked | rec 2: lost | rec 3 ... |
//                          ^ runs of fully sacked records are skipped by a path-compressed hint
//
// Pure bookkeeping: it decides nothing; loss_recovery asks and tells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/seq_num.h"
#include "oriel/time.h"
#include "tcp/id_ring.h"
#include "tcp/sack_records.h"

namespace oriel::tcp {

/// What the sender knew when it sent a record: enough to compute a delivery rate when it is
/// acknowledged (draft-cheng-iccrg-delivery-rate-estimation), for controllers that model the path.
struct DeliveryStamp {
  std::uint64_t delivered_bytes = 0;  ///< C.delivered at the time of sending
  Instant delivered_at;               ///< C.delivered_time at the time of sending
  Instant first_sent_at;
  bool is_app_limited = false;
};

/// RFC 8985 6.2 RACK_sent_after: by time, and by sequence among those sent at the same time.
constexpr bool is_sent_after(Instant a, SeqNum a_end, Instant b, SeqNum b_end) {
  return a > b || (a == b && seq_gt(a_end, b_end));
}

struct AckOutcome {
  std::uint32_t acked_bytes = 0;      ///< cumulative progress
  std::uint32_t delivered_bytes = 0;  ///< newly acked or sacked, each byte once
  std::uint32_t newly_sacked_bytes = 0;
  std::uint32_t newly_acked_lost_bytes = 0;  ///< had been marked lost and arrived all the same
  bool has_dsack = false;                    ///< first block reported a duplicate (RFC 2883)
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
  SeqNum rtt_end_seq;
  /// A never-retransmitted segment below the highest delivered one arrived late (RFC 8985 6.2 step
  /// 3).
  bool is_reordered = false;
  DeliveryStamp stamp;  ///< of the segment sent last; see has_rack_sample
};

class SackScoreboard {
 public:
  /// Segments of one record; blocks looked at in one ACK (RFC 2018 3: no more fit).
  static constexpr std::uint32_t kSegmentsPerRecord = 64;
  static constexpr std::size_t kBlocksMax = 4;
  /// DSACK further below SND.UNA than any window reaches is not believed (RFC 7323 2.3).
  static constexpr std::uint32_t kDsackDistanceMax = 1u << 30;

  /// Data was handed to the network. Requires mss > 0 and, unless is_empty(), range.begin ==
  /// snd_nxt. A range of more than 64 * mss takes several records. A FIN takes one sequence number;
  /// if that falls beyond the last full segment it counts as a segment of one byte. Bound: O(1)
  /// amortised; the memory doubles when full. May throw bad_alloc.
  void on_sent(SeqRange range, std::uint16_t mss, Instant now, const DeliveryStamp& stamp);

  /// An ACK: `ack` is SEG.ACK. One above snd_nxt counts as snd_nxt; one below snd_una (overtaken on
  /// the way) only brings its blocks, and a DSACK is told by it (RFC 2883 4). `blocks` may be
  /// hostile: what is not inside (snd_una, snd_nxt] is ignored whole, segments covered in part are
  /// not sacked. Bound: what changes, plus the logarithm of the records for each of kBlocksMax
  /// blocks.
  AckOutcome on_ack(SeqNum ack, std::span<const SeqRange> blocks);

  /// RACK step 5: everything outstanding sent (xmit_at, end_seq) before (rack_xmit_at,
  /// rack_end_seq) whose xmit_at + timeout <= now is lost. Returns bytes newly marked lost and sets
  /// `*next_expiry` to when the next candidate will be (never if none). Bound: what it marks,
  /// amortised.
  std::uint32_t mark_lost_by_rack(Instant now, Instant rack_xmit_at, SeqNum rack_end_seq,
                                  Duration timeout, Instant* next_expiry);
  /// All that is neither acked nor sacked is lost (RTO); forgets what was retransmitted before.
  std::uint32_t mark_all_lost();
  /// The first unacknowledged segment is lost (duplicate ACKs without SACK, RFC 6582); nothing if
  /// it is sacked, known lost, or a retransmission of it is in the network.
  std::uint32_t mark_front_lost();
  /// An RTO that proved spurious: what was marked lost and not retransmitted counts as in flight
  /// again.
  void unmark_lost();
  /// SACK information can no longer be trusted (reneging: snd_una stands inside a sacked run). What
  /// was sacked counts as in flight; its bytes do not count as delivered a second time.
  void forget_sacks();
  /// The path takes only `mss` now (RFC 8899, 1191): cuts all that is outstanding anew, keeps what
  /// is sacked, and marks the rest lost. Requires mss > 0. Bound: O(records + segments).
  void resegment(std::uint16_t mss);

  /// The next lost run not retransmitted since, lowest first, at most `bytes_max` and at most one
  /// record's tail; empty if none or if its first segment exceeds `bytes_max`. It ends on a segment
  /// boundary of its record.
  SeqRange next_lost(std::uint32_t bytes_max) const;
  /// That run, or any other outstanding run of whole segments, was sent again at `now`.
  void on_retransmitted(SeqRange range, Instant now, const DeliveryStamp& stamp);

  /// The last segment outstanding (for a tail loss probe); empty when nothing is.
  SeqRange last_segment() const;

  bool is_empty() const { return records_.is_empty(); }
  bool is_front_sacked() const;  ///< sign of reneging
  /// A retransmission is in the network, neither delivered nor itself lost.
  bool has_retransmitted_outstanding() const;
  std::uint32_t sacked_bytes() const { return sacked_bytes_; }
  std::uint32_t lost_bytes() const {
    return lost_bytes_;
  }  ///< marked lost, not retransmitted since
  std::uint32_t sacked_segments() const { return sacked_segments_; }
  /// All bytes ever sent again, modulo 2^32.
  std::uint32_t retransmitted_bytes() const { return retransmitted_bytes_; }
  /// Bytes in the network by this book: outstanding - sacked - lost + retransmitted (RFC 6675
  /// pipe).
  std::uint32_t pipe() const { return flight_size() - sacked_bytes_ - lost_bytes_; }
  std::uint32_t flight_size() const {  ///< snd_nxt - snd_una
    return is_empty() ? 0 : seq_span(snd_una_, snd_nxt_);
  }
  /// The earliest send time of anything still in the network; never if nothing.
  /// Bound: walks over records with nothing in the network that RACK has not passed yet.
  Instant oldest_xmit_at() const;
  /// When the segment at snd_una was sent last; never if nothing is outstanding.
  Instant front_xmit_at() const;
  /// Heap bytes held.
  std::size_t memory_bytes() const;
  /// Gives all memory back (an idle connection). Requires is_empty(); otherwise does nothing.
  void release_memory();

 private:
  struct AckPass;  // what one ACK gathers

  // An empty board keeps at most this many records' memory for the next send.
  static constexpr std::size_t kRecordsKeptMax = 1024;

  void append(SeqRange range, std::uint16_t mss, Instant at, const DeliveryStamp& stamp);
  SegmentMasks& masks(std::uint64_t id);  // makes them if not there yet
  void fit_book();
  void rebuild_lost_index();
  void set_lost(std::uint64_t id, std::uint64_t lost);
  void after_change();

  std::uint32_t acked_segments(std::uint64_t id) const;
  std::uint64_t unacked_mask(std::uint64_t id) const;
  std::uint64_t originals_in_flight(std::uint64_t id) const;
  std::uint64_t segments_within(std::uint64_t id, SeqRange range) const;
  std::uint32_t bytes_of(std::uint64_t id, std::uint64_t segments) const;
  SeqNum end_of_highest(const SentRecord& record, std::uint64_t segments) const;
  std::uint64_t find_record(SeqNum seq) const;
  std::uint64_t next_unsacked(std::uint64_t id);

  void advance(SeqNum una, AckPass& pass);
  void advance_inside(SeqNum una, AckPass& pass);
  void deliver(std::uint64_t id, std::uint64_t segments, bool is_cumulative, AckPass& pass);
  void sample(std::uint64_t id, std::uint64_t segments, bool is_cumulative, AckPass& pass);
  void note_dsack(SeqNum ack, std::span<const SeqRange> blocks, AckOutcome& out) const;
  void apply_block(SeqRange block, AckPass& pass);

  std::uint32_t mark_lost(std::uint64_t id, std::uint64_t segments);
  std::uint32_t mark_lost_originals(Instant now, Instant rack_xmit_at, SeqNum rack_end_seq,
                                    Duration timeout, Instant* next_expiry);
  std::uint32_t mark_lost_retransmissions(Instant now, Instant rack_xmit_at, SeqNum rack_end_seq,
                                          Duration timeout, Instant* next_expiry);
  void inherit(bool is_sacked, bool is_ever_retransmitted, bool is_delivered);
  const Retransmission* newest_retransmission(std::uint64_t id, std::uint64_t segments) const;
  void retransmit_in_record(std::uint64_t id, std::uint64_t segments, Instant now,
                            const DeliveryStamp& stamp);

  IdRing<SentRecord> records_;
  std::unique_ptr<LossBook> book_;  // none until the first SACK or loss
  std::uint64_t rack_cursor_ = 0;   // no record below has originals in the network
  SeqNum snd_una_;
  SeqNum snd_nxt_;
  SeqNum fack_;  // end of the highest segment delivered (RACK.fack)
  std::uint32_t sacked_bytes_ = 0;
  std::uint32_t lost_bytes_ = 0;
  std::uint32_t sacked_segments_ = 0;
  std::uint32_t retransmitted_bytes_ = 0;
};

}  // namespace oriel::tcp
