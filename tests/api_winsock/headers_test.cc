// The helpers that live in the headers alone: fd_set's macros, addresses, control messages, checked
// text, locks of C++.
#include <mstcpip.h>
#include <mswsock.h>
#include <strsafe.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include <string>

#include "support/win_case.h"

namespace {

WIN_CASE(FdSet, AddsOnceAndRemoves) {
  REQ("WS-5");
  fd_set set;
  FD_ZERO(&set);
  FD_SET(12, &set);
  FD_SET(8, &set);
  FD_SET(12, &set);
  CHECK_EQ(set.fd_count, 2u);
  FD_CLR(12, &set);
  REQUIRE_EQ(set.fd_count, 1u);
  CHECK_EQ(set.fd_array[0], SOCKET{8});
  FD_CLR(99, &set);
  CHECK_EQ(set.fd_count, 1u);
}

WIN_CASE(FdSet, StopsAtItsSize) {
  fd_set set;
  FD_ZERO(&set);
  for (SOCKET s = 0; s < FD_SETSIZE + 3; ++s) FD_SET(s, &set);
  CHECK_EQ(set.fd_count, static_cast<u_int>(FD_SETSIZE));
}

WIN_CASE(Addresses, MappedAndLoopback) {
  SOCKADDR_INET a{};
  a.si_family = AF_INET6;
  INETADDR_SETLOOPBACK(reinterpret_cast<PSOCKADDR>(&a));
  CHECK(INETADDR_ISLOOPBACK(reinterpret_cast<PSOCKADDR>(&a)));
  CHECK(!INETADDR_ISANY(reinterpret_cast<PSOCKADDR>(&a)));
  IN_ADDR four{};
  four.s_addr = 0x0100007f;
  SCOPE_ID scope{};
  IN6ADDR_SETV4MAPPED(&a.Ipv6, &four, scope, 0x5000);
  CHECK(IN6_IS_ADDR_V4MAPPED(&a.Ipv6.sin6_addr));
  CHECK_EQ(int{IN6_GET_ADDR_V4MAPPED(&a.Ipv6.sin6_addr)[0]}, 127);
  CHECK_EQ(SS_PORT(&a), 0x5000);
}

WIN_CASE(ControlMessages, WalkInOrder) {
  alignas(
      WSACMSGHDR) char space[WSA_CMSG_SPACE(sizeof(IN_PKTINFO)) + WSA_CMSG_SPACE(sizeof(INT))] = {};
  WSAMSG message{};
  message.Control.buf = space;
  message.Control.len = sizeof(space);
  WSACMSGHDR* first = WSA_CMSG_FIRSTHDR(&message);
  REQUIRE(first != nullptr);
  first->cmsg_len = WSA_CMSG_LEN(sizeof(IN_PKTINFO));
  CHECK_EQ(first->cmsg_len, size_t{24});
  WSACMSGHDR* second = WSA_CMSG_NXTHDR(&message, first);
  REQUIRE(second != nullptr);
  CHECK_EQ(reinterpret_cast<char*>(second) - space, 24);
  second->cmsg_len = WSA_CMSG_LEN(sizeof(INT));
  CHECK(WSA_CMSG_NXTHDR(&message, second) == nullptr);
}

int handlers_passed(bool is_left) {
  int passed = 0;
  __try {
    if (is_left) __leave;
    passed += 1;
  } __finally {
    passed += 2;
  }
  __try {
    passed += 4;
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    passed += 8;
  }
  return passed;
}

WIN_CASE(Keywords, LeaveGoesToFinally) {
  CHECK_EQ(handlers_passed(true), 6);
  CHECK_EQ(handlers_passed(false), 7);
}

WIN_CASE(Interlocked, TakesEveryWidth) {
  LONG narrow = 1;
  long wide = 1;
  CHECK_EQ(InterlockedIncrement(&narrow), 2);
  CHECK_EQ(InterlockedExchangeAdd(&wide, 5), 1);
  CHECK_EQ(InterlockedCompareExchange(&wide, 9, 6), 6);
  CHECK_EQ(wide, 9);
  void* pointer = nullptr;
  CHECK(InterlockedExchangePointer(&pointer, &wide) == nullptr);
  CHECK_EQ(min(3, 4L), 3);
}

WIN_CASE(CheckedText, SaysWhatDidNotFit) {
  char text[4] = "xxx";
  CHECK_EQ(sprintf_s(text, "%d", 12345), -1);
  CHECK_EQ(text[0], 0);
  CHECK_EQ(strncpy_s(text, "abcdef", _TRUNCATE), 0);
  CHECK_EQ(std::string(text), std::string("abc"));
  CHECK_EQ(strcpy_s(text, "abcdef"), ERANGE);
  CHECK_EQ(StringCchCopyA(text, 4, "abcdef"), STRSAFE_E_INSUFFICIENT_BUFFER);
  CHECK_EQ(StringCchPrintfA(text, 4, "%s", "ab"), S_OK);
  wchar_t wide[3];
  CHECK_EQ(StringCbCopyW(wide, sizeof(wide), L"abc"), STRSAFE_E_INSUFFICIENT_BUFFER);
  CHECK_EQ(wide[1], L'b');
}

}  // namespace
