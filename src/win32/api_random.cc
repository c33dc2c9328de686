// Random bytes, from the kernel.
#include <bcrypt.h>
#include <ntstatus.h>

#include <algorithm>
#include <cstring>

#include "runtime/entropy.h"

NTSTATUS BCryptGenRandom(BCRYPT_ALG_HANDLE algorithm, PUCHAR buffer, ULONG bytes, ULONG flags) {
  const bool is_preferred = (flags & BCRYPT_USE_SYSTEM_PREFERRED_RNG) != 0;
  if (algorithm == nullptr && !is_preferred) return STATUS_INVALID_HANDLE;
  if (buffer == nullptr && bytes != 0) return STATUS_INVALID_PARAMETER;
  for (ULONG at = 0; at < bytes;) {
    const std::uint64_t random = oriel::runtime::real_entropy();
    const ULONG part = std::min<ULONG>(bytes - at, sizeof random);
    std::memcpy(buffer + at, &random, part);
    at += part;
  }
  return STATUS_SUCCESS;
}
