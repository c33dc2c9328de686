// Sending and acknowledging: the clean path first (whole records, no masks), then SACK.
#include "tcp/sack_scoreboard.h"

#include <algorithm>
#include <bit>

namespace oriel::tcp {

namespace {

constexpr std::uint64_t low_bits(std::uint32_t n) {
  return n >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1;
}

std::uint32_t segment_count(const SentRecord& r) {
  return r.is_masked() ? r.segments : (r.len + r.mss - 1) / r.mss;
}

}  // namespace

struct SackScoreboard::AckPass {
  AckOutcome& out;
  SeqNum fack;  // highest delivered so far
  bool has_acked_retransmitted = false;

  void offer(Instant at, SeqNum end, bool is_retransmitted, std::uint64_t delivered_bytes,
             Instant delivered_at, Instant first_sent_at, bool is_app_limited) {
    if (!is_retransmitted &&
        (!out.has_rtt_sample || is_sent_after(at, end, out.rtt_xmit_at, out.rtt_end_seq))) {
      out.has_rtt_sample = true;
      out.rtt_xmit_at = at;
      out.rtt_end_seq = end;
    }
    if (out.has_rack_sample && !is_sent_after(at, end, out.rack_xmit_at, out.rack_end_seq)) return;
    out.has_rack_sample = true;
    out.rack_xmit_at = at;
    out.rack_end_seq = end;
    out.is_rack_retransmitted = is_retransmitted;
    out.stamp = {delivered_bytes, delivered_at, first_sent_at, is_app_limited};
  }
  void offer_original(const SentRecord& r, SeqNum end) {
    offer(r.xmit_at, end, false, r.stamp_delivered_bytes, r.stamp_delivered_at,
          r.stamp_first_sent_at, (r.flags & SentRecord::kAppLimited) != 0);
  }
};

// --- sending

void SackScoreboard::on_sent(SeqRange range, std::uint16_t mss, Instant now,
                             const DeliveryStamp& stamp) {
  if (range.is_empty()) return;
  if (records_.is_empty()) snd_una_ = fack_ = range.begin;
  const std::uint16_t mss_used = std::max<std::uint16_t>(mss, 1);
  const std::uint32_t most = kSegmentsPerRecord * mss_used;
  snd_nxt_ = range.end;
  while (range.size() > most) {
    append({range.begin, range.begin + most}, mss_used, now, stamp);
    range.begin += most;
  }
  append(range, mss_used, now, stamp);
}

void SackScoreboard::append(SeqRange range, std::uint16_t mss, Instant at,
                            const DeliveryStamp& stamp) {
  if (records_.is_full() && book_) {
    records_.grow();
    fit_book();
  }
  SentRecord& r = records_.push();
  r.begin = range.begin;
  r.len = range.size();
  r.mss = mss;
  r.flags = stamp.is_app_limited ? SentRecord::kAppLimited : 0;
  r.xmit_at = at;
  r.stamp_delivered_bytes = stamp.delivered_bytes;
  r.stamp_delivered_at = stamp.delivered_at;
  r.stamp_first_sent_at = stamp.first_sent_at;
}

// --- acknowledging

AckOutcome SackScoreboard::on_ack(SeqNum ack, std::span<const SeqRange> blocks) {
  AckOutcome out;
  if (blocks.size() > kBlocksMax) blocks = blocks.first(kBlocksMax);
  if (!blocks.empty()) note_dsack(ack, blocks, out);
  if (records_.is_empty()) return out;

  AckPass pass{out, fack_};
  const SeqNum una = seq_min(ack, snd_nxt_);
  if (seq_gt(una, snd_una_)) advance(una, pass);
  // REQ RFC9293-MUST-18
  // Without SACK one ACK covers what arrived long ago together with a retransmission: no RTT in
  // that.
  if (pass.has_acked_retransmitted) out.has_rtt_sample = false;
  if (out.has_dsack) blocks = blocks.subspan(1);
  for (const SeqRange& block : blocks) apply_block(block, pass);
  fack_ = seq_max(pass.fack, snd_una_);
  after_change();
  return out;
}

void SackScoreboard::note_dsack(SeqNum ack, std::span<const SeqRange> blocks,
                                AckOutcome& out) const {
  const SeqRange& first = blocks[0];
  if (records_.end() == 0 || !seq_lt(first.begin, first.end) || seq_gt(first.end, snd_nxt_)) return;
  const bool is_below = seq_lt(first.begin, ack) && seq_leq(first.end, ack) &&
                        seq_span(first.begin, ack) <= kDsackDistanceMax;
  const bool is_within_second = blocks.size() > 1 && seq_geq(first.begin, blocks[1].begin) &&
                                seq_leq(first.end, blocks[1].end) && seq_gt(first.begin, ack);
  out.has_dsack = is_below || is_within_second;
  if (out.has_dsack) out.dsack = first;
}

void SackScoreboard::advance(SeqNum una, AckPass& pass) {
  const bool has_delivered_above = seq_gt(fack_, snd_una_);
  const SentRecord* plain = nullptr;
  pass.out.acked_bytes = seq_span(snd_una_, una);
  while (!records_.is_empty()) {
    const std::uint64_t id = records_.first();
    const SentRecord& r = records_[id];
    if (seq_lt(una, r.end())) {
      if (seq_gt(una, r.begin)) advance_inside(una, pass);
      break;
    }
    if (r.is_masked()) {
      deliver(id, unacked_mask(id), true, pass);
    } else {
      pass.out.delivered_bytes += seq_span(seq_max(r.begin, snd_una_), r.end());
      if (has_delivered_above) sample(id, unacked_mask(id), true, pass);
      plain = &r;
    }
    records_.pop_front();
  }
  if (plain != nullptr) pass.offer_original(*plain, plain->end());
  rack_cursor_ = std::max(rack_cursor_, records_.first());
  snd_una_ = una;
}

// SND.UNA comes to stand inside the first record (not at its begin), perhaps inside a segment of
// it.
void SackScoreboard::advance_inside(SeqNum una, AckPass& pass) {
  const std::uint64_t id = records_.first();
  const SentRecord& r = records_[id];
  const std::uint32_t whole = seq_span(r.begin, una) / r.mss;
  deliver(id, unacked_mask(id) & low_bits(whole), true, pass);

  const SeqNum part_begin = seq_max(r.begin + whole * r.mss, snd_una_);
  const std::uint32_t part = seq_span(part_begin, una);
  if (!r.is_masked()) {
    pass.out.delivered_bytes += part;
    return;
  }
  const SegmentMasks& m = book_->masks[records_.slot(id)];
  const std::uint64_t bit = std::uint64_t{1} << whole;
  if ((m.delivered & bit) == 0) pass.out.delivered_bytes += part;
  if ((m.sacked & bit) != 0) sacked_bytes_ -= part;
  if ((m.lost & bit) != 0) {
    lost_bytes_ -= part;
    pass.out.newly_acked_lost_bytes += part;
  }
}

// `segments` of the record arrived; Requires: none of them below the SND.UNA before this ACK.
void SackScoreboard::deliver(std::uint64_t id, std::uint64_t segments, bool is_cumulative,
                             AckPass& pass) {
  if (segments == 0) return;
  if (is_cumulative && !records_[id].is_masked()) {
    pass.out.delivered_bytes += bytes_of(id, segments);
    sample(id, segments, true, pass);
    return;
  }
  SegmentMasks& m = masks(id);
  const std::uint64_t newly = segments & ~m.sacked;
  const std::uint64_t fresh = newly & ~m.delivered;
  pass.out.delivered_bytes += bytes_of(id, fresh);
  if (const std::uint64_t lost = newly & m.lost; lost != 0) {
    const std::uint32_t bytes = bytes_of(id, lost);
    lost_bytes_ -= bytes;
    pass.out.newly_acked_lost_bytes += bytes;
    set_lost(id, m.lost & ~lost);
  }
  if (fresh != 0) sample(id, fresh, is_cumulative, pass);
  m.retransmitted &= ~newly;
  m.delivered |= newly;
  if (is_cumulative) {
    const std::uint64_t sacked = segments & m.sacked;
    sacked_bytes_ -= bytes_of(id, sacked);
    sacked_segments_ -= static_cast<std::uint32_t>(std::popcount(sacked));
    m.sacked &= ~sacked;
    return;
  }
  const std::uint32_t bytes = bytes_of(id, newly);
  pass.out.newly_sacked_bytes += bytes;
  sacked_bytes_ += bytes;
  sacked_segments_ += static_cast<std::uint32_t>(std::popcount(newly));
  m.sacked |= newly;
  if ((unacked_mask(id) & ~m.sacked) != 0) return;
  records_[id].flags |= SentRecord::kAllSacked;
  records_[id].skip = 1;
}

// What the arrival of `segments` says about time and order (RFC 8985 6.2 steps 2 and 3).
void SackScoreboard::sample(std::uint64_t id, std::uint64_t segments, bool is_cumulative,
                            AckPass& pass) {
  const SentRecord& r = records_[id];
  const SegmentMasks* m = r.is_masked() ? &book_->masks[records_.slot(id)] : nullptr;
  const std::uint64_t ever = m != nullptr ? segments & m->ever_retransmitted : 0;
  if (ever != 0 && is_cumulative) pass.has_acked_retransmitted = true;
  if (const std::uint64_t original = segments & ~ever; original != 0) {
    pass.offer_original(r, end_of_highest(r, original));
    const std::uint64_t lowest = original & -original;
    if (seq_lt(end_of_highest(r, lowest), fack_)) pass.out.is_reordered = true;
  }
  pass.fack = seq_max(pass.fack, end_of_highest(r, segments));
  const std::uint64_t again = ever & (m != nullptr ? m->retransmitted : 0);
  if (again == 0) return;
  if (const Retransmission* t = newest_retransmission(id, again); t != nullptr) {
    pass.offer(t->xmit_at, end_of_highest(r, t->segments & again), true, t->stamp_delivered_bytes,
               t->stamp_delivered_at, t->stamp_first_sent_at, t->is_app_limited);
  }
}

void SackScoreboard::apply_block(SeqRange block, AckPass& pass) {
  const bool is_sane = seq_gt(block.begin, snd_una_) && seq_lt(block.begin, block.end) &&
                       seq_leq(block.end, snd_nxt_);
  if (!is_sane || records_.is_empty()) return;
  std::uint64_t id = next_unsacked(find_record(block.begin));
  while (id != records_.end() && seq_lt(records_[id].begin, block.end)) {
    deliver(id, segments_within(id, block), false, pass);
    id = next_unsacked(id + 1);
  }
}

// --- records and segments

std::uint32_t SackScoreboard::acked_segments(std::uint64_t id) const {
  const SentRecord& r = records_[id];
  return id == records_.first() && seq_gt(snd_una_, r.begin) ? seq_span(r.begin, snd_una_) / r.mss
                                                             : 0;
}

std::uint64_t SackScoreboard::unacked_mask(std::uint64_t id) const {
  return low_bits(segment_count(records_[id])) & ~low_bits(acked_segments(id));
}

std::uint64_t SackScoreboard::originals_in_flight(std::uint64_t id) const {
  if (!records_[id].is_masked()) return unacked_mask(id);
  const SegmentMasks& m = book_->masks[records_.slot(id)];
  return unacked_mask(id) & ~(m.sacked | m.lost | m.retransmitted);
}

// Bytes above SND.UNA of these segments.
std::uint32_t SackScoreboard::bytes_of(std::uint64_t id, std::uint64_t segments) const {
  if (segments == 0) return 0;
  const SentRecord& r = records_[id];
  const std::uint32_t count = segment_count(r);
  std::uint32_t bytes = static_cast<std::uint32_t>(std::popcount(segments)) * r.mss;
  if ((segments >> (count - 1) & 1) != 0) bytes -= count * r.mss - r.len;
  if (id == records_.first() && seq_gt(snd_una_, r.begin)) {
    const std::uint32_t acked = seq_span(r.begin, snd_una_);
    if ((segments >> (acked / r.mss) & 1) != 0) bytes -= acked % r.mss;
  }
  return bytes;
}

SeqNum SackScoreboard::end_of_highest(const SentRecord& r, std::uint64_t segments) const {
  const auto count = static_cast<std::uint32_t>(std::bit_width(segments));
  return r.begin + std::min(count * r.mss, r.len);
}

// The unacked segments of the record that lie wholly in `range`.
std::uint64_t SackScoreboard::segments_within(std::uint64_t id, SeqRange range) const {
  const SentRecord& r = records_[id];
  std::uint64_t mask = unacked_mask(id);
  const bool is_from_front = id == records_.first() && seq_leq(range.begin, snd_una_);
  if (!is_from_front && seq_gt(range.begin, r.begin)) {
    mask &= ~low_bits((seq_span(r.begin, range.begin) + r.mss - 1) / r.mss);
  }
  if (seq_leq(range.end, r.begin)) return 0;
  if (seq_lt(range.end, r.end())) mask &= low_bits(seq_span(r.begin, range.end) / r.mss);
  return mask;
}

// The record that holds `seq`; Requires: not empty, snd_una <= seq < snd_nxt.
std::uint64_t SackScoreboard::find_record(SeqNum seq) const {
  std::uint64_t low = records_.first();
  std::uint64_t high = records_.end();
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (seq_leq(records_[middle].begin, seq) ? low : high) = middle;
  }
  return low;
}

