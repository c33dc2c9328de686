// Sentences for the errors of name lookups (gai_strerror).
#pragma once

namespace oriel::winsock {

/// One short English sentence; a general one for numbers that lookups do not return.
const char* lookup_error_text(int error);

}  // namespace oriel::winsock
