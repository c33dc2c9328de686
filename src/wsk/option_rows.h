// One row for each option of WskSetOption and WskGetOption: whom it is for, its size, and how it is
// read and set.
#pragma once

#include <wsk.h>

#include <span>

#include "wsk/call.h"

namespace oriel::wsk {

struct OptionRow {
  ULONG level;
  ULONG name;
  unsigned categories;
  SIZE_T bytes;    ///< of its value, at least
  bool needs_irp;  ///< else an IRP is optional
  /// Value to and from the socket. Requires: a turn, `bytes` bytes; nullptr: not that way.
  NTSTATUS (*set)(Socket& socket, stack::Core& core, const void* value);
  NTSTATUS (*get)(Socket& socket, stack::Core& core, void* value);
};

/// nullptr: no such option.
const OptionRow* find_option(ULONG level, ULONG name);

/// SO_WSK_EVENT_CALLBACK, which completes its IRP in its own way.
Outcome control_callbacks(stack::Core& core, const Call& call, SIZE_T in_bytes, PVOID in);

/// A control code, to a socket of any kind.
struct IoctlArguments {
  SIZE_T in_bytes;
  const void* in;
  SIZE_T out_bytes;
  void* out;
};
struct IoctlRow {
  ULONG code;
  bool needs_irp;
  Outcome (*run)(Socket& socket, stack::Core& core, const IoctlArguments& arguments);
};
/// nullptr: no such code.
const IoctlRow* find_ioctl(ULONG code);

}  // namespace oriel::wsk
