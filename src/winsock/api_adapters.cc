// iphlpapi's questions: which adapters there are, which of them leads somewhere, and their names.
#include <winsock2.h>
// After it: they build on its types.
#include <iphlpapi.h>
#include <ws2tcpip.h>

#include <cstring>

#include "winsock/adapter_list.h"
#include "winsock/adapter_source.h"
#include "winsock/interface_numbers.h"
#include "winsock/sockaddr.h"

using namespace oriel;           // NOLINT(google-build-using-namespace)
using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

namespace {

constexpr std::size_t kNameBytesMax = 256;  // NDIS_IF_MAX_STRING_SIZE

DWORD best_interface(const IpAddress& destination, PDWORD index) {
  if (is_bad_pointer(index)) return ERROR_INVALID_PARAMETER;
  const auto found = AdapterSource().towards(destination);
  if (!found) return ERROR_NETWORK_UNREACHABLE;
  *index = shown_interface(*found);
  return NO_ERROR;
}

}  // namespace

// REQ WS-4
ULONG WINAPI GetAdaptersAddresses(ULONG family, ULONG flags, PVOID /*reserved*/,
                                  PIP_ADAPTER_ADDRESSES out, PULONG size) {
  const bool is_known = family == AF_UNSPEC || family == AF_INET || family == AF_INET6;
  if (!is_known || is_bad_pointer(size)) return ERROR_INVALID_PARAMETER;
  const AdapterSource source;
  const auto adapters = source.all();
  const AdapterQuestion question{family, flags};
  ListRoom needed;
  if (build_adapter_list(adapters, source.dns(), question, needed) == nullptr) {
    return ERROR_NO_DATA;
  }
  const ULONG room_bytes = *size;
  *size = static_cast<ULONG>(needed.used());
  if (out == nullptr || room_bytes < needed.used()) return ERROR_BUFFER_OVERFLOW;
  if (is_bad_pointer(out)) return ERROR_INVALID_PARAMETER;
  ListRoom room(out);
  build_adapter_list(adapters, source.dns(), question, room);
  return NO_ERROR;
}

DWORD WINAPI GetBestInterface(ULONG destination, PDWORD index) {
  std::uint8_t bytes[4];
  std::memcpy(bytes, &destination, sizeof bytes);
  return best_interface(IpAddress::v4(bytes), index);
}

DWORD WINAPI GetBestInterfaceEx(sockaddr* destination, PDWORD index) {
  if (is_bad_pointer(destination)) return ERROR_INVALID_PARAMETER;
  const int family = destination->sa_family;
  Endpoint to;
  if (sockaddr_bytes(family) == 0) return ERROR_INVALID_PARAMETER;
  if (read_sockaddr(destination, sockaddr_bytes(family), family, to) != 0) {
    return ERROR_INVALID_PARAMETER;
  }
  return best_interface(to.address, index);
}

NET_IFINDEX WINAPI if_nametoindex(PCSTR name) {
  if (is_bad_pointer(name)) return 0;
  for (const stack::Adapter& a : AdapterSource().all()) {
    if (adapter_name(a) == name) return shown_interface(a.index);
  }
  return 0;
}

PCHAR WINAPI if_indextoname(NET_IFINDEX index, PCHAR name) {
  if (is_bad_pointer(name)) return nullptr;
  for (const stack::Adapter& a : AdapterSource().all()) {
    if (shown_interface(a.index) != index) continue;
    const std::string text = adapter_name(a).substr(0, kNameBytesMax);
    std::memcpy(name, text.c_str(), text.size() + 1);
    return name;
  }
  return nullptr;
}
