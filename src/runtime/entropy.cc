// getrandom, which for 8 bytes neither fails nor returns short once the kernel's pool is ready.
#include "runtime/entropy.h"

#include <sys/random.h>

#include <cstdlib>

namespace oriel::runtime {

std::uint64_t real_entropy() {
  std::uint64_t value = 0;
  // EINTR can only come before the pool is ready (early boot); a few tries are plenty.
  for (int tries = 0; tries < 100; ++tries) {
    if (::getrandom(&value, sizeof value, 0) == static_cast<ssize_t>(sizeof value)) return value;
  }
  std::abort();  // predictable sequence numbers would be worse (RFC 6528)
}

}  // namespace oriel::runtime
