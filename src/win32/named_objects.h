// Names of events, mutexes, semaphores and timers within this process.
//
// A name lives as long as handles to its object. Other processes do not see it: a program that
// talks to another through named objects needs Windows.
#pragma once

#include <minwindef.h>

#include <string>

#include "win32/object.h"

namespace oriel::win32 {

/// A handle to the object of that name, or, if there is none, to `made` under it; the last error
/// becomes ERROR_ALREADY_EXISTS or 0. Null: the name is another kind's (ERROR_INVALID_HANDLE).
HANDLE open_or_name(const std::string& name, Ref<Object> made);

/// A handle to the object of that name and kind; null with the last error set.
HANDLE open_named(const std::string& name, ObjectKind kind);

/// The last handle to `object` is closed.
void forget_name(const Object& object);

}  // namespace oriel::win32
