// Does a connection take the fast path? Asked once, when it is made (LFP-5); the answer names the
// reason, which statistics keep.
#pragma once

#include "oriel/trace.h"

namespace oriel::loopback {

struct FastPathQuestion {
  bool is_asked_by_connector = false;
  bool is_loopback = false;        ///< the destination
  bool is_allowed = true;          ///< by the host's settings
  bool is_filtered = false;        ///< some rule or callout looks at connection data (LFP-9)
  bool is_listener_known = false;  ///< an Oriel program listens there, and may be given rings
  bool is_asked_by_listener = false;
  bool has_room = true;  ///< in the listener's queue
};

/// Reasons are told in the order in which a person would mend them. REQ LFP-4, LFP-6.
constexpr PathReason fast_path_reason(const FastPathQuestion& q) {
  if (!q.is_loopback) return PathReason::kNotLoopback;
  if (!q.is_asked_by_connector) return PathReason::kConnectorDidNotAsk;
  if (!q.is_allowed) return PathReason::kOffBySettings;
  if (!q.is_listener_known) return PathReason::kNoListener;
  if (!q.is_asked_by_listener) return PathReason::kListenerDidNotAsk;
  if (q.is_filtered) return PathReason::kFiltered;
  if (!q.has_room) return PathReason::kBacklogFull;
  return PathReason::kFast;
}

}  // namespace oriel::loopback
