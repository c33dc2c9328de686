// Where finished requests go. A front-end implements it over what its callers wait on: a flag that
// a blocked thread sleeps on, a handler to run later, a completion port, an APC, an IRP.
//
// `on_complete` is called by whoever owns the host at that moment, in the middle of protocol work:
// it notes or publishes the outcome and returns. It never calls back into the host.
#pragma once

namespace oriel::socket {

struct Request;

class CompletionSink {
 public:
  /// `request` is finished (`error`, `done`) and no longer queued; it belongs to the sink again.
  /// Thread: the host's owner. Bound: O(1).
  virtual void on_complete(Request& request) = 0;

 protected:
  ~CompletionSink() = default;
};

}  // namespace oriel::socket
