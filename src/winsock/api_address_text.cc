// inet_addr and its relatives, InetPton and InetNtop, WSAAddressToString and WSAStringToAddress.
//
// The inet and Inet functions need no WSAStartup; the WSA ones go over the table of the family's
// provider.
#include <ws2tcpip.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <cwchar>

#include "win32/utf8.h"
#include "winsock/address_text.h"
#include "winsock/catalogue.h"
#include "winsock/protocol_info.h"
#include "winsock/sockaddr.h"
#include "winsock/startup.h"
#include "winsock/thread_state.h"

using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

namespace {

constexpr u_long kNoAddress = 0xffffffff;  // INADDR_NONE

// 1: written; 0: not such an address; -1 and the last error.
int to_network(INT family, std::string_view text, void* out) {
  if (family == AF_INET) {
    const auto value = parse_ipv4_strict(text);
    if (!value) return 0;
    const std::uint32_t wire = htonl(*value);
    std::memcpy(out, &wire, sizeof wire);
    return 1;
  }
  if (family != AF_INET6) return fail_with(WSAEAFNOSUPPORT);
  const auto bytes = parse_ipv6(text);
  if (!bytes) return 0;
  std::memcpy(out, bytes->data(), bytes->size());
  return 1;
}

// Empty, with the last error: no such family, or no address.
std::string to_text(INT family, const void* address) {
  if (family != AF_INET && family != AF_INET6) {
    fail_with(WSAEAFNOSUPPORT);
    return {};
  }
  if (is_bad_pointer(address)) {
    fail_with(ERROR_INVALID_PARAMETER);
    return {};
  }
  if (family == AF_INET6) return ipv6_text(static_cast<const std::uint8_t*>(address));
  in_addr v4;
  std::memcpy(&v4, address, sizeof v4);
  return ipv4_text(v4);
}

template <class Char>
const Char* copy_text(const std::basic_string<Char>& text, Char* out, std::size_t size) {
  if (text.empty()) return nullptr;
  if (is_bad_pointer(out) || size <= text.size()) {
    fail_with(ERROR_INVALID_PARAMETER);  // also what Windows says of a short buffer
    return nullptr;
  }
  std::copy_n(text.c_str(), text.size() + 1, out);
  return out;
}

// The table of the first provider of the family, or of the entry that the caller names.
INT table_for(int family, const WSAPROTOCOL_INFOW* info, const WSPPROC_TABLE*& table) {
  CatalogueEntry entry;
  Catalogue& catalogue = Catalogue::instance();
  const INT error = info != nullptr ? catalogue.find_id(info->dwCatalogEntryId, entry)
                                    : catalogue.find(family, SOCK_STREAM, 0, entry);
  return error != 0 ? WSAEINVAL : catalogue.start(entry, table);
}

}  // namespace

u_long WSAAPI inet_addr(const char* cp) {
  if (is_bad_pointer(cp)) {
    fail_with(WSAEFAULT);
    return kNoAddress;
  }
  std::string_view text(cp);
  if (text == " ") return 0;  // documented
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) {
    text.remove_suffix(1);
  }
  const auto value = parse_ipv4_loose(text);
  return value ? htonl(*value) : kNoAddress;
}

char* WSAAPI inet_ntoa(struct in_addr in) {
  ThreadState& state = thread_state();
  const std::string text = ipv4_text(in);
  std::copy_n(text.c_str(), text.size() + 1, state.address_text);
  return state.address_text;
}

INT WSAAPI inet_pton(INT Family, PCSTR pszAddrString, PVOID pAddrBuf) {
  if (is_bad_pointer(pszAddrString) || is_bad_pointer(pAddrBuf)) return fail_with(WSAEFAULT);
  return to_network(Family, pszAddrString, pAddrBuf);
}

INT WSAAPI InetPtonW(INT Family, PCWSTR pszAddrString, PVOID pAddrBuf) {
  if (is_bad_pointer(pszAddrString) || is_bad_pointer(pAddrBuf)) return fail_with(WSAEFAULT);
  return to_network(Family, oriel::win32::narrow(pszAddrString), pAddrBuf);
}

