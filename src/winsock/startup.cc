// The count. WSAStartup and WSACleanup of two threads take turns, so that the base provider starts
// and ends once; everybody else only loads the count.
#include "winsock/startup.h"

#include "stack/process_host.h"
#include "win32/last_error.h"
#include "winsock/catalogue.h"
#include "winsock/socket_bindings.h"
#include "winsock/startup_count.h"

namespace oriel::winsock {

StartupCount& StartupCount::instance() {
  static StartupCount count;
  return count;
}

INT StartupCount::start() {
  if (stack::ProcessHost::is_forked())
    return WSASYSNOTREADY;  // before a lock: its holder may be the parent's
  const runtime::LockHold hold(lock_);
  if (count_.load(std::memory_order_relaxed) == 0) {
    Catalogue& catalogue = Catalogue::instance();
    if (const INT error = catalogue.start_base()) return error;
  }
  count_.fetch_add(1, std::memory_order_release);
  return 0;
}

INT StartupCount::end() {
  if (stack::ProcessHost::is_forked()) return WSAENETDOWN;
  const runtime::LockHold hold(lock_);
  if (count_.load(std::memory_order_relaxed) == 0) return WSANOTINITIALISED;
  if (count_.fetch_sub(1, std::memory_order_release) == 1) Catalogue::instance().clean_up();
  return 0;
}

bool is_started() {
  return StartupCount::instance().is_started();
}

int fail_with(INT error) {
  win32::set_last_error(static_cast<DWORD>(error));
  return SOCKET_ERROR;
}

bool is_refused() {
  const bool is_forked = stack::ProcessHost::is_forked();
  if (is_started() && !is_forked) return false;
  fail_with(is_forked ? WSAENETDOWN : WSANOTINITIALISED);
  return true;
}

const WSPPROC_TABLE& table_of(SOCKET s) {
  const WSPPROC_TABLE* const bound = SocketBindings::instance().find(s);
  return bound != nullptr ? *bound : Catalogue::instance().base_table();
}

}  // namespace oriel::winsock
