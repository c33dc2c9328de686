// The adapters as a program lists them, before and after WSAStartup.
#include <winsock2.h>
// After it: it builds on its types.
#include <iphlpapi.h>
#include <ws2tcpip.h>

#include <cstring>
#include <string>
#include <vector>

#include "api_winsock/started.h"
#include "support/win_case.h"

namespace {

constexpr int kNameBytes = 257;  // the longest, and its end

// The usual two calls: how much, then the list.
std::vector<ULONGLONG> list_of(ULONG family, ULONG flags = 0) {
  ULONG bytes = 0;
  CHECK_EQ(GetAdaptersAddresses(family, flags, nullptr, nullptr, &bytes),
           ULONG{ERROR_BUFFER_OVERFLOW});
  std::vector<ULONGLONG> room(bytes / sizeof(ULONGLONG) + 1);
  auto* const list = reinterpret_cast<IP_ADAPTER_ADDRESSES*>(room.data());
  ULONG short_by_one = bytes - 1;
  CHECK_EQ(GetAdaptersAddresses(family, flags, nullptr, list, &short_by_one),
           ULONG{ERROR_BUFFER_OVERFLOW});
  CHECK_EQ(short_by_one, bytes);
  CHECK_EQ(GetAdaptersAddresses(family, flags, nullptr, list, &bytes), ULONG{NO_ERROR});
  return room;
}

const IP_ADAPTER_ADDRESSES* first_of(const std::vector<ULONGLONG>& room) {
  return reinterpret_cast<const IP_ADAPTER_ADDRESSES*>(room.data());
}

void check_loopback(ULONG family, int family_of_first) {
  const auto room = list_of(family);
  const IP_ADAPTER_ADDRESSES* a = first_of(room);
  while (a != nullptr && a->IfType != IF_TYPE_SOFTWARE_LOOPBACK) a = a->Next;
  REQUIRE(a != nullptr);
  CHECK_EQ(a->OperStatus, IfOperStatusUp);
  REQUIRE(a->FirstUnicastAddress != nullptr);
  CHECK_EQ(a->FirstUnicastAddress->Address.lpSockaddr->sa_family, family_of_first);
}

WIN_CASE(Adapters, LoopbackIsAmongThem) {
  REQ("WS-4");
  check_loopback(AF_UNSPEC, AF_INET);  // no WSAStartup is needed
  const Started started;
  check_loopback(AF_UNSPEC, AF_INET);
  check_loopback(AF_INET, AF_INET);
  check_loopback(AF_INET6, AF_INET6);
}

WIN_CASE(Adapters, WrongArguments) {
  REQ("WS-2");
  const Started started;
  ULONG bytes = 0;
  DWORD index = 0;
  CHECK_EQ(GetAdaptersAddresses(99, 0, nullptr, nullptr, &bytes), ULONG{ERROR_INVALID_PARAMETER});
  CHECK_EQ(GetAdaptersAddresses(AF_INET, 0, nullptr, nullptr, nullptr),
           ULONG{ERROR_INVALID_PARAMETER});
  CHECK_EQ(GetBestInterface(0x0100007f, nullptr), DWORD{ERROR_INVALID_PARAMETER});
  CHECK_EQ(GetBestInterfaceEx(nullptr, &index), DWORD{ERROR_INVALID_PARAMETER});
  sockaddr unknown{};
  unknown.sa_family = 99;
  CHECK_EQ(GetBestInterfaceEx(&unknown, &index), DWORD{ERROR_INVALID_PARAMETER});
  char name[kNameBytes];
  CHECK(if_indextoname(0, name) == nullptr);
  CHECK(if_indextoname(1, nullptr) == nullptr);
  CHECK_EQ(if_nametoindex(nullptr), 0u);
  CHECK_EQ(if_nametoindex("nobody"), 0u);
}

WIN_CASE(Adapters, TheBestOneIsTheOneThatLeadsThere) {
  REQ("WS-4");
  const Started started;
  DWORD index = 0;
  CHECK_EQ(GetBestInterface(0x0100007f, &index), DWORD{NO_ERROR});
  CHECK_EQ(index, 1u);
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_addr.s6_addr[15] = 1;
  index = 0;
  CHECK_EQ(GetBestInterfaceEx(reinterpret_cast<sockaddr*>(&six), &index), DWORD{NO_ERROR});
  CHECK_EQ(index, 1u);
  // What has a gateway leads to everywhere else.
  const auto room = list_of(AF_INET, GAA_FLAG_INCLUDE_GATEWAYS);
  for (const IP_ADAPTER_ADDRESSES* a = first_of(room); a != nullptr; a = a->Next) {
    if (a->FirstGatewayAddress == nullptr) continue;
    CHECK_EQ(GetBestInterface(0x08080808, &index), DWORD{NO_ERROR});
    CHECK_EQ(index, a->IfIndex);
  }
}

WIN_CASE(Adapters, NamesAndNumbersAgree) {
  const Started started;
  const auto room = list_of(AF_UNSPEC);
  for (const IP_ADAPTER_ADDRESSES* a = first_of(room); a != nullptr; a = a->Next) {
    char name[kNameBytes] = {};
    const ULONG index = a->IfIndex != 0 ? a->IfIndex : a->Ipv6IfIndex;
    CHECK(if_indextoname(index, name) == name);
    CHECK_EQ(std::string(name), std::string(a->AdapterName));
    CHECK_EQ(if_nametoindex(name), index);
  }
}

}  // namespace
