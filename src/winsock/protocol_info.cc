// The rows. Values: what `netsh winsock show catalog` prints for the same four on Windows 10.
#include "winsock/protocol_info.h"

#include <ws2tcpip.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "win32/utf8.h"

namespace oriel::winsock {
namespace {

constexpr GUID kIpv4Provider = {
    0xe70f1aa0, 0xab8b, 0x11cf, {0x8c, 0xa3, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92}};
constexpr GUID kIpv6Provider = {
    0xf9eab0c0, 0x26d4, 0x11d0, {0xbb, 0xbf, 0x00, 0xaa, 0x00, 0x6c, 0x34, 0xe4}};

constexpr DWORD kStreamFlags = XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | XP1_GRACEFUL_CLOSE |
                               XP1_EXPEDITED_DATA | XP1_IFS_HANDLES;
constexpr DWORD kDatagramFlags = XP1_CONNECTIONLESS | XP1_MESSAGE_ORIENTED | XP1_SUPPORT_BROADCAST |
                                 XP1_SUPPORT_MULTIPOINT | XP1_IFS_HANDLES;
constexpr DWORD kDatagramBytesMax = 65467;  // as Windows prints it; more may be sent

template <class Char, std::size_t N>
void copy_text(Char (&to)[N], std::basic_string_view<Char> text) {
  const std::size_t n = std::min(text.size(), N - 1);
  std::copy_n(text.data(), n, to);
  std::fill(to + n, to + N, Char{});
}

WSAPROTOCOL_INFOW row(DWORD id, int family, int type, std::wstring_view name) {
  const bool is_stream = type == SOCK_STREAM;
  const int address_bytes =
      family == AF_INET ? int{sizeof(sockaddr_in)} : int{sizeof(sockaddr_in6)};
  WSAPROTOCOL_INFOW info{};
  info.dwServiceFlags1 = is_stream ? kStreamFlags : kDatagramFlags;
  info.dwProviderFlags = PFL_MATCHES_PROTOCOL_ZERO;
  info.ProviderId = family == AF_INET ? kIpv4Provider : kIpv6Provider;
  info.dwCatalogEntryId = id;
  info.ProtocolChain.ChainLen = BASE_PROTOCOL;
  info.iVersion = 2;
  info.iAddressFamily = family;
  info.iMaxSockAddr = address_bytes;
  info.iMinSockAddr = address_bytes;
  info.iSocketType = type;
  info.iProtocol = is_stream ? IPPROTO_TCP : IPPROTO_UDP;
  info.iNetworkByteOrder = BIGENDIAN;
  info.iSecurityScheme = SECURITY_PROTOCOL_NONE;
  info.dwMessageSize = is_stream ? 0 : kDatagramBytesMax;
  copy_text(info.szProtocol, name);
  return info;
}

// Everything but the name has the same layout.
template <class To, class From>
To convert(const From& from) {
  static_assert(offsetof(WSAPROTOCOL_INFOA, szProtocol) == offsetof(WSAPROTOCOL_INFOW, szProtocol));
  To to{};
  std::memcpy(&to, &from, offsetof(WSAPROTOCOL_INFOA, szProtocol));
  return to;
}

}  // namespace

const std::array<WSAPROTOCOL_INFOW, kBaseProtocols>& base_protocols() {
  static const std::array<WSAPROTOCOL_INFOW, kBaseProtocols> rows = {
      row(kFirstCatalogueId, AF_INET, SOCK_STREAM, L"MSAFD Tcpip [TCP/IP]"),
      row(kFirstCatalogueId + 1, AF_INET, SOCK_DGRAM, L"MSAFD Tcpip [UDP/IP]"),
      row(kFirstCatalogueId + 2, AF_INET6, SOCK_STREAM, L"MSAFD Tcpip [TCP/IPv6]"),
      row(kFirstCatalogueId + 3, AF_INET6, SOCK_DGRAM, L"MSAFD Tcpip [UDP/IPv6]")};
  return rows;
}

WSAPROTOCOL_INFOA to_ansi(const WSAPROTOCOL_INFOW& info) {
  auto out = convert<WSAPROTOCOL_INFOA>(info);
  const std::wstring_view name(info.szProtocol, ::wcsnlen(info.szProtocol, WSAPROTOCOL_LEN));
  copy_text(out.szProtocol, std::string_view(win32::narrow(name)));
  return out;
}

WSAPROTOCOL_INFOW to_wide(const WSAPROTOCOL_INFOA& info) {
  auto out = convert<WSAPROTOCOL_INFOW>(info);
  const std::string_view name(info.szProtocol, ::strnlen(info.szProtocol, WSAPROTOCOL_LEN));
  copy_text(out.szProtocol, std::wstring_view(win32::widen(name)));
  return out;
}

bool is_family(const WSAPROTOCOL_INFOW& info, int family) {
  return family == AF_UNSPEC || info.iAddressFamily == family;
}

bool is_type(const WSAPROTOCOL_INFOW& info, int type) {
  return type == 0 || info.iSocketType == type;
}

bool is_protocol(const WSAPROTOCOL_INFOW& info, int protocol) {
  if (protocol == 0) {
    return (info.dwProviderFlags & PFL_MATCHES_PROTOCOL_ZERO) != 0 || info.iProtocol == 0;
  }
  return protocol >= info.iProtocol && protocol <= info.iProtocol + info.iProtocolMaxOffset;
}

}  // namespace oriel::winsock
