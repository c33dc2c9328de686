// Entries are copied by memcpy: a program's buffer need not be aligned.
#include "winsock/control_data.h"

#include <ws2tcpip.h>

#include <cstring>

#include "winsock/interface_numbers.h"
#include "winsock/sockaddr.h"

namespace oriel::winsock {
namespace {

constexpr std::uint8_t kEcnBits = 3;

class ControlWriter {
 public:
  explicit ControlWriter(WSABUF& out) : out_(out), room_(out.buf == nullptr ? 0 : out.len) {
    out_.len = 0;
  }

  template <class T>
  void add(int level, int type, const T& value) {
    const WSACMSGHDR head{WSA_CMSG_LEN(sizeof value), level, type};
    if (room_ - out_.len < WSA_CMSG_SPACE(sizeof value)) {
      is_cut_ = true;
      return;
    }
    char* const at = out_.buf + out_.len;
    std::memset(at, 0, WSA_CMSG_SPACE(sizeof value));
    std::memcpy(at, &head, sizeof head);
    std::memcpy(at + WSA_CMSG_LEN(0), &value, sizeof value);
    out_.len += static_cast<ULONG>(WSA_CMSG_SPACE(sizeof value));
  }
  bool is_cut() const { return is_cut_; }

 private:
  WSABUF& out_;
  const ULONG room_;
  bool is_cut_ = false;
};

// One entry's data, if it has the size of a T.
template <class T>
bool read_as(ByteView data, T& out) {
  if (data.size() != sizeof out) return false;
  std::memcpy(&out, data.data(), sizeof out);
  return true;
}

int read_number(ByteView data, int max, std::uint8_t& out) {
  INT value = 0;
  if (!read_as(data, value) || value < 0 || value > max) return WSAEINVAL;
  out = static_cast<std::uint8_t>(value);
  return 0;
}

int read_address(ByteView data, int family, IpAddress& source) {
  if (family == AF_INET) {
    in_pktinfo info;
    if (!read_as(data, info)) return WSAEINVAL;
    source = IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&info.ipi_addr));
  } else {
    in6_pktinfo info;
    if (!read_as(data, info)) return WSAEINVAL;
    source = IpAddress::v6(reinterpret_cast<const std::uint8_t*>(&info.ipi6_addr));
  }
  if (source.is_unspecified()) source = {};
  return 0;
}

int read_entry(const WSACMSGHDR& head, ByteView data, int family, IpAddress& source,
               socket::DatagramSend& how) {
  if (head.cmsg_level != (family == AF_INET ? int{IPPROTO_IP} : int{IPPROTO_IPV6})) {
    return WSAEINVAL;
  }
  const bool is_v4 = family == AF_INET;
  if (head.cmsg_type == IP_PKTINFO) return read_address(data, family, source);
  if (head.cmsg_type == IP_HOPLIMIT || (is_v4 && head.cmsg_type == IP_TTL)) {
    return read_number(data, 255, how.hop_limit);
  }
  if (head.cmsg_type == (is_v4 ? IP_TOS : IPV6_TCLASS)) {
    return read_number(data, 255, how.traffic_class);
  }
  if (head.cmsg_type != IP_ECN) return WSAEINVAL;
  std::uint8_t ecn = 0;
  if (const int e = read_number(data, kEcnBits, ecn); e != 0) return e;
  how.traffic_class = static_cast<std::uint8_t>((how.traffic_class & ~kEcnBits) | ecn);
  return 0;
}

}  // namespace

bool write_control(const socket::DatagramRequest& received, int family,
                   const SocketOptions& options, WSABUF& control) {
  ControlWriter out(control);
  if (family == AF_INET) {
    if (options.is_packet_info_told) {
      in_pktinfo info{};
      std::memcpy(&info.ipi_addr, received.destination.v4_bytes(), sizeof info.ipi_addr);
      info.ipi_ifindex = shown_interface(received.interface_index);
      out.add(IPPROTO_IP, IP_PKTINFO, info);
    }
    if (options.is_hop_limit_told) out.add(IPPROTO_IP, IP_TTL, INT{received.hop_limit});
    if (options.is_traffic_class_told) out.add(IPPROTO_IP, IP_TOS, INT{received.traffic_class});
    return !out.is_cut();
  }
  if (options.is_packet_info_told) {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, received.destination.bytes().data(), sizeof info.ipi6_addr);
    info.ipi6_ifindex = shown_interface(received.interface_index);
    out.add(IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
  if (options.is_hop_limit_told) out.add(IPPROTO_IPV6, IPV6_HOPLIMIT, INT{received.hop_limit});
  if (options.is_traffic_class_told) {
    out.add(IPPROTO_IPV6, IPV6_TCLASS, INT{received.traffic_class});
  }
  return !out.is_cut();
}

int read_control(const WSABUF& control, int family, IpAddress& source, socket::DatagramSend& how) {
  if (control.len == 0) return 0;
  if (is_bad_pointer(control.buf)) return WSAEFAULT;
  const ByteView all(reinterpret_cast<const std::uint8_t*>(control.buf), control.len);
  for (std::size_t at = 0; at < all.size();) {
    WSACMSGHDR head;
    if (all.size() - at < sizeof head) return WSAEINVAL;
    std::memcpy(&head, all.data() + at, sizeof head);
    if (head.cmsg_len < WSA_CMSG_LEN(0) || head.cmsg_len > all.size() - at) return WSAEINVAL;
    const ByteView data = all.subspan(at + WSA_CMSG_LEN(0), head.cmsg_len - WSA_CMSG_LEN(0));
    if (const int e = read_entry(head, data, family, source, how); e != 0) return e;
    at += WSA_CMSGHDR_ALIGN(head.cmsg_len);
  }
  return 0;
}

}  // namespace oriel::winsock
