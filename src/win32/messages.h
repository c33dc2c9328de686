// What an error code says, in a short sentence of our own.
#pragma once

#include <minwindef.h>

#include <string_view>

namespace oriel::win32 {

/// Empty: the code is not in the table.
std::string_view message_of(DWORD error);

}  // namespace oriel::win32
