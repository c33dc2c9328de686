// Datagrams under reassembly: sorted pieces without overlap, complete when their bytes add up.
#include "ip/reassembly.h"

#include <algorithm>
#include <cstring>

#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace oriel::ip {
namespace {

/// Transport headers that have to lie in the first fragment whole (RFC 1858, RFC 7112).
std::size_t transport_header_bytes(std::uint8_t next_header) {
  switch (next_header) {
    case protocol::kTcp:
      return 20;
    case protocol::kUdp:
    case protocol::kIcmp:
    case protocol::kIcmpv6:
      return 8;
    default:
      return 1;
  }
}

DropReason check(const Fragment& f, std::size_t bytes) {
  if (bytes == 0 || (f.has_more && bytes % 8 != 0)) return DropReason::kFragmentMalformed;
  const std::size_t header = f.source.is_v4() ? 20 : 0;  // what the 65535 counts with
  if (f.offset_bytes + bytes + header > 65535) return DropReason::kFragmentMalformed;
  if (f.offset_bytes == 0 && bytes < transport_header_bytes(f.protocol)) {
    return DropReason::kFragmentTiny;
  }
  // RFC 1858 4: a fragment at offset 8 could only rewrite TCP's flags.
  if (f.offset_bytes == 8 && f.protocol == protocol::kTcp) return DropReason::kFragmentTiny;
  return DropReason::kNone;
}

std::size_t memory_of(const Slice& s) {
  return s.is_owning() ? s.footprint() : s.size();
}

}  // namespace

Reassembly::Outcome Reassembly::add(Instant now, const Fragment& fragment, Slice& whole,
                                    DropReason& reason) {
  const std::size_t bytes = fragment.packet.size() - fragment.data_offset;
  reason = check(fragment, bytes);
  if (reason != DropReason::kNone) return Outcome::kDropped;
  const Key key{fragment.source, fragment.destination, fragment.identification,
                fragment.source.is_v4() ? fragment.protocol : std::uint8_t{0}};
  Datagram* d = find_or_make(now, key, reason);
  if (d == nullptr) return Outcome::kDropped;
  if (d->is_poisoned) {
    reason = DropReason::kFragmentOverlap;
    return Outcome::kDropped;
  }
  if (!make_room(key, bytes) || d->pieces.size() >= kFragmentsPerDatagramMax) {
    reason = DropReason::kReassemblyLimit;
    return Outcome::kDropped;
  }
  switch (insert(*d, fragment)) {
    case Place::kDuplicate:
      return Outcome::kStored;
    case Place::kOverlap:
      poison(*d);
      reason = DropReason::kFragmentOverlap;
      return Outcome::kDropped;
    case Place::kNew:
      break;
  }
  if (d->total_bytes == 0 || d->received_bytes != d->total_bytes) return Outcome::kStored;
  whole = assemble(key, *d);
  erase(datagrams_.find(key));
  return Outcome::kComplete;
}

bool Reassembly::expire(Instant now, Slice& first) {
  if (deadlines_.empty() || deadlines_.begin()->first > now) return false;
  const auto it = datagrams_.find(deadlines_.begin()->second);
  first = std::move(it->second.first);
  erase(it);
  return true;
}

Instant Reassembly::next_deadline() const {
  return deadlines_.empty() ? Instant::never() : deadlines_.begin()->first;
}

Reassembly::Datagram* Reassembly::find_or_make(Instant now, const Key& key, DropReason& reason) {
  const auto it = datagrams_.find(key);
  if (it != datagrams_.end()) return &it->second;
  const auto source = per_source_.find(key.source);
  if (source != per_source_.end() && source->second >= kReassemblyPerSourceMax) {
    reason = DropReason::kReassemblyLimit;
    return nullptr;
  }
  if (datagrams_.size() >= kReassemblyDatagramsMax) {
    erase(datagrams_.find(deadlines_.begin()->second));  // the one that would end first
  }
  Datagram& d = datagrams_[key];
  d.expires = now + (key.source.is_v4() ? kReassemblyTimeoutIpv4 : kReassemblyTimeoutIpv6);
  deadlines_.emplace(d.expires, key);
  ++per_source_[key.source];
  return &d;
}

