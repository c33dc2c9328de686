// What a driver may not do, and whether anybody looks: misuse that would stop Windows ends the
// process with one sentence.
//
// Checks are on in a debug build of the library, and in any build with ORIEL_VERIFIER=1 in the
// environment (`oriel wsk-run --verifier`); ORIEL_VERIFIER=0 turns them off.
#pragma once

#include <wdm.h>

namespace oriel::wdm {

/// Thread: any.
bool are_checks_on();

/// Writes "oriel: CALL: SENTENCE" to the standard error and ends the process.
[[noreturn]] void stop(const char* call, const char* sentence);

/// Stops when checks are on and `is_good` is false.
inline void check(bool is_good, const char* call, const char* sentence) {
  if (!is_good && are_checks_on()) stop(call, sentence);
}

}  // namespace oriel::wdm
