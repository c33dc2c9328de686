// Threads of the C runtime: the same threads, started with its words.
#include <handleapi.h>
#include <process.h>
#include <processthreadsapi.h>

#include <cerrno>
#include <memory>
#include <new>

#include "runtime/thread.h"
#include "win32/arguments.h"
#include "win32/last_error.h"
#include "win32/sync_objects.h"

using namespace oriel;
using namespace oriel::win32;

namespace {

/// What _beginthread's thread runs. It closes its own handle at its end, as the runtime's does.
struct PlainStart {
  _beginthread_proc_type run;
  void* argument;
  HANDLE handle;
};

/// Closes the handle however the thread ends, _endthread included.
struct HandleCloser {
  HANDLE handle;
  ~HandleCloser() { CloseHandle(handle); }
};

std::uint32_t run_plain(void* argument) {
  PlainStart start = *static_cast<PlainStart*>(argument);
  delete static_cast<PlainStart*>(argument);
  HandleCloser closer{start.handle};
  start.run(start.argument);
  return 0;
}

}  // namespace

uintptr_t _beginthread(_beginthread_proc_type run, unsigned stack, void* argument) {
  constexpr uintptr_t kFailed = ~uintptr_t{0};
  auto start = std::unique_ptr<PlainStart>(new (std::nothrow) PlainStart{run, argument, nullptr});
  if (run == nullptr || start == nullptr) {
    errno = run == nullptr ? EINVAL : ENOMEM;
    return kFailed;
  }
  // Held back until the handle, which it will close, is in its hands.
  const runtime::StartedThread thread =
      runtime::start_thread({run_plain, start.get(), stack, true});
  const HANDLE handle =
      thread.record ? handle_to(make_ref<ThreadObject>(thread.record, thread.gate)) : nullptr;
  if (handle == nullptr) {
    errno = EAGAIN;
    return kFailed;
  }
  start.release()->handle = handle;
  thread.gate->open();
  return reinterpret_cast<uintptr_t>(handle);
}

uintptr_t _beginthreadex(void* security, unsigned stack, _beginthreadex_proc_type run,
                         void* argument, unsigned flags, unsigned* id) {
  const HANDLE handle =
      CreateThread(static_cast<LPSECURITY_ATTRIBUTES>(security), stack, run, argument, flags, id);
  if (handle == nullptr) errno = run == nullptr ? EINVAL : EAGAIN;
  return reinterpret_cast<uintptr_t>(handle);
}

void _endthread(void) {
  runtime::exit_thread(0);
}

void _endthreadex(unsigned code) {
  runtime::exit_thread(code);
}

int _getpid(void) {
  return static_cast<int>(GetCurrentProcessId());
}
