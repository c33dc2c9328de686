// The scoreboard against a naive model that keeps every segment in a list and every byte in a map:
// random sends, ACKs, hostile blocks, losses, retransmissions and changes of MSS; everything that
// the scoreboard says must agree after every step. A failure names its seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "tcp/sack_scoreboard.h"

namespace oriel::tcp {
namespace {

using std::chrono::milliseconds;

struct Segment {
  std::uint64_t begin, end;  // offsets from the ISS, unwrapped
  std::uint64_t record;
  Instant sent_at, again_at;
  bool is_sacked = false, is_lost = false, is_again = false, is_ever = false, is_delivered = false;

  Instant xmit_at() const { return is_again ? again_at : sent_at; }
  bool is_in_network() const { return !is_sacked && !is_lost; }
};

struct Model {
  std::uint32_t iss = 0;
  std::uint64_t una = 0, nxt = 0, fack = 0, records = 0;
  std::vector<Segment> segments;        // unacked, in order
  std::vector<bool> is_byte_delivered;  // by offset

  SeqNum seq(std::uint64_t offset) const {
    return SeqNum(iss + static_cast<std::uint32_t>(offset));
  }
  std::uint32_t size(const Segment& s) const {
    return static_cast<std::uint32_t>(s.end - std::max(s.begin, una));
  }

  void append(std::uint64_t begin, std::uint64_t end, std::uint32_t mss, const Segment& like) {
    for (std::uint64_t b = begin; b < end; b += std::uint64_t{64} * mss, ++records) {
      const std::uint64_t record_end = std::min(end, b + std::uint64_t{64} * mss);
      for (std::uint64_t s = b; s < record_end; s += mss) {
        Segment segment = like;
        segment.begin = s;
        segment.end = std::min(record_end, s + mss);
        segment.record = records;
        segments.push_back(segment);
      }
    }
  }
  void send(std::uint32_t len, std::uint32_t mss, Instant now) {
    if (segments.empty()) una = fack = nxt;
    Segment like{};
    like.sent_at = now;
    append(nxt, nxt + len, mss, like);
    nxt += len;
    is_byte_delivered.resize(nxt);
  }

  void offer(const Segment& s, AckOutcome& out) const {
    const SeqNum end = seq(s.end);
    if (!s.is_ever &&
        (!out.has_rtt_sample || is_sent_after(s.sent_at, end, out.rtt_xmit_at, out.rtt_end_seq))) {
      out.has_rtt_sample = true;
      out.rtt_xmit_at = s.sent_at;
      out.rtt_end_seq = end;
    }
    if (s.is_ever && !s.is_again) return;  // sent again and lost again: nobody knows which arrived
    if (out.has_rack_sample &&
        !is_sent_after(s.xmit_at(), end, out.rack_xmit_at, out.rack_end_seq)) {
      return;
    }
    out.has_rack_sample = true;
    out.rack_xmit_at = s.xmit_at();
    out.rack_end_seq = end;
    out.is_rack_retransmitted = s.is_ever;
  }
  std::uint32_t deliver_bytes(std::uint64_t begin, std::uint64_t end) {
    std::uint32_t n = 0;
    for (std::uint64_t i = begin; i < end; ++i) {
      n += is_byte_delivered[i] ? 0 : 1;
      is_byte_delivered[i] = true;
    }
    return n;
  }
  void arrive(Segment& s, std::uint64_t fack_before, AckOutcome& out) {
    if (s.is_lost) out.newly_acked_lost_bytes += size(s);
    if (!s.is_delivered) {
      offer(s, out);
      if (!s.is_ever && s.end < fack_before) out.is_reordered = true;
      fack = std::max(fack, s.end);
    }
    s.is_delivered = true;
    s.is_lost = s.is_again = false;
  }
  AckOutcome ack(std::uint64_t to,
                 const std::vector<std::pair<std::uint64_t, std::uint64_t>>& blocks) {
    AckOutcome out;
    const std::uint64_t fack_before = fack;
    bool has_ever = false;
    if (to > una) {
      out.acked_bytes = static_cast<std::uint32_t>(to - una);
      out.delivered_bytes = deliver_bytes(una, to);
      for (Segment& s : segments) {
        if (s.begin >= to) break;
        if (s.end > to) {
          if (s.is_lost)
            out.newly_acked_lost_bytes += static_cast<std::uint32_t>(to - std::max(una, s.begin));
          break;
        }
        has_ever |= s.is_ever && !s.is_sacked && !s.is_delivered;
        if (!s.is_sacked) arrive(s, fack_before, out);
      }
      una = to;
      std::erase_if(segments, [&](const Segment& s) { return s.end <= una; });
    }
    if (has_ever) out.has_rtt_sample = false;
    for (const auto& [begin, end] : blocks) {
      if (begin <= una || begin >= end || end > nxt || segments.empty()) continue;
      for (Segment& s : segments) {
        if (s.begin < begin || s.end > end || s.is_sacked) continue;
        arrive(s, fack_before, out);
        out.delivered_bytes += deliver_bytes(s.begin, s.end);
        out.newly_sacked_bytes += size(s);
        s.is_sacked = true;
      }
    }
    fack = std::max(fack, una);
    return out;
  }