/// Ends the oldest datagrams, but never `keep`, until `bytes` more may be held.
bool Reassembly::make_room(const Key& keep, std::size_t bytes) {
  auto it = deadlines_.begin();
  while (bytes_ + 2 * bytes + kBlockBytes > bytes_max_ && it != deadlines_.end()) {
    const Key key = it->second;
    ++it;
    if (key != keep) erase(datagrams_.find(key));
  }
  return bytes_ + 2 * bytes + kBlockBytes <= bytes_max_;
}

Reassembly::Place Reassembly::insert(Datagram& d, const Fragment& f) {
  const auto begin = f.offset_bytes;
  const auto end = begin + static_cast<std::uint32_t>(f.packet.size() - f.data_offset);
  const auto at = std::lower_bound(d.pieces.begin(), d.pieces.end(), begin,
                                   [](const Piece& p, std::uint32_t b) { return p.begin < b; });
  if (at != d.pieces.end() && at->begin == begin && at->end == end) {
    // RFC 8200 4.5 lets exact duplicates be told from attacks, when the bytes are the same.
    const ByteView fresh = f.packet.view().subspan(f.data_offset);
    if (std::equal(fresh.begin(), fresh.end(), at->data.data())) return Place::kDuplicate;
    return Place::kOverlap;
  }
  if (at != d.pieces.end() && at->begin < end) return Place::kOverlap;
  if (at != d.pieces.begin() && std::prev(at)->end > begin) return Place::kOverlap;
  // A second end, or bytes behind the end, are contradictions of the same kind.
  const bool is_beyond = d.total_bytes != 0 && end > d.total_bytes;
  const bool is_shorter =
      !f.has_more && (d.total_bytes != 0 || (!d.pieces.empty() && d.pieces.back().end > end));
  if (is_beyond || is_shorter) return Place::kOverlap;

  // Small fragments in large blocks, and bytes that are somebody else's, are copied down.
  const bool is_wasteful = !f.packet.is_owning() || f.packet.footprint() > 2 * f.packet.size();
  const Slice packet = is_wasteful ? pool_.copy_of(f.packet) : f.packet;
  d.pieces.insert(at, {begin, end, packet.subslice(f.data_offset, end - begin)});
  d.received_bytes += end - begin;
  d.held_bytes += memory_of(packet);
  bytes_ += memory_of(packet);
  if (!f.has_more) d.total_bytes = end;
  if (begin == 0) {
    d.first = packet;
    d.protocol = f.protocol;
  }
  return Place::kNew;
}

/// Forgets the bytes and remembers the crime, until the timer ends it.
void Reassembly::poison(Datagram& d) {
  d.is_poisoned = true;
  d.pieces.clear();
  d.first = Slice();
  bytes_ -= d.held_bytes;
  d.held_bytes = 0;
}

void Reassembly::erase(Table::iterator it) {
  auto [d, end] = deadlines_.equal_range(it->second.expires);
  while (d != end && d->second != it->first) ++d;
  if (d != end) deadlines_.erase(d);
  const auto source = per_source_.find(it->first.source);
  if (--source->second == 0) per_source_.erase(source);
  bytes_ -= it->second.held_bytes;
  datagrams_.erase(it);
}

/// One packet with a plain IP header; the fields that are not the fragments' own come from the
/// first.
Slice Reassembly::assemble(const Key& key, const Datagram& d) {
  const ByteView first = d.first.view();
  const bool is_v4 = key.source.is_v4();
  const std::size_t header_bytes = is_v4 ? 20 : 40;
  Slice whole = pool_.make(header_bytes + d.total_bytes);
  const ByteSpan out(whole.mutable_data(), whole.size());
  if (is_v4) {
    wire::Ipv4Header h;
    h.source = key.source;
    h.destination = key.destination;
    h.total_bytes = static_cast<std::uint16_t>(whole.size());
    h.id = static_cast<std::uint16_t>(key.identification);
    h.dscp_ecn = first[1];
    h.ttl = first[8];
    h.protocol = key.protocol;
    wire::emit_ipv4(h, out);
  } else {
    wire::Ipv6Header h;
    h.source = key.source;
    h.destination = key.destination;
    h.traffic_class = static_cast<std::uint8_t>(load_be16(first.data()) >> 4);
    h.payload_bytes = static_cast<std::uint16_t>(d.total_bytes);
    h.next_header = d.protocol;
    h.hop_limit = first[7];
    wire::emit_ipv6(h, out);
  }
  for (const Piece& p : d.pieces) {
    std::memcpy(out.data() + header_bytes + p.begin, p.data.data(), p.end - p.begin);
  }
  return whole;
}

}  // namespace oriel::ip
