// One overlapped call: a request to the stack, the OVERLAPPED that tells of its end, and how the
// end is told: status words, then event and packet, or a completion routine in the issuing thread.
//
//   issue: begin -> submit --done at once--> finish(immediate), the call returns 0 or the error
//                          --later--> pending; on_complete -> finish, by the host's owner
//
// An operation owns itself from `issue` on. It keeps its Socket alive, not open. A routine's
// operation lives until the thread has run the routine (an APC of the provider's between). In the
// steady state none is allocated. What
// takes several steps (accept, then receive) derives from this and begins the next in `go_on`.
#pragma once

#include <winsock2.h>
#include <ws2spi.h>

#include "base/intrusive_list.h"
#include "runtime/thread_record.h"
#include "socket/completion_sink.h"
#include "winsock/buffer_list.h"
#include "winsock/operation_memory.h"
#include "winsock/socket.h"

namespace oriel::winsock {

/// The overlapped arguments of a WSPxxx call.
struct OverlappedArguments {
  LPWSAOVERLAPPED overlapped = nullptr;
  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = nullptr;
  LPWSATHREADID thread = nullptr;

  /// Without the socket's attribute, or without an OVERLAPPED, a call is synchronous.
  bool is_overlapped(const Socket& socket) const {
    return overlapped != nullptr && socket.kind().is_overlapped;
  }
  /// An overlapped call with it ends with WSAEFAULT.
  bool has_bad_pointer() const {
    return is_bad_pointer(overlapped) ||
           (routine != nullptr && is_bad_pointer(reinterpret_cast<const void*>(routine)));
  }
};

class Operation : public socket::DatagramRequest,
                  public ListHook<OfSocket>,
                  private socket::CompletionSink {
 public:
  Operation(win32::Ref<Socket> socket, const OverlappedArguments& arguments);
  virtual ~Operation() = default;
  /// Memory that operations use again and again (operation_memory.h).
  static void* operator new(std::size_t bytes) { return operation_memory().take(bytes); }
  static void operator delete(void* memory, std::size_t bytes) {
    operation_memory().give_back(memory, bytes);
  }

  BufferList buffers;
  /// Where a receive stores the sender's address; or null.
  sockaddr* from = nullptr;
  INT* from_bytes = nullptr;
  /// Where a call that ends at once stores what it did; or null. It is stored before anybody can
  /// hear of the end, because whoever does may free all that belongs to the call.
  DWORD* told_bytes = nullptr;
  DWORD* told_flags = nullptr;
  void tell_bytes(DWORD* where) { told_bytes = is_bad_pointer(where) ? nullptr : where; }
  /// A receive whose control data did not fit: it ends like a datagram that was cut.
  bool is_cut = false;

  bool is_for(const OVERLAPPED* which, std::uint32_t thread_id) const {
    return (which == nullptr || which == overlapped_) &&
           (thread_id == 0 || thread_id == thread_id_);
  }

  /// Asks for its end, which comes inside, or later if bytes of it are out. Requires: inside a
  /// turn.
  virtual void cancel(stack::Core& core);

  /// Marks the OVERLAPPED pending and lets `submit(*operation)` give it to the stack, or complete
  /// it. Takes the operation over. Returns the Winsock error: WSA_IO_PENDING while it is under way;
  /// one that comes at once is told to nobody but the caller. Requires: inside a turn.
  template <class Submit>
  static int issue(std::unique_ptr<Operation> operation, Submit&& submit) {
    Operation& self = *operation.release();
    self.begin();
    submit(self);
    return self.end_of_issue();
  }

 protected:
  Socket& socket() const { return *socket_; }
  /// A step has ended well. True: the next has begun, and may have ended and deleted this already.
  /// False: that was the last; or it sets `error`. Thread: the host's owner.
  virtual bool go_on() { return false; }
  /// The last step has ended with `error`, once. Thread: the host's owner.
  virtual void on_end() {}

 private:
  void on_complete(socket::Request& request) override;
  void begin();
  int end_of_issue();
  void finish(bool was_immediate);
  NTSTATUS settle();
  static void CALLBACK run_routine(DWORD_PTR context);
  static void free_if_dropped(const runtime::QueuedCall& call);

  const win32::Ref<Socket> socket_;
  OVERLAPPED* const overlapped_;
  const LPWSAOVERLAPPED_COMPLETION_ROUTINE routine_;
  WSATHREADID thread_{};
  const std::uint32_t thread_id_;
  DWORD flags_ = 0;
  bool is_issuing_ = true;
  bool is_done_ = false;
};

}  // namespace oriel::winsock
