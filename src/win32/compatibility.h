// What SIO_SET_COMPATIBILITY_MODE asks for, as the stack's numbers: the same rule for every
// front-end (spec CM-1 to CM-7).
//
// Only one boundary of TargetOsVersion matters: Vista, which is NTDDI_LONGHORN.
#pragma once

#include <mswsock.h>

#include "oriel/settings.h"

namespace oriel::win32 {

/// Applies `mode`, the bytes of a WSA_COMPATIBILITY_MODE, to what a socket has. False: there is no
/// such behaviour, and nothing was changed.
bool set_compatibility(const void* mode, ReceiveMode& receive_mode, bool& may_shrink_rcv_buffer);

}  // namespace oriel::win32
