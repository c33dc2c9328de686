// Packets between two hosts of a world, and everything that looks at them on the way.
#include "sim/sim_link.h"

#include <fmt/format.h>

#include <bit>

#include "wire/checksum.h"
#include "wire/ipv6.h"

namespace oriel::sim {
namespace {

constexpr std::size_t kRxBufferBytesMin = 2048;
constexpr std::size_t kDigestBytes =
    64;  // of each piece: all headers; payloads are checked as streams

std::uint64_t mix(std::uint64_t h, std::uint64_t w) {
  h = (h ^ w) * 0x9e3779b97f4a7c15u;
  return std::rotl(h, 29);
}

std::uint64_t mix_bytes(std::uint64_t h, ByteView bytes) {
  const std::size_t n = std::min(bytes.size(), kDigestBytes);
  for (std::size_t at = 0; at < n; at += 8) {
    std::uint64_t w = 0;
    std::memcpy(&w, bytes.data() + at, std::min<std::size_t>(8, n - at));
    h = mix(h, w);
  }
  return mix(h, bytes.size());
}

// IPv6 has no header checksum: a flipped bit of the flow label or hop limit leaves a good packet.
bool is_still_good(ByteView packet) {
  const auto h = wire::parse_ipv6(packet);
  if (!h || h->next_header != wire::ip_protocol::kTcp) return false;
  const std::uint32_t pseudo =
      wire::pseudo_header_sum(h->source, h->destination, wire::ip_protocol::kTcp, h->payload_bytes);
  return wire::is_checksum_ok(pseudo, packet.subspan(wire::kIpv6HeaderBytes, h->payload_bytes));
}

}  // namespace

void WorldState::report(const std::string& sentence) {
  if (violations.size() >= kViolationsMax) return;
  violations.push_back(
      fmt::format("seed {}, {:.9f} s: {}", seed, static_cast<double>(now.ns) * 1e-9, sentence));
}

SimLink::SimLink(WorldState& world, std::string name_a, std::string name_b,
                 const PathOptions& a_to_b, const PathOptions& b_to_a,
                 std::vector<std::shared_ptr<Middlebox>> boxes, std::uint64_t seed_a_to_b,
                 std::uint64_t seed_b_to_a)
    : world_(world),
      path_(a_to_b, b_to_a, seed_a_to_b, seed_b_to_a, std::move(boxes)),
      checkers_{TcpEndChecker([this, n = std::move(name_a)](const std::string& s) {
                  world_.report("host " + n + ": " + s);
                }),
                TcpEndChecker([this, n = std::move(name_b)](const std::string& s) {
                  world_.report("host " + n + ": " + s);
                })} {}

void SimLink::watch(End end, bool is_sent, std::span<const ByteView> pieces, const Offload& offload,
                    bool is_corrupted) {
  std::size_t bytes = 0;
  std::uint64_t h = mix(world_.digest, static_cast<std::uint64_t>(world_.now.ns));
  h = mix(h, end * 2 + (is_sent ? 1 : 0));
  for (ByteView p : pieces) {
    h = mix_bytes(h, p);
    bytes += p.size();
  }
  world_.digest = h;
  if (end == kA && capture_.is_open()) capture_.write(world_.now, pieces, offload);
  SeenSegment s;
  if (is_corrupted && !is_still_good(pieces[0])) return;
  if (!see_segment(pieces[0], bytes, &s)) return;
  if (is_sent)
    checkers_[end].on_sent(s);
  else
    checkers_[end].on_received(s);
}

void SimLink::transmit(End from, const PacketOut& packet) {
  if (packet.pieces.empty()) return;
  watch(from, true, packet.pieces, packet.offload, false);
  path_.enqueue(world_.now, away_from(from), packet.pieces, packet.offload);
}

Instant SimLink::next_deadline(End end) const {
  return path_.next_deadline(away_from(other(end)));
}

bool SimLink::receive(End end, Delivery* out) {
  if (!path_.dequeue(world_.now, away_from(other(end)), out)) return false;
  watch(end, false, {&out->bytes, 1}, out->offload, out->is_corrupted);
  return true;
}

namespace {

class SimDevice : public Device {
 public:
  SimDevice(std::shared_ptr<SimLink> link, SimLink::End end, const std::string& name,
            std::size_t mtu)
      : link_(std::move(link)), end_(end) {
    info_.name = "sim:" + name;
    info_.mtu = mtu;
    info_.has_tx_checksum = true;
    info_.rx_buffer_bytes = std::max(kRxBufferBytesMin, mtu);
    info_.link_bits_per_second =
        link_->path().options(SimLink::away_from(end)).rate_bits_per_second;
  }

  const DeviceInfo& info() const override { return info_; }

  std::size_t transmit(std::span<const PacketOut> burst) override {
    for (const PacketOut& p : burst) {
      ++counters_.packets_out;
      counters_.bytes_out += p.size();
      link_->transmit(end_, p);
    }
    return burst.size();
  }

  ErrorCode receive(RxBurst& burst) override {
    for (ByteSpan buffer = burst.buffer(); !buffer.empty(); buffer = burst.buffer()) {
      Delivery d;
      if (!link_->receive(end_, &d)) break;
      if (d.bytes.size() > buffer.size()) {
        ++counters_.dropped_in;
        continue;
      }
      std::memcpy(buffer.data(), d.bytes.data(), d.bytes.size());
      ++counters_.packets_in;
      counters_.bytes_in += d.bytes.size();
      burst.commit(d.bytes.size(), d.offload);
    }
    return ErrorCode::kOk;
  }

  DeviceCounters counters() const override { return counters_; }
  Instant next_deadline() const override { return link_->next_deadline(end_); }

 private:
  std::shared_ptr<SimLink> link_;
  SimLink::End end_;
  DeviceInfo info_;
  DeviceCounters counters_;
};

}  // namespace

std::unique_ptr<Device> make_sim_device(std::shared_ptr<SimLink> link, SimLink::End end,
                                        const std::string& name, std::size_t mtu) {
  return std::make_unique<SimDevice>(std::move(link), end, name, mtu);
}

}  // namespace oriel::sim
