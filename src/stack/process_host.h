// The one host of the process: made from the environment by the first who needs it, ended by the
// last, or by the process's end.
//
// The end is orderly: what no program has closed is reset, what was closed is delivered until it is
// acknowledged or ORIEL_END_WAIT is over, captures are written. A host is never destroyed while the
// process ends, because sockets of other threads still point to it. A child of fork has no stack:
// its copies of the sockets have lost their device, and the parent's go on.
#pragma once

#include "stack/host_impl.h"
#include "stack/process_config.h"

namespace oriel::stack {

class ProcessHost {
 public:
  /// Counts one user more; the first makes the host. Errors: what the environment or the link says,
  /// kNotSupported in a child of fork, kShutDown while the process ends. Thread: any.
  static Result<void> acquire();
  /// The last one ends the host; may wait as long as ORIEL_END_WAIT. Without a matching acquire
  /// nothing happens. Thread: any.
  static void release();

  /// Requires: acquired and not released, or the process ends. Thread: any.
  static HostImpl& host();
  static std::shared_ptr<HostImpl> shared();
  /// What the environment said. Requires: as host().
  static const ProcessConfig& config();
  /// This process was forked from one that has a stack, and has none itself. Thread: any.
  static bool is_forked();
};

}  // namespace oriel::stack
