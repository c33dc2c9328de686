// DbgPrint's formats: printf's, as Windows reads them.
//
// There an l is 32 bits, I64 and ll are 64, I alone is as wide as a pointer, w makes characters
// wide, and %Z is a counted string (%wZ a UNICODE_STRING).
#pragma once

#include <cstdarg>
#include <string>

namespace oriel::wdm {

/// Bound: kFormattedBytesMax, the rest is cut off.
inline constexpr std::size_t kFormattedBytesMax = 4096;
std::string format(const char* text, std::va_list arguments);

}  // namespace oriel::wdm
