// What both listeners of the kernel's sockets (domain, kernel net) hold to in one look, and what
// they give up to refuse one connection more than there are descriptors for.
#pragma once

#include <fcntl.h>

#include "runtime/unique_fd.h"

namespace oriel::loopback {

inline constexpr std::size_t kEventsPerLook = 64;
inline constexpr int kAcceptsPerLook = 256;

/// Closed for the moment that one connection needs to be taken and hung up on.
inline runtime::UniqueFd spare_descriptor() {
  return runtime::UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

}  // namespace oriel::loopback
