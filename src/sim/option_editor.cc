// Walks the options of a segment; a list that is not well-formed is left alone from there on.
#include "sim/option_editor.h"

#include "sim/seen_segment.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"

namespace oriel::sim {
namespace {

constexpr std::uint8_t kEndOfOptions = 0;
constexpr std::uint8_t kNoOperation = 1;
constexpr std::size_t kChecksumAt = 16;

}  // namespace

bool OptionEditor::looks_at(Direction direction, std::uint8_t flags) const {
  if (!(direction == Direction::kAToB ? segments_.from_a : segments_.from_b)) return false;
  if ((flags & wire::tcp_flag::kSyn) == 0) return segments_.others;
  return (flags & wire::tcp_flag::kAck) != 0 ? segments_.syn_ack : segments_.syn;
}

bool OptionEditor::edit_options(ByteSpan options) {
  bool is_changed = false;
  for (std::size_t at = 0; at < options.size();) {
    const std::uint8_t kind = options[at];
    if (kind == kEndOfOptions) break;
    if (kind == kNoOperation) {
      ++at;
      continue;
    }
    if (at + 1 >= options.size()) break;
    const std::size_t bytes = options[at + 1];
    if (bytes < 2 || bytes > options.size() - at) break;
    if (kind == kind_) is_changed |= edit_(options.subspan(at, bytes));
    at += bytes;
  }
  return is_changed;
}

bool OptionEditor::on_packet(Instant, Direction direction, std::vector<std::uint8_t>& packet,
                             std::vector<std::vector<std::uint8_t>>&) {
  SeenSegment s;
  if (!see_segment(packet, packet.size(), &s) || !looks_at(direction, s.header.flags)) return true;
  std::size_t total = 0;
  const std::size_t ip = locate_tcp(packet, &total);
  const ByteSpan tcp = ByteSpan(packet).subspan(ip, total - ip);
  const std::size_t header_bytes = std::size_t{tcp[12]} >> 4 << 2;
  const ByteSpan options =
      tcp.subspan(wire::kTcpHeaderBytesMin, header_bytes - wire::kTcpHeaderBytesMin);
  if (!edit_options(options)) return true;
  store_be16(tcp.data() + kChecksumAt, 0);
  const std::uint32_t pseudo = wire::pseudo_header_sum(
      s.source, s.destination, wire::ip_protocol::kTcp, static_cast<std::uint32_t>(tcp.size()));
  const std::uint16_t sum = wire::checksum_fold(wire::checksum_add(pseudo, tcp));
  store_be16(tcp.data() + kChecksumAt, static_cast<std::uint16_t>(~sum));
  return true;
}

}  // namespace oriel::sim