PCSTR WSAAPI inet_ntop(INT Family, const VOID* pAddr, PSTR pStringBuf, size_t StringBufSize) {
  return copy_text(to_text(Family, pAddr), pStringBuf, StringBufSize);
}

PCWSTR WSAAPI InetNtopW(INT Family, const VOID* pAddr, PWSTR pStringBuf, size_t StringBufSize) {
  return copy_text(oriel::win32::widen(to_text(Family, pAddr)), pStringBuf, StringBufSize);
}

INT WSAAPI WSAAddressToStringW(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                               LPWSAPROTOCOL_INFOW lpProtocolInfo, LPWSTR lpszAddressString,
                               LPDWORD lpdwAddressStringLength) {
  if (is_refused()) return SOCKET_ERROR;
  if (is_bad_pointer(lpsaAddress) || dwAddressLength < sizeof lpsaAddress->sa_family) {
    return fail_with(WSAEFAULT);
  }
  const WSPPROC_TABLE* table = nullptr;
  INT error = table_for(lpsaAddress->sa_family, lpProtocolInfo, table);
  if (error != 0) return fail_with(error);
  const INT result =
      table->lpWSPAddressToString(lpsaAddress, dwAddressLength, lpProtocolInfo, lpszAddressString,
                                  lpdwAddressStringLength, &error);
  return result == SOCKET_ERROR ? fail_with(error) : 0;
}

INT WSAAPI WSAAddressToStringA(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                               LPWSAPROTOCOL_INFOA lpProtocolInfo, LPSTR lpszAddressString,
                               LPDWORD lpdwAddressStringLength) {
  constexpr DWORD kTextMax = 128;  // more than any address of ours
  WCHAR wide[kTextMax];
  DWORD length = kTextMax;
  WSAPROTOCOL_INFOW info{};
  if (lpProtocolInfo != nullptr) info = to_wide(*lpProtocolInfo);
  if (WSAAddressToStringW(lpsaAddress, dwAddressLength, lpProtocolInfo == nullptr ? nullptr : &info,
                          wide, &length) == SOCKET_ERROR) {
    return SOCKET_ERROR;
  }
  if (is_bad_pointer(lpdwAddressStringLength)) return fail_with(WSAEFAULT);
  const bool fits = lpszAddressString != nullptr && *lpdwAddressStringLength >= length;
  *lpdwAddressStringLength = length;
  if (!fits) return fail_with(WSAEFAULT);
  const std::string text = oriel::win32::narrow(wide);
  std::copy_n(text.c_str(), text.size() + 1, lpszAddressString);
  return 0;
}

INT WSAAPI WSAStringToAddressW(LPWSTR AddressString, INT AddressFamily,
                               LPWSAPROTOCOL_INFOW lpProtocolInfo, LPSOCKADDR lpAddress,
                               LPINT lpAddressLength) {
  if (is_refused()) return SOCKET_ERROR;
  if (is_bad_pointer(lpAddress) || is_bad_pointer(lpAddressLength)) return fail_with(WSAEFAULT);
  if (AddressString == nullptr) return fail_with(WSAEINVAL);
  const WSPPROC_TABLE* table = nullptr;
  INT error = table_for(AddressFamily, lpProtocolInfo, table);
  if (error != 0) return fail_with(error);
  const INT result = table->lpWSPStringToAddress(AddressString, AddressFamily, lpProtocolInfo,
                                                 lpAddress, lpAddressLength, &error);
  return result == SOCKET_ERROR ? fail_with(error) : 0;
}

INT WSAAPI WSAStringToAddressA(LPSTR AddressString, INT AddressFamily,
                               LPWSAPROTOCOL_INFOA lpProtocolInfo, LPSOCKADDR lpAddress,
                               LPINT lpAddressLength) {
  WSAPROTOCOL_INFOW info{};
  if (lpProtocolInfo != nullptr) info = to_wide(*lpProtocolInfo);
  std::wstring wide;
  if (AddressString != nullptr) wide = oriel::win32::widen(AddressString);
  return WSAStringToAddressW(AddressString == nullptr ? nullptr : wide.data(), AddressFamily,
                             lpProtocolInfo == nullptr ? nullptr : &info, lpAddress,
                             lpAddressLength);
}
