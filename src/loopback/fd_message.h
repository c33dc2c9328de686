// One message of a Unix socket with a descriptor beside it.
#pragma once

#include "base/bytes.h"

namespace oriel::loopback {

/// Never waits. `fd` stays the caller's; -1: none. 0, or the system's error number.
int send_with_fd(int socket, ByteView bytes, int fd);

}  // namespace oriel::loopback
