// The simulated interrupt request level: one word of each thread, PASSIVE_LEVEL at first.
//
// Nothing is masked by it. It says what a thread may do: at DISPATCH_LEVEL it may not block, call
// paged code or use paged pool, and whoever checks (checks.h) says so at once instead of once a
// year on somebody's machine.
#pragma once

#include <wdm.h>

#include "wdm/checks.h"

namespace oriel::wdm {

/// Of the calling thread.
KIRQL irql();
void set_irql(KIRQL irql);

/// Runs a scope at DISPATCH_LEVEL: completion routines and event callbacks.
class AtDispatch {
 public:
  AtDispatch() : before_(irql()) {
    if (before_ < DISPATCH_LEVEL) set_irql(DISPATCH_LEVEL);
  }
  ~AtDispatch() { set_irql(before_); }
  AtDispatch(const AtDispatch&) = delete;
  AtDispatch& operator=(const AtDispatch&) = delete;

 private:
  const KIRQL before_;
};

/// Stops when checks are on and the thread is above `most`: "CALL: called at DISPATCH_LEVEL, ...".
void check_irql(const char* call, KIRQL most);

}  // namespace oriel::wdm
