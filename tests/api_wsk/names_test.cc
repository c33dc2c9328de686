// WskGetAddressInfo, WskFreeAddressInfo, WskGetNameInfo.
#include <ws2tcpip.h>
// behind it
#include "api_wsk/wsk_case.h"

namespace {

using namespace wsk_case;

UNICODE_STRING text(wchar_t* buffer, USHORT characters) {
  const auto bytes = static_cast<USHORT>(characters * sizeof(WCHAR));
  return {bytes, bytes, buffer};
}

WIN_CASE(WskNames, NumbersAndServices) {
  REQ("WSK-1");
  Client client;
  const auto& p = client.provider;
  wchar_t node[] = L"10.1.2.3", port[] = L"8080", none[] = L"not a number";
  UNICODE_STRING n = text(node, 8), s = text(port, 4), bad = text(none, 12);
  ADDRINFOEXW hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_CANONNAME;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_protocol = IPPROTO_TCP;
  PADDRINFOEXW result = nullptr;
  const auto get = [&](PUNICODE_STRING who, PUNICODE_STRING what) {
    return run([&](PIRP i) {
      return p.Dispatch->WskGetAddressInfo(p.Client, who, what, 0, nullptr, &hints, &result,
                                           nullptr, nullptr, i);
    });
  };
  REQUIRE_EQ(get(&n, &s), STATUS_SUCCESS);
  REQUIRE(result != nullptr);
  CHECK(result->ai_next == nullptr);
  CHECK_EQ(result->ai_family, AF_INET);
  CHECK_EQ(result->ai_socktype, SOCK_STREAM);
  CHECK_EQ(result->ai_addrlen, sizeof(sockaddr_in));
  const auto& a = *reinterpret_cast<sockaddr_in*>(result->ai_addr);
  CHECK_EQ(a.sin_port, RtlUshortByteSwap(8080));
  CHECK_EQ(a.sin_addr.s_addr, RtlUlongByteSwap(0x0a010203));
  CHECK(std::wstring(result->ai_canonname) == L"10.1.2.3");
  p.Dispatch->WskFreeAddressInfo(p.Client, result);
  CHECK_EQ(get(&bad, &s), STATUS_NO_MATCH);
  CHECK(result == nullptr);
  CHECK_EQ(get(&n, &bad), STATUS_NO_MATCH);
  CHECK_EQ(get(nullptr, nullptr), STATUS_INVALID_PARAMETER);
  hints.ai_family = AF_INET6;
  CHECK_EQ(get(&n, &s), STATUS_NO_MATCH);  // it is IPv4's
  hints.ai_family = 77;
  CHECK_EQ(get(&n, &s), STATUS_INVALID_PARAMETER);
  hints.ai_family = AF_UNSPEC;
  REQUIRE_EQ(get(nullptr, &s), STATUS_SUCCESS);  // this host
  CHECK_EQ(result->ai_family, AF_INET6);
  CHECK_EQ(result->ai_next->ai_family, AF_INET);
  p.Dispatch->WskFreeAddressInfo(p.Client, result);
  p.Dispatch->WskFreeAddressInfo(p.Client, nullptr);
}

WIN_CASE(WskNames, BackToText) {
  REQ("WSK-1");
  Client client;
  const auto& p = client.provider;
  sockaddr_in a = address(4321, 0x0a010203);
  wchar_t node_text[32], port_text[8];
  UNICODE_STRING node = {0, sizeof node_text, node_text}, port = {0, sizeof port_text, port_text};
  const auto get = [&](PSOCKADDR who, ULONG bytes) {
    return run([&](PIRP i) {
      return p.Dispatch->WskGetNameInfo(p.Client, who, bytes, &node, &port,
                                        NI_NUMERICHOST | NI_NUMERICSERV, nullptr, nullptr, i);
    });
  };
  CHECK_EQ(get(name(a), sizeof a), STATUS_SUCCESS);
  CHECK(std::wstring(node_text, node.Length / sizeof(wchar_t)) == L"10.1.2.3");
  CHECK(std::wstring(port_text, port.Length / sizeof(wchar_t)) == L"4321");
  CHECK_EQ(get(nullptr, sizeof a), STATUS_INVALID_PARAMETER);
  CHECK_EQ(get(name(a), 3), STATUS_INVALID_PARAMETER);
  node.MaximumLength = 4;
  CHECK_EQ(get(name(a), sizeof a), STATUS_BUFFER_TOO_SMALL);
}

}  // namespace
