// A thread that polls the same idle fast connections again and again need not ask each of them:
// nothing is new while nobody worked in the host and no other end wrote a byte.
//
// Only looks that do not wait, at sockets of which each is a fast connection and reading is all
// that is asked for. Everything else changes in some turn of the host.
#pragma once

#include <winsock2.h>

#include "winsock/ready_list.h"

namespace oriel::winsock {

/// The calling thread's last look was at this very array, found nothing, and nothing is new.
bool is_still_quiet(const WSAPOLLFD* fds, ULONG count);
/// That look. Requires: inside the turn that found nothing.
void remember_quiet(const WSAPOLLFD* fds, ULONG count, const ReadyList& list);

}  // namespace oriel::winsock
