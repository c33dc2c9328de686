// What a provider may call back: the 15 functions of WSPUPCALLTABLE.
//
// Events and APCs are win32's; handles of sockets that no file object stands behind (a layered
// provider without IFS handles) are made here. WPUCompleteOverlappedRequest is an export, in
// upcalls_complete.cc.
#pragma once

#include <winsock2.h>
#include <ws2spi.h>

namespace oriel::winsock {

/// The table that every WSPStartup is given, by value.
WSPUPCALLTABLE upcall_table();

}  // namespace oriel::winsock
