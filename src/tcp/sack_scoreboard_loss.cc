// The scoreboard's other half: what is lost, what was sent again, and cutting anew when the path
// shrinks.
#include <algorithm>
#include <bit>
#include <utility>

#include "tcp/sack_scoreboard.h"

namespace oriel::tcp {

namespace {

constexpr std::uint64_t low_bits(std::uint32_t n) {
  return n >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1;
}

// The segments of `r` whose end lies before `seq`.
std::uint64_t segments_ending_before(const SentRecord& r, SeqNum seq) {
  if (seq_lt(r.end(), seq)) return ~std::uint64_t{0};
  if (seq_leq(seq, r.begin)) return 0;
  return low_bits((seq_span(r.begin, seq) - 1) / r.mss);
}

}  // namespace

// --- marking

// Requires: the segments are unacked, not sacked and not lost.
std::uint32_t SackScoreboard::mark_lost(std::uint64_t id, std::uint64_t segments) {
  SegmentMasks& m = masks(id);
  m.retransmitted &= ~segments;
  set_lost(id, m.lost | segments);
  const std::uint32_t bytes = bytes_of(id, segments);
  lost_bytes_ += bytes;
  return bytes;
}

std::uint32_t SackScoreboard::mark_lost_by_rack(Instant now, Instant rack_xmit_at,
                                                SeqNum rack_end_seq, Duration timeout,
                                                Instant* next_expiry) {
  *next_expiry = Instant::never();
  std::uint32_t bytes = mark_lost_originals(now, rack_xmit_at, rack_end_seq, timeout, next_expiry);
  if (!book_) return bytes;
  bytes += mark_lost_retransmissions(now, rack_xmit_at, rack_end_seq, timeout, next_expiry);
  after_change();
  return bytes;
}

std::uint32_t SackScoreboard::mark_lost_originals(Instant now, Instant rack_xmit_at,
                                                  SeqNum rack_end_seq, Duration timeout,
                                                  Instant* next_expiry) {
  std::uint32_t bytes = 0;
  for (; rack_cursor_ != records_.end(); ++rack_cursor_) {
    const SentRecord& r = records_[rack_cursor_];
    if (!is_sent_after(rack_xmit_at, rack_end_seq, r.xmit_at, r.begin)) break;
    const std::uint64_t in_flight = originals_in_flight(rack_cursor_);
    std::uint64_t before = in_flight;
    if (r.xmit_at == rack_xmit_at) before &= segments_ending_before(r, rack_end_seq);
    if (before != 0 && r.xmit_at + timeout > now) {
      *next_expiry = earlier(*next_expiry, r.xmit_at + timeout);
      break;
    }
    if (before != 0) bytes += mark_lost(rack_cursor_, before);
    if (before != in_flight) break;
  }
  return bytes;
}

std::uint32_t SackScoreboard::mark_lost_retransmissions(Instant now, Instant rack_xmit_at,
                                                        SeqNum rack_end_seq, Duration timeout,
                                                        Instant* next_expiry) {
  IdRing<Retransmission>& queue = book_->retransmissions;
  std::uint32_t bytes = 0;
  for (; !queue.is_empty(); queue.pop_front()) {
    Retransmission& t = queue[queue.first()];
    if (t.record < records_.first()) continue;
    const std::uint64_t live = t.segments & book_->masks[records_.slot(t.record)].retransmitted;
    if (live == 0) continue;
    if (t.xmit_at > rack_xmit_at) break;
    std::uint64_t before = live;
    if (t.xmit_at == rack_xmit_at) {
      before &= segments_ending_before(records_[t.record], rack_end_seq);
      if (before == 0) break;
    }
    if (t.xmit_at + timeout > now) {
      *next_expiry = earlier(*next_expiry, t.xmit_at + timeout);
      break;
    }
    bytes += mark_lost(t.record, before);
    t.segments = live & ~before;
    if (t.segments != 0) break;
  }
  return bytes;
}

std::uint32_t SackScoreboard::mark_all_lost() {
  std::uint32_t bytes = 0;
  for (std::uint64_t id = records_.first(); id != records_.end(); ++id) {
    if (records_[id].is_all_sacked()) continue;
    const SegmentMasks& m = masks(id);
    const std::uint64_t segments = unacked_mask(id) & ~(m.sacked | m.lost);
    if (segments != 0) bytes += mark_lost(id, segments);
  }
  if (book_) book_->retransmissions.clear();
  rack_cursor_ = records_.end();
  return bytes;
}

std::uint32_t SackScoreboard::mark_front_lost() {
  if (records_.is_empty()) return 0;
  const std::uint64_t id = records_.first();
  const std::uint64_t front = originals_in_flight(id) & (std::uint64_t{1} << acked_segments(id));
  return front == 0 ? 0 : mark_lost(id, front);
}

void SackScoreboard::unmark_lost() {
  if (lost_bytes_ == 0) return;
  for (std::uint64_t id = records_.first(); id != records_.end(); ++id) {
    if (records_[id].is_masked()) book_->masks[records_.slot(id)].lost = 0;
  }
  std::fill(book_->has_lost.begin(), book_->has_lost.end(), 0);
  lost_bytes_ = 0;
  rack_cursor_ = records_.first();
}

void SackScoreboard::forget_sacks() {
  if (sacked_bytes_ == 0) return;
  // What these retransmissions carried and was sacked must not look like theirs when it is sent
  // again.
  IdRing<Retransmission>& queue = book_->retransmissions;
  for (std::uint64_t i = queue.first(); i != queue.end(); ++i) {
    if (queue[i].record < records_.first()) continue;
    queue[i].segments &= book_->masks[records_.slot(queue[i].record)].retransmitted;
  }
  for (std::uint64_t id = records_.first(); id != records_.end(); ++id) {
    SentRecord& r = records_[id];
    if (!r.is_masked()) continue;
    book_->masks[records_.slot(id)].sacked = 0;
    r.flags = static_cast<std::uint8_t>(r.flags & ~SentRecord::kAllSacked);
  }
  sacked_bytes_ = sacked_segments_ = 0;
  fack_ = snd_una_;
  rack_cursor_ = records_.first();
}

// --- sending again

SeqRange SackScoreboard::next_lost(std::uint32_t bytes_max) const {
  const SeqRange none{snd_una_, snd_una_};
  if (lost_bytes_ == 0) return none;
  const std::uint64_t slots_per_word = std::min<std::uint64_t>(64, records_.capacity());
  std::uint64_t id = std::max(book_->lowest_lost, records_.first());
  std::uint64_t bits = 0;
  for (; id < records_.end(); id += slots_per_word - records_.slot(id) % slots_per_word) {
    const std::size_t slot = records_.slot(id);
    bits = book_->has_lost[slot / 64] >> (slot % 64);
    if (bits != 0) break;
  }
  id += static_cast<std::uint64_t>(std::countr_zero(bits));
  if (bits == 0 || id >= records_.end()) return none;
  book_->lowest_lost = id;  // only a hint where to look first

  const SentRecord& r = records_[id];
  const std::uint64_t lost = book_->masks[records_.slot(id)].lost;
  const auto first = static_cast<std::uint32_t>(std::countr_zero(lost));
  const auto count = static_cast<std::uint32_t>(std::countr_one(lost >> first));
  const SeqNum segment_begin = r.begin + first * r.mss;
  const bool is_front = id == records_.first();
  const SeqNum begin = is_front ? seq_max(segment_begin, snd_una_) : segment_begin;
  const SeqNum end = r.begin + std::min((first + count) * r.mss, r.len);
  if (seq_span(begin, end) <= bytes_max) return {begin, end};
  // Whole segments only, counted from the grid of the record.
  const std::uint64_t room = std::uint64_t{seq_span(segment_begin, begin)} + bytes_max;
  const auto whole = static_cast<std::uint32_t>(std::min<std::uint64_t>(room / r.mss, count));
  return whole == 0 ? none : SeqRange{begin, segment_begin + whole * r.mss};
}

void SackScoreboard::on_retransmitted(SeqRange range, Instant now, const DeliveryStamp& stamp) {
  if (records_.is_empty()) return;
  range.begin = seq_max(range.begin, snd_una_);
  range.end = seq_min(range.end, snd_nxt_);
  if (!seq_lt(range.begin, range.end)) return;
  retransmitted_bytes_ += range.size();
  std::uint64_t id = find_record(range.begin);
  for (; id != records_.end() && seq_lt(records_[id].begin, range.end); ++id) {
    retransmit_in_record(id, segments_within(id, range), now, stamp);
  }
  after_change();
}

void SackScoreboard::retransmit_in_record(std::uint64_t id, std::uint64_t segments, Instant now,
                                          const DeliveryStamp& stamp) {
  if (segments == 0) return;
  SegmentMasks& m = masks(id);
  segments &= ~m.sacked;
  if (segments == 0) return;
  IdRing<Retransmission>& queue = book_->retransmissions;
  Retransmission& t = queue.push();
  t = {id,
       segments,
       m.newest_retransmission,
       now,
       stamp.delivered_bytes,
       stamp.delivered_at,
       stamp.first_sent_at,
       stamp.is_app_limited};
  // Each segment is in the network as its newest transmission only.
  std::uint64_t again = segments & m.retransmitted;
  for (std::uint64_t i = m.newest_retransmission; again != 0 && i > queue.first();
       i = queue[i - 1].older) {
    again &= ~queue[i - 1].segments;
    queue[i - 1].segments &= ~segments;
  }
  m.newest_retransmission = queue.end();
  m.retransmitted |= segments;
  m.ever_retransmitted |= segments;
  const std::uint64_t lost = segments & m.lost;
  if (lost == 0) return;
  lost_bytes_ -= bytes_of(id, lost);
  set_lost(id, m.lost & ~lost);
}

// The newest retransmission of the record that carried any of `segments`; null if it left the
// queue.
const Retransmission* SackScoreboard::newest_retransmission(std::uint64_t id,
                                                            std::uint64_t segments) const {
  const IdRing<Retransmission>& queue = book_->retransmissions;
  std::uint64_t i = book_->masks[records_.slot(id)].newest_retransmission;
  for (; i > queue.first(); i = queue[i - 1].older) {
    if ((queue[i - 1].segments & segments) != 0) return &queue[i - 1];
  }
  return nullptr;
}

// --- cutting anew

void SackScoreboard::resegment(std::uint16_t mss) {
  if (records_.is_empty()) return;
  const std::uint32_t mss_used = std::max<std::uint32_t>(mss, 1);
  const std::uint32_t most = kSegmentsPerRecord * mss_used;
  SackScoreboard cut;
  cut.snd_una_ = snd_una_;
  cut.snd_nxt_ = snd_nxt_;
  cut.fack_ = fack_;
  cut.retransmitted_bytes_ = retransmitted_bytes_;
  for (std::uint64_t id = records_.first(); id != records_.end(); ++id) {
    const SentRecord& r = records_[id];
    const SegmentMasks m = r.is_masked() ? book_->masks[records_.slot(id)] : SegmentMasks{};
    const DeliveryStamp stamp{r.stamp_delivered_bytes, r.stamp_delivered_at, r.stamp_first_sent_at,
                              (r.flags & SentRecord::kAppLimited) != 0};
    std::uint64_t left = unacked_mask(id);
    while (left != 0) {
      // A run of segments of one kind becomes records of its own: no new segment straddles two
      // kinds.
      const std::uint64_t lowest = left & -left;
      const bool is_sacked = (m.sacked & lowest) != 0;
      const bool is_ever = (m.ever_retransmitted & lowest) != 0;
      const bool is_delivered = (m.delivered & lowest) != 0;
      const std::uint64_t alike = left & (is_sacked ? m.sacked : ~m.sacked) &
                                  (is_ever ? m.ever_retransmitted : ~m.ever_retransmitted) &
                                  (is_delivered ? m.delivered : ~m.delivered);
      const auto first = static_cast<std::uint32_t>(std::countr_zero(left));
      const auto count = static_cast<std::uint32_t>(std::countr_one(alike >> first));
      left &= ~low_bits(first + count);
      SeqRange run{seq_max(r.begin + first * r.mss, snd_una_),
                   r.begin + std::min((first + count) * r.mss, r.len)};
      while (!run.is_empty()) {
        const SeqRange part{run.begin, run.begin + std::min(run.size(), most)};
        run.begin = part.end;
        cut.append(part, static_cast<std::uint16_t>(mss_used), r.xmit_at, stamp);
        if (m.delivered == 0 && m.ever_retransmitted == 0) continue;
        cut.inherit(is_sacked, is_ever, is_delivered);
      }
    }
  }
  cut.mark_all_lost();
  *this = std::move(cut);
}

// The last record's segments all have these properties.
void SackScoreboard::inherit(bool is_sacked, bool is_ever_retransmitted, bool is_delivered) {
  const std::uint64_t id = records_.end() - 1;
  const std::uint64_t all = unacked_mask(id);
  SegmentMasks& m = masks(id);
  if (is_ever_retransmitted) m.ever_retransmitted = all;
  if (is_delivered) m.delivered = all;
  if (!is_sacked) return;
  m.sacked = all;
  sacked_bytes_ += records_[id].len;
  sacked_segments_ += static_cast<std::uint32_t>(std::popcount(all));
  records_[id].flags |= SentRecord::kAllSacked;
  records_[id].skip = 1;
}

// --- questions

SeqRange SackScoreboard::last_segment() const {
  if (records_.is_empty()) return {snd_nxt_, snd_nxt_};
  const SentRecord& r = records_[records_.end() - 1];
  const std::uint32_t before = r.len <= r.mss ? 0 : (r.len - 1) / r.mss * r.mss;
  const SeqNum begin = r.begin + before;
  return {seq_max(begin, snd_una_), snd_nxt_};
}

bool SackScoreboard::is_front_sacked() const {
  if (sacked_bytes_ == 0) return false;
  const std::uint64_t id = records_.first();
  if (!records_[id].is_masked()) return false;
  return (book_->masks[records_.slot(id)].sacked >> acked_segments(id) & 1) != 0;
}

bool SackScoreboard::has_retransmitted_outstanding() const {
  return book_ != nullptr && !book_->retransmissions.is_empty();
}

Instant SackScoreboard::oldest_xmit_at() const {
  Instant oldest = Instant::never();
  if (has_retransmitted_outstanding()) {
    const IdRing<Retransmission>& queue = book_->retransmissions;
    oldest = queue[queue.first()].xmit_at;
  }
  for (std::uint64_t id = std::max(rack_cursor_, records_.first()); id != records_.end(); ++id) {
    if (originals_in_flight(id) != 0) return earlier(oldest, records_[id].xmit_at);
  }
  return oldest;
}

Instant SackScoreboard::front_xmit_at() const {
  if (records_.is_empty()) return Instant::never();
  const std::uint64_t id = records_.first();
  const SentRecord& r = records_[id];
  if (!r.is_masked()) return r.xmit_at;
  const std::uint64_t front = std::uint64_t{1} << acked_segments(id);
  if ((book_->masks[records_.slot(id)].retransmitted & front) == 0) return r.xmit_at;
  const Retransmission* t = newest_retransmission(id, front);
  return t == nullptr ? r.xmit_at : t->xmit_at;
}

}  // namespace oriel::tcp
