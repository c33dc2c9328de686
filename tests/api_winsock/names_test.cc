// getaddrinfo, getnameinfo, gethostbyname and their relatives, with names that every machine knows.
#include <winsock2.h>
#include <ws2tcpip.h>

#include <cstring>
#include <string>

#include "started.h"
#include "support/win_case.h"

namespace {

const sockaddr_in& v4_of(const addrinfo& info) {
  return *reinterpret_cast<const sockaddr_in*>(info.ai_addr);
}

WIN_CASE(GetAddrInfo, LocalhostIsLoopbackIpv6First) {
  REQ("WS-4");
  const Started started;
  addrinfo* list = nullptr;
  REQUIRE_EQ(getaddrinfo("localhost", "80", nullptr, &list), 0);
  REQUIRE(list != nullptr && list->ai_next != nullptr);
  CHECK_EQ(list->ai_family, AF_INET6);
  CHECK_EQ(list->ai_addrlen, sizeof(sockaddr_in6));
  CHECK_EQ(list->ai_socktype, 0);
  const addrinfo& second = *list->ai_next;
  CHECK_EQ(second.ai_family, AF_INET);
  CHECK_EQ(v4_of(second).sin_addr.s_addr, htonl(INADDR_LOOPBACK));
  CHECK_EQ(v4_of(second).sin_port, htons(80));
  CHECK(second.ai_next == nullptr);
  freeaddrinfo(list);
}

WIN_CASE(GetAddrInfo, HintsAreObeyedAndChecked) {
  const Started started;
  addrinfo hints{};
  addrinfo* list = nullptr;
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_protocol = IPPROTO_TCP;
  hints.ai_flags = AI_PASSIVE;
  REQUIRE_EQ(getaddrinfo(nullptr, "http", &hints, &list), 0);
  CHECK_EQ(v4_of(*list).sin_addr.s_addr, INADDR_ANY);
  CHECK_EQ(v4_of(*list).sin_port, htons(80));
  CHECK_EQ(list->ai_socktype, SOCK_STREAM);
  CHECK_EQ(list->ai_protocol, IPPROTO_TCP);
  freeaddrinfo(list);
  hints.ai_addrlen = 5;
  CHECK_EQ(getaddrinfo("127.0.0.1", nullptr, &hints, &list), EAI_FAIL);
  CHECK(list == nullptr);
  CHECK_EQ(WSAGetLastError(), EAI_FAIL);
  hints.ai_addrlen = 0;
  hints.ai_socktype = 99;
  CHECK_EQ(getaddrinfo("127.0.0.1", nullptr, &hints, &list), EAI_SOCKTYPE);
  hints.ai_socktype = 0;
  hints.ai_family = 99;
  CHECK_EQ(getaddrinfo("127.0.0.1", nullptr, &hints, &list), EAI_FAMILY);
}

WIN_CASE(GetAddrInfo, WhatCannotBeAnswered) {
  const Started started;
  addrinfo hints{};
  addrinfo* list = nullptr;
  CHECK_EQ(getaddrinfo(nullptr, nullptr, nullptr, &list), WSAHOST_NOT_FOUND);
  CHECK_EQ(getaddrinfo("127.0.0.1", "no-such-service", nullptr, &list), WSATYPE_NOT_FOUND);
  CHECK_EQ(getaddrinfo("127.0.0.1", "80", nullptr, nullptr), WSAEFAULT);
  hints.ai_flags = AI_NUMERICHOST;
  CHECK_EQ(getaddrinfo("localhost", "80", &hints, &list), WSAHOST_NOT_FOUND);
  hints.ai_flags = AI_CANONNAME;
  CHECK_EQ(getaddrinfo(nullptr, "80", &hints, &list), WSAEINVAL);
  freeaddrinfo(nullptr);
}

WIN_CASE(GetAddrInfo, WideAndExtendedFormsSayTheSame) {
  const Started started;
  ADDRINFOW wide_hints{};
  wide_hints.ai_flags = AI_CANONNAME;
  ADDRINFOW* wide = nullptr;
  REQUIRE_EQ(GetAddrInfoW(L"10.1.2.3", L"80", &wide_hints, &wide), 0);
  CHECK_EQ(std::wcscmp(wide->ai_canonname, L"10.1.2.3"), 0);
  FreeAddrInfoW(wide);
  ADDRINFOEXW* extended = nullptr;
  REQUIRE_EQ(GetAddrInfoExW(L"10.1.2.3", L"80", 0, nullptr, nullptr, &extended, nullptr, nullptr,
                            nullptr, nullptr),
             0);
  CHECK_EQ(extended->ai_family, AF_INET);
  FreeAddrInfoExW(extended);
  OVERLAPPED later{};
  CHECK_EQ(GetAddrInfoExW(L"10.1.2.3", L"80", 0, nullptr, nullptr, &extended, nullptr, &later,
                          nullptr, nullptr),
           WSAEOPNOTSUPP);
}

WIN_CASE(GetAddrInfo, ErrorsHaveSentences) {
  CHECK(std::strstr(gai_strerrorA(EAI_NONAME), "host") != nullptr);
  CHECK(std::wcslen(gai_strerrorW(EAI_SERVICE)) > 5);
  CHECK(std::strlen(gai_strerrorA(12345)) > 5);
}

WIN_CASE(GetNameInfo, NumbersAndServices) {
  REQ("WS-4");
  const Started started;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(443);
  to.sin_addr.s_addr = inet_addr("192.0.2.1");
  const auto* any = reinterpret_cast<const sockaddr*>(&to);
  char host[NI_MAXHOST];
  char service[NI_MAXSERV];
  REQUIRE_EQ(
      getnameinfo(any, sizeof to, host, sizeof host, service, sizeof service, NI_NUMERICHOST), 0);
  CHECK_EQ(std::string(host), std::string("192.0.2.1"));
  CHECK_EQ(std::string(service), std::string("https"));
  REQUIRE_EQ(getnameinfo(any, sizeof to, nullptr, 0, service, sizeof service, NI_NUMERICSERV), 0);
  CHECK_EQ(std::string(service), std::string("443"));
  WCHAR wide[NI_MAXHOST];
  REQUIRE_EQ(GetNameInfoW(any, sizeof to, wide, NI_MAXHOST, nullptr, 0, NI_NUMERICHOST), 0);
  CHECK_EQ(std::wcscmp(wide, L"192.0.2.1"), 0);
  CHECK_EQ(getnameinfo(any, sizeof to, host, 9, nullptr, 0, NI_NUMERICHOST), WSAEFAULT);
  CHECK_EQ(getnameinfo(any, sizeof to, nullptr, 0, nullptr, 0, 0), WSAHOST_NOT_FOUND);
  CHECK_EQ(getnameinfo(any, 4, host, sizeof host, nullptr, 0, 0), WSAEFAULT);
  CHECK_EQ(getnameinfo(nullptr, sizeof to, host, sizeof host, nullptr, 0, 0), WSAEFAULT);
  CHECK_EQ(getnameinfo(any, sizeof to, host, sizeof host, nullptr, 0, NI_NAMEREQD | NI_NUMERICHOST),
           WSAEINVAL);
  to.sin_family = 99;
  CHECK_EQ(getnameinfo(any, sizeof to, host, sizeof host, nullptr, 0, 0), WSAEAFNOSUPPORT);
}

WIN_CASE(GetNameInfo, LoopbackIsThisMachine) {
  const Started started;
  char name[256];
  REQUIRE_EQ(gethostname(name, sizeof name), 0);
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_addr = in6addr_loopback;
  char host[NI_MAXHOST];
  REQUIRE_EQ(getnameinfo(reinterpret_cast<const sockaddr*>(&to), sizeof to, host, sizeof host,
                         nullptr, 0, NI_NAMEREQD),
             0);
  CHECK_EQ(std::string(host), std::string(name));
}

WIN_CASE(HostDatabase, NamesAndAddresses) {
  const Started started;
  const hostent* host = gethostbyname("127.0.0.1");
  REQUIRE(host != nullptr);
  CHECK_EQ(host->h_addrtype, AF_INET);
  CHECK_EQ(host->h_length, 4);
  CHECK_EQ(std::memcmp(host->h_addr_list[0], "\x7f\0\0\1", 4), 0);
  CHECK(host->h_addr_list[1] == nullptr);
  CHECK(host->h_aliases[0] == nullptr);
  CHECK(gethostbyname(nullptr) != nullptr);  // this machine
  CHECK(gethostbyaddr("\x7f\0\0\1", 4, AF_INET) != nullptr);
  CHECK(gethostbyaddr("\x7f\0\0\1", 3, AF_INET) == nullptr);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  CHECK(gethostbyaddr(nullptr, 4, AF_INET) == nullptr);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  CHECK(gethostbyaddr("\x7f\0\0\1", 4, 99) == nullptr);
  CHECK_EQ(WSAGetLastError(), WSAEAFNOSUPPORT);
  char name[2];
  CHECK_EQ(gethostname(name, 1), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
}

WIN_CASE(HostDatabase, ServicesAndProtocols) {
  const Started started;
  const servent* service = getservbyname("http", "tcp");
  REQUIRE(service != nullptr);
  CHECK_EQ(static_cast<u_short>(service->s_port), htons(80));
  CHECK_EQ(std::string(service->s_proto), std::string("tcp"));
  service = getservbyport(htons(53), "udp");
  REQUIRE(service != nullptr);
  CHECK_EQ(std::string(service->s_name), std::string("domain"));
  CHECK(getservbyname("no-such-service", nullptr) == nullptr);
  CHECK_EQ(WSAGetLastError(), WSANO_DATA);
  const protoent* protocol = getprotobyname("udp");
  REQUIRE(protocol != nullptr);
  CHECK_EQ(protocol->p_proto, IPPROTO_UDP);
  protocol = getprotobynumber(IPPROTO_TCP);
  REQUIRE(protocol != nullptr);
  CHECK_EQ(std::string(protocol->p_name), std::string("tcp"));
  CHECK(getprotobynumber(253) == nullptr);
  CHECK_EQ(WSAGetLastError(), WSANO_DATA);
}

WIN_CASE(InetText, BothWays) {
  in_addr v4;
  in6_addr v6;
  char text[INET6_ADDRSTRLEN];
  WCHAR wide[INET6_ADDRSTRLEN];
  CHECK_EQ(inet_addr("1.2.3.4"), htonl(0x01020304));
  CHECK_EQ(inet_addr("1.2.3.400"), INADDR_NONE);
  CHECK_EQ(inet_addr(""), INADDR_NONE);
  CHECK_EQ(inet_addr(" "), 0u);
  CHECK_EQ(inet_pton(AF_INET, "1.2.3.4", &v4), 1);
  CHECK_EQ(std::string(inet_ntoa(v4)), std::string("1.2.3.4"));
  CHECK_EQ(inet_pton(AF_INET, "1.2.3", &v4), 0);
  CHECK_EQ(inet_pton(99, "1.2.3.4", &v4), -1);
  CHECK_EQ(WSAGetLastError(), WSAEAFNOSUPPORT);
  CHECK_EQ(inet_pton(AF_INET, nullptr, &v4), -1);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  CHECK_EQ(InetPtonW(AF_INET6, L"fe80::1", &v6), 1);
  CHECK(InetNtopW(AF_INET6, &v6, wide, INET6_ADDRSTRLEN) == wide);
  CHECK_EQ(std::wcscmp(wide, L"fe80::1"), 0);
  CHECK(inet_ntop(AF_INET6, &v6, text, 7) == nullptr);
  CHECK_EQ(WSAGetLastError(), ERROR_INVALID_PARAMETER);
  CHECK(inet_ntop(AF_INET6, &v6, text, 8) == text);
  CHECK(inet_ntop(99, &v6, text, sizeof text) == nullptr);
  CHECK_EQ(WSAGetLastError(), WSAEAFNOSUPPORT);
}

WIN_CASE(WsaAddressText, BothWays) {
  const Started started;
  sockaddr_storage address{};
  auto* any = reinterpret_cast<sockaddr*>(&address);
  int length = sizeof address;
  char in[] = "[fe80::1%3]:80";
  REQUIRE_EQ(WSAStringToAddressA(in, AF_INET6, nullptr, any, &length), 0);
  CHECK_EQ(length, static_cast<int>(sizeof(sockaddr_in6)));
  CHECK_EQ(reinterpret_cast<sockaddr_in6*>(any)->sin6_scope_id, 3u);
  char out[64];
  DWORD size = sizeof out;
  REQUIRE_EQ(WSAAddressToStringA(any, sizeof(sockaddr_in6), nullptr, out, &size), 0);
  CHECK_EQ(std::string(out), std::string(in));
  CHECK_EQ(size, std::strlen(in) + 1);
  size = 4;
  CHECK_EQ(WSAAddressToStringA(any, sizeof(sockaddr_in6), nullptr, out, &size), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  CHECK_EQ(size, std::strlen(in) + 1);
  CHECK_EQ(WSAAddressToStringA(any, 10, nullptr, out, &size), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  WCHAR wide[] = L"1.2.3.4:65535";
  length = sizeof address;
  REQUIRE_EQ(WSAStringToAddressW(wide, AF_INET, nullptr, any, &length), 0);
  CHECK_EQ(reinterpret_cast<sockaddr_in*>(any)->sin_port, htons(65535));
}

WIN_CASE(WsaAddressText, Mistakes) {
  const Started started;
  sockaddr_in address{};
  auto* any = reinterpret_cast<sockaddr*>(&address);
  int length = 4;
  char text[] = "1.2.3.4";
  CHECK_EQ(WSAStringToAddressA(text, AF_INET, nullptr, any, &length), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  CHECK_EQ(length, static_cast<int>(sizeof address));
  CHECK_EQ(WSAStringToAddressA(nullptr, AF_INET, nullptr, any, &length), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK_EQ(WSAStringToAddressA(text, 99, nullptr, any, &length), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK_EQ(WSAStringToAddressA(text, AF_INET, nullptr, nullptr, &length), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  char bad[] = "1.2.3.4:";
  CHECK_EQ(WSAStringToAddressA(bad, AF_INET, nullptr, any, &length), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
}

}  // namespace
