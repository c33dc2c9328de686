// Kernel code's times: 100 ns units, negative from now, positive since 1601.
#pragma once

#include <wdm.h>

#include "oriel/time.h"

namespace oriel::wdm {

/// NULL: never; 0: the past, so that a wait only looks.
Instant deadline_of(const LARGE_INTEGER* timeout);

}  // namespace oriel::wdm
