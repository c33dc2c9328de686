// IPv4 and TCP headers at their fixed places (RFC 791 3.1, RFC 9293 3.1); options by kind.
#include "lab_tap.h"

#include <fmt/format.h>

#include <algorithm>

namespace oriel::cli {
namespace {

constexpr std::size_t kIpBytesMin = 20;
constexpr std::size_t kTcpBytesMin = 20;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kRst = 0x04;
constexpr unsigned kWindowScaleMax = 14;  // RFC 7323 2.3

unsigned be16(const std::uint8_t* p) {
  return static_cast<unsigned>(p[0] << 8 | p[1]);
}

struct SynOptions {
  std::string text;
  std::optional<unsigned> scale;
};

std::string describe(const std::uint8_t* option, std::size_t bytes) {
  switch (option[0]) {
    case 2:
      return bytes == 4 ? fmt::format("MSS {}", be16(option + 2)) : "MSS malformed";
    case 3:
      return bytes == 3 ? fmt::format("WSopt {}", option[2]) : "WSopt malformed";
    case 4:
      return "SACK";
    case 8:
      return "TSopt";
    default:
      return fmt::format("kind {}", option[0]);
  }
}

SynOptions read_options(const std::uint8_t* p, std::size_t size) {
  SynOptions out;
  for (std::size_t at = 0; at < size && p[at] != 0;) {
    if (p[at] == 1) {
      ++at;
      continue;
    }
    if (at + 1 >= size || p[at + 1] < 2 || p[at + 1] > size - at) break;
    const std::size_t bytes = p[at + 1];
    if (p[at] == 3 && bytes == 3) out.scale = p[at + 2];
    out.text += (out.text.empty() ? "" : ", ") + describe(p + at, bytes);
    at += bytes;
  }
  return out;
}

}  // namespace

void WindowTap::see_own(Instant now, const std::uint8_t* tcp, std::size_t header_bytes) {
  if ((tcp[13] & kRst) != 0) return;
  if ((tcp[13] & kSyn) != 0) {
    const SynOptions options = read_options(tcp + kTcpBytesMin, header_bytes - kTcpBytesMin);
    syn_options_ = options.text;
    scale_sent_ = options.scale;
    return;
  }
  const auto field = static_cast<std::uint16_t>(be16(tcp + 14));
  const std::uint32_t window = std::uint32_t{field}
                               << (is_scaled() ? std::min(*scale_sent_, kWindowScaleMax) : 0u);
  if (!first_field_) {
    first_field_ = field;
    window_start_ = window;
  }
  field_max_ = std::max(field_max_, field);
  window_max_ = std::max(window_max_, window);
  if (windows_.empty() || windows_.back().bytes != window) windows_.push_back({now, window});
}

bool WindowTap::on_packet(Instant now, Direction direction, std::vector<std::uint8_t>& packet,
                          std::vector<std::vector<std::uint8_t>>&) {
  if (packet.size() < kIpBytesMin || packet[0] >> 4 != 4 || packet[9] != 6) return true;
  const std::size_t ip = std::size_t{packet[0] & 0x0fu} * 4;
  if (packet.size() < ip + kTcpBytesMin) return true;
  const std::uint8_t* tcp = packet.data() + ip;
  const std::size_t header_bytes = std::size_t{tcp[12]} >> 4 << 2;
  if (header_bytes < kTcpBytesMin || packet.size() < ip + header_bytes) return true;
  if (direction == Direction::kAToB) {
    see_own(now, tcp, header_bytes);
    return true;
  }
  if ((tcp[13] & kSyn) != 0) {
    scale_heard_ = read_options(tcp + kTcpBytesMin, header_bytes - kTcpBytesMin).scale;
  }
  payload_max_ = std::max(payload_max_, packet.size() - ip - header_bytes);
  return true;
}

}  // namespace oriel::cli
