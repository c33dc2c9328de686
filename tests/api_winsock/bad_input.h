// What the cases of wrong arguments share: a call that fails with exactly one code, and addresses
// that no program's memory has.
#pragma once

#include <winsock2.h>

#include <string>

#include "support/win_case.h"

// CHECK_EQ shows the line of the call that went wrong.
#define FAILS(call, code)                                                               \
  do {                                                                                  \
    WSASetLastError(0);                                                                 \
    const bool has_failed = (call);                                                     \
    if (!has_failed) CHECK_EQ(std::string("no failure: ") + #call, std::string());      \
    if (has_failed && WSAGetLastError() != (code)) CHECK_EQ(std::string(#call), #code); \
    if (has_failed) CHECK_EQ(WSAGetLastError(), code);                                  \
  } while (false)
#define SAYS(call, code) FAILS((call) == SOCKET_ERROR, code)
#define NO_SOCKET(call, code) FAILS((call) == INVALID_SOCKET, code)

// What no program's memory has: nothing, the first page, the kernel's half.
constexpr ULONG_PTR kBadAddresses[] = {
    0, 1, 0xffff, ~ULONG_PTR{0}, 0xcccccccccccccccc, ULONG_PTR{1} << 63};

template <class T>
T* bad(ULONG_PTR address) {
  return reinterpret_cast<T*>(address);
}