  std::uint32_t rack(Instant now, Instant at, SeqNum end, Duration timeout, Instant* next) {
    std::uint32_t bytes = 0;
    *next = Instant::never();
    for (Segment& s : segments) {
      if (!s.is_in_network() || !is_sent_after(at, end, s.xmit_at(), seq(s.end))) continue;
      if (s.xmit_at() + timeout > now) {
        *next = earlier(*next, s.xmit_at() + timeout);
        continue;
      }
      bytes += size(s);
      s.is_lost = true;
      s.is_again = false;
    }
    return bytes;
  }
  SeqRange next_lost(std::uint32_t bytes_max) const {
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (!segments[i].is_lost) continue;
      const std::uint64_t begin = std::max(segments[i].begin, una);
      std::uint64_t end = begin;
      for (std::size_t k = i;
           k < segments.size() && segments[k].is_lost && segments[k].record == segments[i].record &&
           segments[k].end - begin <= bytes_max;
           ++k) {
        end = segments[k].end;
      }
      return end == begin ? SeqRange{seq(una), seq(una)} : SeqRange{seq(begin), seq(end)};
    }
    return {seq(una), seq(una)};
  }
  void retransmit(std::uint64_t begin, std::uint64_t end, Instant now) {
    for (Segment& s : segments) {
      if (std::max(s.begin, una) < begin || s.end > end || s.is_sacked) continue;
      s.is_again = s.is_ever = true;
      s.is_lost = false;
      s.again_at = now;
    }
  }
  void resegment(std::uint32_t mss) {
    std::vector<Segment> old;
    old.swap(segments);
    for (std::size_t i = 0; i < old.size();) {
      std::size_t k = i;
      while (k < old.size() && old[k].record == old[i].record &&
             old[k].is_sacked == old[i].is_sacked && old[k].is_ever == old[i].is_ever &&
             old[k].is_delivered == old[i].is_delivered) {
        ++k;
      }
      Segment like = old[i];
      like.is_again = false;
      like.is_lost = !like.is_sacked;
      append(std::max(old[i].begin, una), old[k - 1].end, mss, like);
      i = k;
    }
  }
};

class Duel {
 public:
  explicit Duel(std::uint32_t seed) : random_(seed) {
    model_.iss = seed % 2 == 0 ? 0xFFFFFF00u + seed % 64 : static_cast<std::uint32_t>(random_());
  }
  void step();
  void compare() const;
  bool is_small() const { return model_.nxt < 200'000; }

 private:
  std::uint32_t pick(std::uint32_t low, std::uint32_t high) {
    return low + static_cast<std::uint32_t>(random_() % (high - low + 1));
  }
  std::uint64_t pick_offset() {  // mostly a segment boundary above SND.UNA
    if (model_.segments.empty() || pick(0, 9) == 0) {
      return model_.una + pick(0, static_cast<std::uint32_t>(model_.nxt - model_.una));
    }
    const Segment& s = model_.segments[random_() % model_.segments.size()];
    return pick(0, 1) == 0 ? s.begin : s.end;
  }
  void send();
  void ack();
  void rack();
  void retransmit();
  void rare();

  std::mt19937 random_;
  Model model_;
  SackScoreboard board_;
  Instant now_{1'000'000'000};
  Instant rack_at_;
  SeqNum rack_end_;
};

void Duel::send() {
  const std::uint32_t mss = pick(0, 3) == 0 ? pick(1, 9) : pick(10, 40);
  std::uint32_t len = pick(1, 3) == 1 ? pick(1, mss) : mss * pick(1, 12);
  if (pick(0, 15) == 0) len = pick(1, mss * 140);
  DeliveryStamp stamp;
  stamp.delivered_bytes = static_cast<std::uint64_t>(now_.ns);
  const SeqNum begin = model_.seq(model_.nxt);
  model_.send(len, mss, now_);
  board_.on_sent({begin, begin + len}, static_cast<std::uint16_t>(mss), now_, stamp);
}

void Duel::ack() {
  std::uint64_t to = model_.una;
  if (pick(0, 2) == 0) to = pick_offset();
  if (pick(0, 3) != 0) to = std::min(to, model_.una + 200);
  to = std::max(to, model_.una);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> offsets;
  std::vector<SeqRange> blocks;
  for (std::uint32_t i = pick(0, 4); i > 0; --i) {
    std::uint64_t begin = pick_offset();
    std::uint64_t end = pick(0, 5) == 0 ? pick_offset() : begin + pick(0, 100);
    if (begin <= to) continue;  // a DSACK or nonsense: table tests
    if (end > model_.nxt && pick(0, 3) != 0) end = model_.nxt;
    offsets.emplace_back(begin, end);
    blocks.push_back({model_.seq(begin), model_.seq(end)});
  }
  const AckOutcome said = board_.on_ack(model_.seq(to), blocks);
  if (said.has_dsack) offsets.erase(offsets.begin());
  const AckOutcome expected = model_.ack(to, offsets);
  ASSERT_EQ(said.acked_bytes, expected.acked_bytes);
  ASSERT_EQ(said.delivered_bytes, expected.delivered_bytes);
  ASSERT_EQ(said.newly_sacked_bytes, expected.newly_sacked_bytes);
  ASSERT_EQ(said.newly_acked_lost_bytes, expected.newly_acked_lost_bytes);
  ASSERT_EQ(said.is_reordered, expected.is_reordered);
  ASSERT_EQ(said.has_rtt_sample, expected.has_rtt_sample);
  if (said.has_rtt_sample) {
    ASSERT_EQ(said.rtt_xmit_at.ns, expected.rtt_xmit_at.ns);
    ASSERT_EQ(said.rtt_end_seq, expected.rtt_end_seq);
  }
  ASSERT_EQ(said.has_rack_sample, expected.has_rack_sample);
  if (!said.has_rack_sample) return;
  ASSERT_EQ(said.rack_xmit_at.ns, expected.rack_xmit_at.ns);
  ASSERT_EQ(said.rack_end_seq, expected.rack_end_seq);
  ASSERT_EQ(said.is_rack_retransmitted, expected.is_rack_retransmitted);
  ASSERT_EQ(said.stamp.delivered_bytes, static_cast<std::uint64_t>(said.rack_xmit_at.ns));
  if (!is_sent_after(said.rack_xmit_at, said.rack_end_seq, rack_at_, rack_end_)) return;
  rack_at_ = said.rack_xmit_at;
  rack_end_ = said.rack_end_seq;
}

void Duel::rack() {
  const Duration timeout = milliseconds(pick(0, 30));
  Instant next, expected_next;
  const std::uint32_t bytes = board_.mark_lost_by_rack(now_, rack_at_, rack_end_, timeout, &next);
  ASSERT_EQ(bytes, model_.rack(now_, rack_at_, rack_end_, timeout, &expected_next));
  ASSERT_EQ(next.ns, expected_next.ns);
}

void Duel::retransmit() {
  now_ = now_ + milliseconds(1);
  DeliveryStamp stamp;
  stamp.delivered_bytes = static_cast<std::uint64_t>(now_.ns);
  SeqRange range = board_.next_lost(pick(1, 400));
  if (pick(0, 15) == 0) range = board_.last_segment();  // a tail loss probe
  if (range.is_empty()) return;
  const std::uint64_t begin = model_.una + seq_span(model_.seq(model_.una), range.begin);
  model_.retransmit(begin, begin + range.size(), now_);
  board_.on_retransmitted(range, now_, stamp);
  now_ = now_ + milliseconds(1);
}

void Duel::rare() {
  switch (pick(0, 5)) {
    case 0: {
      std::uint32_t expected = 0;
      for (Segment& s : model_.segments) {
        if (s.is_in_network()) expected += model_.size(s);
        s.is_lost = !s.is_sacked;
        s.is_again = false;
      }
      ASSERT_EQ(board_.mark_all_lost(), expected);
      return;
    }
    case 1:
      board_.unmark_lost();
      for (Segment& s : model_.segments) s.is_lost = false;
      return;
    case 2: {
      if (board_.sacked_bytes() > 0) model_.fack = model_.una;
      board_.forget_sacks();
      for (Segment& s : model_.segments) s.is_sacked = false;
      return;
    }
    case 3: {
      const std::uint32_t mss = pick(1, 20);
      board_.resegment(static_cast<std::uint16_t>(mss));
      model_.resegment(mss);
      return;
    }
    default: {
      std::uint32_t expected = 0;
      if (!model_.segments.empty()) {
        Segment& s = model_.segments.front();
        if (s.is_in_network() && !s.is_again) {
          expected = model_.size(s);
          s.is_lost = true;
        }
      }
      ASSERT_EQ(board_.mark_front_lost(), expected);
      return;
    }
  }
}

void Duel::step() {
  now_ = now_ + milliseconds(pick(0, 3));
  const std::uint32_t what = pick(0, 99);
  if (what < 25) {
    if (model_.nxt - model_.una < 20'000) send();
  } else if (what < 60) {
    ack();
  } else if (what < 75) {
    rack();
  } else if (what < 97) {
    retransmit();
  } else {
    rare();
  }
}

void Duel::compare() const {
  std::uint32_t sacked = 0, sacked_segments = 0, lost = 0;
  bool has_again = false;
  Instant oldest = Instant::never();
  for (const Segment& s : model_.segments) {
    sacked += s.is_sacked ? model_.size(s) : 0;
    sacked_segments += s.is_sacked ? 1 : 0;
    lost += s.is_lost ? model_.size(s) : 0;
    has_again |= s.is_again;
    if (s.is_in_network()) oldest = earlier(oldest, s.xmit_at());
  }
  const auto flight_size = static_cast<std::uint32_t>(model_.nxt - model_.una);
  ASSERT_EQ(board_.flight_size(), flight_size);
  ASSERT_EQ(board_.sacked_bytes(), sacked);
  ASSERT_EQ(board_.sacked_segments(), sacked_segments);
  ASSERT_EQ(board_.lost_bytes(), lost);
  ASSERT_EQ(board_.pipe(), flight_size - sacked - lost);
  ASSERT_EQ(board_.has_retransmitted_outstanding(), has_again);
  ASSERT_EQ(board_.oldest_xmit_at().ns, oldest.ns);
  ASSERT_EQ(board_.is_empty(), model_.segments.empty());
  for (const std::uint32_t bytes_max : {1u, 37u, 4000u}) {
    const SeqRange said = board_.next_lost(bytes_max);
    const SeqRange expected = model_.next_lost(bytes_max);
    ASSERT_EQ(said.size(), expected.size());
    if (!said.is_empty()) {
      ASSERT_EQ(said, expected);
    }
  }
  if (model_.segments.empty()) return;
  const Segment& front = model_.segments.front();
  const Segment& last = model_.segments.back();
  ASSERT_EQ(board_.is_front_sacked(), front.is_sacked);
  ASSERT_EQ(board_.front_xmit_at().ns, front.xmit_at().ns);
  ASSERT_EQ(board_.last_segment().end, model_.seq(last.end));
  ASSERT_EQ(board_.last_segment().size(), model_.size(last));
}

TEST(SackScoreboardOracle, AgreesWithANaiveModelAfterEveryStep) {
  for (std::uint32_t seed = 1; seed <= 150; ++seed) {
    Duel duel(seed);
    for (int i = 0; i < 600 && duel.is_small(); ++i) {
      duel.step();
      if (!::testing::Test::HasFatalFailure()) duel.compare();
      ASSERT_FALSE(::testing::Test::HasFatalFailure()) << "seed " << seed << " step " << i;
    }
  }
}

}  // namespace
}  // namespace oriel::tcp
