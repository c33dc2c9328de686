// An IRP that outlives the call that brought it: until the stack has ended what it asks for, and
// then until its routine has run on the host's own thread.
//
//   issue --ended within--> the call completes it            (nothing is left of this object)
//         --later--> on the socket's list, IoCancelIrp armed
//                       `-- end (the host's owner) --> deferred --> run: routine, then gone
//
// The surprise: when IoCancelIrp has begun as the end comes, the object waits for the cancel
// routine, which finds it ended and lets it go; so neither ever touches a dead one. Each costs at
// most kPendingBytesMax beyond the IRP, and 16 bytes a piece when its buffer has many.
#pragma once

#include <wsk.h>

#include <memory>

#include "runtime/ref.h"
#include "socket/request.h"
#include "stack/host_impl.h"
#include "wsk/mdl_chain.h"

namespace oriel::wsk {

class Socket;

inline constexpr std::size_t kPendingBytesMax = 256;

/// What an IRP is completed with. STATUS_PENDING: not yet.
struct Outcome {
  NTSTATUS status = STATUS_SUCCESS;
  ULONG_PTR information = 0;
};

/// The status of an operation of the stack that ended so.
NTSTATUS status_of(ErrorCode code);

class PendingIrp : public stack::Deferred {
 public:
  PendingIrp(runtime::Ref<Socket> socket, IRP& irp);
  virtual ~PendingIrp() = default;

  /// Asks for its end, which comes inside, or later if bytes of it are out. Requires: a turn.
  virtual void cancel(stack::Core& core) = 0;
  /// IoCancelIrp's routine has begun. Thread: any, without a turn.
  void on_cancel();
  /// The routine. Thread: the host's own, without a turn.
  void run() override;

  /// Lets `submit(operation)` give it to the stack, or end it. What came of it; STATUS_PENDING: it
  /// owns itself from now on. Requires: a turn.
  template <class Operation, class Submit>
  static Outcome issue(stack::Core& core, std::unique_ptr<Operation> operation, Submit&& submit) {
    Operation& self = *operation;
    submit(self);
    self.is_issuing_ = false;
    if (self.is_ended_) return self.outcome_;
    operation.release()->pend(core);
    return {STATUS_PENDING, 0};
  }
  /// The same for one that has ended, but whose routine must not run in this thread now.
  static void defer(std::unique_ptr<PendingIrp> operation, const Outcome& outcome);

 protected:
  Socket& socket() const { return *socket_; }
  const runtime::Ref<Socket>& shared_socket() const { return socket_; }
  /// It has ended, once. Thread: the host's owner.
  void end(const Outcome& outcome);

 private:
  void pend(stack::Core& core);
  void deliver();

  IRP& irp_;
  runtime::Ref<Socket> socket_;
  Outcome outcome_;
  bool is_issuing_ = true;
  bool is_ended_ = false;
  bool is_armed_ = false;      // IoCancelIrp may find it
  bool is_cancelled_ = false;  // it did
};

/// A call that ended at once.
class EndedIrp final : public PendingIrp {
 public:
  using PendingIrp::PendingIrp;
  void cancel(stack::Core&) override {}
};

/// A request to a stream or a listener.
class StreamIrp : public PendingIrp, public socket::Request, protected socket::CompletionSink {
 public:
  StreamIrp(runtime::Ref<Socket> socket, IRP& irp, Kind what);
  void cancel(stack::Core& core) override;

  MdlPieces<2> parts;

 protected:
  /// What it ends with, from `error` and `done`. Thread: the host's owner.
  virtual Outcome settle();
  /// A step has ended well. True: the next has begun, and may have ended already.
  virtual bool go_on() { return false; }
  void on_complete(socket::Request& request) override;
};

/// A request to a datagram socket.
class DatagramIrp final : public PendingIrp,
                          public socket::DatagramRequest,
                          private socket::CompletionSink {
 public:
  DatagramIrp(runtime::Ref<Socket> socket, IRP& irp);
  void cancel(stack::Core& core) override;

  MdlPieces<0> parts;
  PSOCKADDR from = nullptr;  ///< where the sender's address goes; or nullptr
  PULONG told_flags = nullptr;

 private:
  void on_complete(socket::Request& request) override;
};

static_assert(sizeof(StreamIrp) <= kPendingBytesMax);
static_assert(sizeof(DatagramIrp) <= kPendingBytesMax);

}  // namespace oriel::wsk