// The first record from `id` on with something left to sack, or end(). Makes the way there shorter.
std::uint64_t SackScoreboard::next_unsacked(std::uint64_t id) {
  std::uint64_t found = id;
  while (found != records_.end() && records_[found].is_all_sacked()) found += records_[found].skip;
  while (id != found) {
    SentRecord& r = records_[id];
    const std::uint64_t next = id + r.skip;
    r.skip = static_cast<std::uint32_t>(found - id);
    id = next;
  }
  return found;
}

// --- the book of masks

SegmentMasks& SackScoreboard::masks(std::uint64_t id) {
  if (!book_) {
    book_ = std::make_unique<LossBook>();
    fit_book();
  }
  SentRecord& r = records_[id];
  SegmentMasks& m = book_->masks[records_.slot(id)];
  if (r.is_masked()) return m;
  m = {};
  r.segments = static_cast<std::uint8_t>(segment_count(r));
  r.flags |= SentRecord::kMasked;
  return m;
}

// Moves the masks to their slots in a ring of new capacity.
void SackScoreboard::fit_book() {
  std::vector<SegmentMasks> fitted(records_.capacity());
  const std::uint64_t old_capacity = book_->masks.size();
  for (std::uint64_t id = records_.first(); old_capacity != 0 && id != records_.end(); ++id) {
    fitted[records_.slot(id)] = book_->masks[id & (old_capacity - 1)];
  }
  book_->masks.swap(fitted);
  rebuild_lost_index();
}

