// The stack that a process gets from its environment: what the variables mean, checked.
//
// Programs that are written for Windows' calls meet it through the first call that starts the
// stack, native ones through `Host::of_process`. docs/guide/running.md has the table of variables.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "oriel/error.h"
#include "oriel/export.h"

namespace oriel {

/// Names and values, as in "ORIEL_LINK" and "tun:oriel0". Names that do not start with ORIEL_ are
/// not looked at.
using Environment = std::map<std::string, std::string, std::less<>>;

/// The calling process's own. Thread: none may change it meanwhile.
ORIEL_API Environment process_environment();

/// Whether a process with this environment would get a stack, as far as words can tell: reads the
/// file of ORIEL_CONFIG, opens nothing else. Errors: kInvalidArgument, kNotFound, with a sentence
/// that names the variable and says what is allowed.
ORIEL_API Result<void> check_environment(const Environment& environment);

}  // namespace oriel
