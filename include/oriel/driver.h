// Runs the body of a kernel driver: a shared object with a DriverEntry, on the process's stack.
//
// `oriel wsk-run` stands on this. It is C, and called through the dynamic linker, because the
// command carries no stack that drivers could use: they get the one of the liboriel.so that they
// were linked with. docs/guide/wsk.md says what such a driver may use.
#pragma once

#include <cstddef>

#include "oriel/export.h"

extern "C" {

/// How a driver's start or end went.
enum OrielDriverOutcome {
  kOrielDriverRuns = 0,      ///< its DriverEntry succeeded; after oriel_driver_stop: it ended
  kOrielDriverRefused = 1,   ///< its DriverEntry failed
  kOrielDriverUnusable = 2,  ///< no driver, or something that it needs is missing
  kOrielDriverLeaks = 3,     ///< it ended and left pool behind
};

/// Loads the driver and calls its DriverEntry at PASSIVE_LEVEL. `parameters`: NAME=VALUE lines for
/// its registry key. `sentence` gets what to say, empty if there is nothing. One driver at a time.
/// Thread: the one that stops it too.
ORIEL_API int oriel_driver_start(const char* path, const char* parameters, char* sentence,
                                 std::size_t sentence_bytes);

/// Calls its DriverUnload, which may wait for what the driver has open. Requires: it runs.
ORIEL_API int oriel_driver_stop(char* sentence, std::size_t sentence_bytes);
}
