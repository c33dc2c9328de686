// One thread-local word.
#include "win32/last_error.h"

namespace oriel::win32 {
namespace {

thread_local DWORD error_of_this_thread = 0;

}  // namespace

DWORD last_error() {
  return error_of_this_thread;
}

void set_last_error(DWORD error) {
  error_of_this_thread = error;
}

}  // namespace oriel::win32
