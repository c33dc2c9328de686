// getnameinfo: the name and the service of an address, as narrow or wide text.
#include <ws2tcpip.h>

#include <algorithm>
#include <cstring>

#include "win32/utf8.h"
#include "winsock/address_text.h"
#include "winsock/resolver.h"
#include "winsock/sockaddr.h"
#include "winsock/startup.h"

using namespace oriel;           // NOLINT(google-build-using-namespace)
using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

namespace {

INT host_text(const sockaddr& address, const runtime::NamedAddress& named, INT flags,
              std::string& out) {
  if ((flags & NI_NUMERICHOST) == 0) {
    auto name = resolve_address(named);
    if (name) {
      out = std::move(*name);
      if ((flags & NI_NOFQDN) != 0) out.resize(std::min(out.find('.'), out.size()));
      return 0;
    }
    if ((flags & NI_NAMEREQD) != 0) return wsa_error_of(name.error());
  }
  SOCKADDR_INET without_port{};
  std::memcpy(&without_port, &address, socket_address_bytes(address.sa_family));
  (address.sa_family == AF_INET ? without_port.Ipv4.sin_port : without_port.Ipv6.sin6_port) = 0;
  out = socket_address_text(reinterpret_cast<const sockaddr*>(&without_port), sizeof without_port);
  return 0;
}

std::string service_text(std::uint16_t port, INT flags) {
  if ((flags & NI_NUMERICSERV) == 0) {
    const auto row = runtime::find_service(port, (flags & NI_DGRAM) != 0 ? "udp" : "tcp");
    if (row) return row->name;
  }
  return std::to_string(port);
}

std::string convert(const std::string& text, char*) {
  return text;
}
std::wstring convert(const std::string& text, wchar_t*) {
  return oriel::win32::widen(text);
}

// False: it does not fit.
template <class Char>
bool copy_out(const std::string& text, Char* out, DWORD size) {
  const auto converted = convert(text, out);
  if (converted.size() >= size) return false;
  std::copy_n(converted.c_str(), converted.size() + 1, out);
  return true;
}

template <class Char>
INT name_info(const SOCKADDR* address, socklen_t length, Char* node, DWORD node_size, Char* service,
              DWORD service_size, INT flags) {
  if (!is_started()) return WSANOTINITIALISED;
  if (is_bad_pointer(address) || length < static_cast<socklen_t>(sizeof address->sa_family)) {
    return WSAEFAULT;
  }
  const std::size_t needed = socket_address_bytes(address->sa_family);
  if (needed == 0) return EAI_FAMILY;
  if (static_cast<std::size_t>(length) < needed) return WSAEFAULT;
  const bool is_node = node != nullptr && node_size != 0;
  const bool is_service = service != nullptr && service_size != 0;
  if (!is_node && !is_service) return EAI_NONAME;
  if ((flags & NI_NAMEREQD) != 0 && (flags & NI_NUMERICHOST) != 0) return EAI_BADFLAGS;
  std::uint16_t port = 0;
  const auto named = from_sockaddr(address, needed, port);
  if (is_node) {
    std::string text;
    if (const INT error = host_text(*address, *named, flags, text)) return error;
    if (!copy_out(text, node, node_size)) return WSAEFAULT;
  }
  if (is_service && !copy_out(service_text(port, flags), service, service_size)) return WSAEFAULT;
  return 0;
}

INT told(INT error) {
  if (error != 0) fail_with(error);
  return error;
}

}  // namespace

INT WSAAPI getnameinfo(const SOCKADDR* address, socklen_t length, PCHAR node, DWORD node_size,
                       PCHAR service, DWORD service_size, INT flags) {
  return told(name_info(address, length, node, node_size, service, service_size, flags));
}

INT WSAAPI GetNameInfoW(const SOCKADDR* address, socklen_t length, PWCHAR node, DWORD node_size,
                        PWCHAR service, DWORD service_size, INT flags) {
  return told(name_info(address, length, node, node_size, service, service_size, flags));
}
