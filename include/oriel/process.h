// The stack that a process gets from its environment: what the variables mean, checked.
//
// Programs that are written for Windows' calls meet it through the first call that starts the
// stack, native ones through `Host::of_process`. docs/guide/running.md has the table of variables.
#pragma once

#include "oriel/environment.h"
#include "oriel/error.h"
#include "oriel/export.h"

namespace oriel {

/// Whether a process with this environment would get a stack, as far as words can tell: reads the
/// file of ORIEL_CONFIG and the settings, opens nothing else. Errors: kInvalidArgument, kNotFound,
/// with a sentence that names the variable or the file and says what is allowed.
ORIEL_API Result<void> check_environment(const Environment& environment);

}  // namespace oriel