void SackScoreboard::rebuild_lost_index() {
  book_->has_lost.assign((records_.capacity() + 63) / 64, 0);
  for (std::uint64_t id = records_.first(); id != records_.end(); ++id) {
    const std::size_t slot = records_.slot(id);
    if (!records_[id].is_masked() || book_->masks[slot].lost == 0) continue;
    book_->has_lost[slot / 64] |= std::uint64_t{1} << (slot % 64);
  }
  book_->lowest_lost = records_.first();
}

void SackScoreboard::set_lost(std::uint64_t id, std::uint64_t lost) {
  const std::size_t slot = records_.slot(id);
  const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
  book_->masks[slot].lost = lost;
  if (lost == 0) {
    book_->has_lost[slot / 64] &= ~bit;
    return;
  }
  book_->has_lost[slot / 64] |= bit;
  book_->lowest_lost = std::min(book_->lowest_lost, id);
}

// Retransmissions that no longer matter leave their queue; an empty board keeps little memory.
void SackScoreboard::after_change() {
  if (book_) {
    IdRing<Retransmission>& queue = book_->retransmissions;
    while (!queue.is_empty()) {
      const Retransmission& t = queue[queue.first()];
      const bool is_live = t.record >= records_.first() &&
                           (t.segments & book_->masks[records_.slot(t.record)].retransmitted) != 0;
      if (is_live) break;
      queue.pop_front();
    }
  }
  if (!records_.is_empty() || records_.capacity() <= kRecordsKeptMax) return;
  release_memory();
}

void SackScoreboard::release_memory() {
  if (!records_.is_empty()) return;
  book_.reset();
  records_.release();
}

std::size_t SackScoreboard::memory_bytes() const {
  std::size_t bytes = records_.capacity() * sizeof(SentRecord);
  if (!book_) return bytes;
  return bytes + sizeof(LossBook) + book_->masks.capacity() * sizeof(SegmentMasks) +
         book_->has_lost.capacity() * sizeof(std::uint64_t) +
         book_->retransmissions.capacity() * sizeof(Retransmission);
}

}  // namespace oriel::tcp
