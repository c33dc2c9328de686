// The words for addresses that Winsock shares with the kernel-mode front-end (win32/sockaddr.h).
#pragma once

#include "win32/sockaddr.h"

namespace oriel::winsock {

using win32::is_bad_pointer;
using win32::read_sockaddr;
using win32::sockaddr_bytes;
using win32::write_sockaddr;

}  // namespace oriel::winsock
