// UTF-8 and the wide text of the W functions, both ways.
//
// WCHAR is the 32-bit wchar_t of Linux (HEADERS: recipe 5), so a character is one unit. Bytes that
// are not UTF-8 become U+FFFD, and so do surrogates.
#pragma once

#include <string>
#include <string_view>

namespace oriel::winsock {

std::wstring widen(std::string_view utf8);
std::string narrow(std::wstring_view wide);

}  // namespace oriel::winsock
