// The path's decisions, one packet of wire size at a time. Nothing here depends on how many are
// under way.
#include "sim/path_core.h"

#include "sim/path_router.h"
#include "sim/segmentation.h"
#include "wire/checksum.h"

namespace oriel::sim {
namespace {

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
constexpr std::size_t kPieceBytesMax = 65'535 + 120;

// All pieces in one run of bytes; views the only piece where there is one.
ByteView gather(std::span<const ByteView> pieces, std::size_t bytes,
                std::vector<std::uint8_t>& scratch) {
  if (pieces.size() == 1) return pieces[0];
  scratch.resize(bytes);
  std::size_t at = 0;
  for (ByteView p : pieces) {
    if (!p.empty()) std::memcpy(scratch.data() + at, p.data(), p.size());
    at += p.size();
  }
  return scratch;
}

}  // namespace

void RateQueue::set(std::uint64_t bits_per_second, std::uint64_t queue_bytes) {
  if (bits_per_second != rate_) {
    bytes_max_ = bytes_max();
    backlog_ns_max_ = 0;
    free_fraction_ = 0;
    if (rate_ != 0) earlier_.push_back({free_ns_, rate_});
  }
  rate_ = bits_per_second;
  queue_ns_ = Instant::never().ns;
  if (rate_ == 0 || queue_bytes == 0) return;
  const auto bits_ns = static_cast<unsigned __int128>(queue_bytes) * 8 * kNsPerSecond;
  const unsigned __int128 ns = (bits_ns + rate_ - 1) / rate_;
  const auto ns_max = static_cast<unsigned __int128>(Instant::never().ns);
  queue_ns_ = static_cast<std::int64_t>(std::min(ns, ns_max));
}

std::int64_t RateQueue::pass(std::int64_t now_ns, std::size_t bytes) {
  if (rate_ == 0) return now_ns;
  if (now_ns > free_ns_) {
    free_ns_ = now_ns;
    free_fraction_ = 0;
  }
  // At most 64 KiB: 2^19 bits * 2^30 fits; the fraction is below rate_.
  const std::uint64_t work = std::uint64_t{bytes} * 8 * kNsPerSecond + free_fraction_;
  const std::int64_t departure_ns = free_ns_ + static_cast<std::int64_t>(work / rate_);
  const std::int64_t backlog_ns = waiting_ns(now_ns, departure_ns);
  const bool is_idle = free_ns_ == now_ns;
  if (!is_idle && backlog_ns > queue_ns_) return -1;
  free_ns_ = departure_ns;
  free_fraction_ = work % rate_;
  backlog_ns_max_ = std::max(backlog_ns_max_, backlog_ns);
  return departure_ns;
}

// How long the bytes from the line to this departure would take at today's rate.
std::int64_t RateQueue::waiting_ns(std::int64_t now_ns, std::int64_t departure_ns) {
  std::int64_t begin_ns = now_ns;
  __int128 earlier_bits_ns = 0;
  while (!earlier_.empty() && earlier_.front().until_ns <= now_ns) earlier_.erase(earlier_.begin());
  for (const Earlier& e : earlier_) {
    earlier_bits_ns += static_cast<__int128>(e.until_ns - begin_ns) * e.rate;
    begin_ns = e.until_ns;
  }
  return departure_ns - begin_ns + static_cast<std::int64_t>(earlier_bits_ns / rate_);
}

std::uint64_t RateQueue::bytes_of(std::int64_t ns) const {
  const auto bits_ns = static_cast<unsigned __int128>(ns) * rate_;
  return static_cast<std::uint64_t>((bits_ns + 4 * kNsPerSecond) / (8 * kNsPerSecond));
}

PathCore::PathCore(const PathOptions& options, std::uint64_t seed) : random_(seed) {
  set_options(options);
}

void PathCore::set_options(const PathOptions& options) {
  options_ = options;
  queue_.set(options.rate_bits_per_second, options.queue_bytes);
}

const PathStatistics& PathCore::statistics() const {
  statistics_.queue_bytes_max = queue_.bytes_max();
  return statistics_;
}

bool PathCore::enqueue(Instant now, std::span<const ByteView> pieces, const Offload& offload,
                       std::vector<std::uint8_t>* icmp_reply) {
  std::size_t bytes = 0;
  for (ByteView p : pieces) bytes += p.size();
  if (bytes == 0) return true;
  const Packet packet{pieces, bytes, offload};
  if (offload.gso_size == 0) return enqueue_wire(now, packet, icmp_reply);
  return enqueue_super(now, packet, icmp_reply);
}

bool PathCore::enqueue_super(Instant now, const Packet& packet,
                             std::vector<std::uint8_t>* icmp_reply) {
  const ByteView whole = gather(packet.pieces, packet.bytes, scratch_);
  const auto cut = SuperSegment::parse(whole, packet.offload);
  if (!cut || cut->count() == 1) {
    Offload plain = packet.offload;
    plain.gso_size = 0;
    return enqueue_wire(now, {packet.pieces, packet.bytes, plain}, icmp_reply);
  }
  const bool fits = options_.mtu == 0 || cut->size(0) <= effective_mtu(whole, options_.mtu);
  if (keeps_super_segments_ && fits && !acts_on_single_packets()) {
    const std::int64_t departure_ns = options_.is_up ? queue_.pass(now.ns, cut->wire_bytes()) : -1;
    if (departure_ns >= 0) {
      statistics_.packets_in += cut->count();
      statistics_.bytes_in += cut->wire_bytes();
      Flight flight;
      flight.due_ns = departure_ns + options_.delay.count();
      flight.offload = packet.offload;
      flight.wire_bytes = static_cast<std::uint32_t>(cut->wire_bytes());
      flight.wire_packets = static_cast<std::uint16_t>(cut->count());
      launch(flight, false, packet);
      return true;
    }
  }
  std::uint8_t piece[kPieceBytesMax];
  const Offload partial = cut->partial_offload();
  bool is_taken = true;
  for (std::size_t i = 0; i < cut->count(); ++i) {
    cut->emit(i, piece, true);
    const ByteView view(piece, cut->size(i));
    const bool is_first_refused = is_taken;
    if (!enqueue_wire(now, {{&view, 1}, view.size(), partial},
                      is_first_refused ? icmp_reply : nullptr)) {
      is_taken = false;
    }
  }
  return is_taken;
}

bool PathCore::enqueue_wire(Instant now, const Packet& packet,
                            std::vector<std::uint8_t>* icmp_reply) {
  if (options_.is_up && options_.mtu != 0) {
    const std::size_t mtu = effective_mtu(packet.pieces[0], options_.mtu);
    if (packet.bytes > mtu) return refuse_too_big(now, packet, mtu, icmp_reply);
  }
  ++statistics_.packets_in;
  statistics_.bytes_in += packet.bytes;
  if (!options_.is_up) {
    ++statistics_.down_dropped;
    return true;
  }
  send(now, packet, packet.bytes);
  return true;
}

bool PathCore::refuse_too_big(Instant now, const Packet& packet, std::size_t mtu,
                              std::vector<std::uint8_t>* icmp_reply) {
  std::vector<std::uint8_t> own;  // scratch_ may hold the super-segment that this piece is of
  const ByteView whole = gather(packet.pieces, packet.bytes, own);
  std::vector<std::uint8_t> finished(whole.begin(), whole.end());
  if (packet.offload.checksum == Offload::Checksum::kPartial) {
    wire::complete_checksum(finished, packet.offload.checksum_start,
                            packet.offload.checksum_offset);
  }
  const auto fragments = fragment_ipv4(finished, mtu);
  for (const auto& f : fragments) {
    const ByteView view(f);
    ++statistics_.packets_in;
    statistics_.bytes_in += view.size();
    const Offload none;
    send(now, {{&view, 1}, view.size(), none}, view.size());
  }
  if (!fragments.empty()) return true;
  ++statistics_.packets_in;
  statistics_.bytes_in += packet.bytes;
  ++statistics_.too_big;
  if (icmp_reply != nullptr) *icmp_reply = too_big_answer(finished, mtu);
  return false;
}

bool PathCore::acts_on_single_packets() const {
  return options_.loss > 0 || options_.burst_loss > 0 || options_.reorder > 0 ||
         options_.duplicate > 0 || options_.corrupt > 0 || options_.jitter.count() > 0;
}

void PathCore::send(Instant now, const Packet& packet, std::size_t wire_bytes) {
  const std::int64_t departure_ns = queue_.pass(now.ns, wire_bytes);
  if (departure_ns < 0) {
    ++statistics_.queue_dropped;
    return;
  }
  if (is_lost(now)) {
    ++statistics_.lost;
    return;
  }
  Flight flight;
  flight.due_ns = departure_ns + options_.delay.count();
  if (options_.jitter.count() > 0) {
    const auto span = static_cast<std::uint64_t>(options_.jitter.count()) + 1;
    flight.due_ns += static_cast<std::int64_t>(random_.below(span));
  }
  flight.offload = packet.offload;
  flight.wire_bytes = static_cast<std::uint32_t>(wire_bytes);
  const bool is_reordered = random_.chance(options_.reorder);
  if (is_reordered) {
    ++statistics_.reordered;
    flight.due_ns += options_.reorder_delay.count();
  }
  flight.is_corrupted = random_.chance(options_.corrupt);
  launch(flight, is_reordered, packet);
  if (random_.chance(options_.duplicate)) {
    ++statistics_.duplicated;
    launch(flight, is_reordered, packet);
  }
}

// Gilbert-Elliott with a lossless good state and a bad state that loses everything.
// A burst of losses is over when nothing came for this long.
constexpr Duration kBurstQuietMax = std::chrono::seconds(5);

// Bursts are counted in packets; without a limit in time one would follow a sender through all its
// back-offs.
bool PathCore::is_lost(Instant now) {
  if (is_in_burst_) {
    const bool is_quiet = now - burst_seen_at_ >= kBurstQuietMax;
    burst_seen_at_ = now;
    is_in_burst_ = !is_quiet && !random_.chance(1.0 / std::max(1.0, options_.burst_length_packets));
    if (is_in_burst_) return true;
  }
  if (random_.chance(options_.burst_loss)) {
    is_in_burst_ = true;
    burst_seen_at_ = now;
    return true;
  }
  return random_.chance(options_.loss);
}

void PathCore::launch(Flight flight, bool is_reordered, const Packet& packet) {
  flight.order = order_next_++;
  flight.bytes = static_cast<std::uint32_t>(packet.bytes);
  const bool is_summed_here =
      options_.corrupt > 0 && flight.offload.checksum == Offload::Checksum::kPartial;
  if (is_summed_here) flight.offload = Offload{};
  if (is_reordered) {
    Late late{flight, std::vector<std::uint8_t>(packet.bytes)};
    fill(late.bytes.data(), late.flight, packet);
    late_.push_back(std::move(late));
    std::push_heap(late_.begin(), late_.end(), is_later);
    return;
  }
  flight.due_ns = std::max(flight.due_ns, due_ns_last_);
  due_ns_last_ = flight.due_ns;
  fill(ring_.push(flight), flight, packet);
}

void PathCore::fill(std::uint8_t* out, const Flight& flight, const Packet& packet) {
  std::size_t at = 0;
  for (ByteView p : packet.pieces) {
    if (!p.empty()) std::memcpy(out + at, p.data(), p.size());
    at += p.size();
  }
  const Offload& was = packet.offload;
  if (options_.corrupt > 0 && was.checksum == Offload::Checksum::kPartial) {
    wire::complete_checksum({out, packet.bytes}, was.checksum_start, was.checksum_offset);
  }
  if (!flight.is_corrupted) return;
  ++statistics_.corrupted;
  const std::uint64_t bit = random_.below(std::uint64_t{packet.bytes} * 8);
  out[bit / 8] = static_cast<std::uint8_t>(out[bit / 8] ^ (1u << (bit % 8)));
}

bool PathCore::dequeue(Instant now, Delivery* out) {
  const std::int64_t ring_ns = ring_due();
  const std::int64_t late_ns = late_due();
  if (std::min(ring_ns, late_ns) > now.ns || (ring_.empty() && late_.empty())) return false;
  const bool is_late =
      late_ns < ring_ns || (late_ns == ring_ns && late_.front().flight.order < ring_.front().order);
  Flight flight;
  if (is_late) {
    std::pop_heap(late_.begin(), late_.end(), is_later);
    flight = late_.back().flight;
    late_held_ = std::move(late_.back().bytes);
    late_.pop_back();
    out->bytes = late_held_;
  } else {
    flight = ring_.front();
    out->bytes = ring_.front_bytes();
    ring_.pop();  // its bytes stay in place until something is pushed
  }
  out->offload = flight.offload;
  out->is_corrupted = flight.is_corrupted;
  statistics_.packets_out += flight.wire_packets;
  statistics_.bytes_out += flight.wire_bytes;
  return true;
}

}  // namespace oriel::sim
