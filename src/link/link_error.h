// One sentence per way in which opening a device can fail: what is wrong, and what to do about it.
#pragma once

#include <string>

#include "oriel/error.h"

namespace oriel::link {

/// The code that fits a system call's errno, with `what` and the errno's own words as the sentence.
Error error_from_errno(const std::string& what, int error_number);

}  // namespace oriel::link
