// How an overlapped call ends. The order of status, event and packet is win32's (io_completion.h).
#include "winsock/operation.h"

#include <atomic>

#include "win32/io_completion.h"
#include "winsock/base_provider.h"
#include "winsock/error_table.h"

namespace oriel::winsock {

Operation::Operation(win32::Ref<Socket> socket, const OverlappedArguments& arguments)
    : socket_(std::move(socket)),
      overlapped_(arguments.overlapped),
      routine_(arguments.routine),
      thread_id_(runtime::ThreadRecord::current().id()) {
  sink = this;
  if (routine_ == nullptr || arguments.thread == nullptr) return;
  thread_ = *arguments.thread;
  runtime::add_dropped_call_hook(free_if_dropped);
}

// With a routine hEvent is the program's own: nobody may touch what it names.
void Operation::begin() {
  if (routine_ == nullptr) return win32::begin_overlapped(*overlapped_);
  OVERLAPPED without_event{};
  win32::begin_overlapped(without_event);
  overlapped_->InternalHigh = 0;
  std::atomic_ref(overlapped_->Internal)
      .store(static_cast<std::uint32_t>(STATUS_PENDING), std::memory_order_release);
}

int Operation::end_of_issue() {
  is_issuing_ = false;
  if (!is_done_) {
    socket_->track(*this);
    return WSA_IO_PENDING;
  }
  const NTSTATUS status = settle();
  if (NT_ERROR(status)) {
    delete this;
  } else {
    if (told_bytes != nullptr) *told_bytes = static_cast<DWORD>(done);
    if (told_flags != nullptr) *told_flags = flags_;
    finish(true);
  }
  return wsa_error_of(status);
}

void Operation::on_complete(socket::Request& /*request*/) {
  if (error == ErrorCode::kOk && go_on()) return;
  is_done_ = true;
  on_end();
  if (!is_issuing_) finish(false);
}

void Operation::cancel(stack::Core& core) {
  // A socket has one of them. Cancelling may complete, and so end, this very operation.
  if (socket_->stream() != nullptr) return socket_->stream()->cancel(core.now(), *this);
  if (socket_->listener() != nullptr) return socket_->listener()->cancel(*this);
  if (socket_->datagrams() != nullptr) socket_->datagrams()->cancel(*this);
}

// What the program sees besides the status words; returns the status.
NTSTATUS Operation::settle() {
  NTSTATUS status = status_of(error);
  if (kind != Kind::kReceiveFrom) return status;
  status = status_of(datagram_error(error));
  if (error != ErrorCode::kOk) return status;
  if (from != nullptr) write_sockaddr(source, socket_->kind().family, from, from_bytes);
  if (datagram_bytes <= size && !is_cut) return status;
  flags_ |= MSG_PARTIAL;
  return STATUS_BUFFER_OVERFLOW;
}

void Operation::finish(bool was_immediate) {
  unlink();
  const NTSTATUS status = settle();
  if (routine_ == nullptr) {
    win32::complete_overlapped(*socket_, *overlapped_, status, done, was_immediate);
    delete this;
    return;
  }
  overlapped_->InternalHigh = done;
  std::atomic_ref(overlapped_->Internal)
      .store(static_cast<std::uint32_t>(status), std::memory_order_release);
  INT failure = 0;
  const auto context = reinterpret_cast<DWORD_PTR>(this);
  const int queued = base_upcalls().lpWPUQueueApc(&thread_, run_routine, context, &failure);
  if (queued != 0) delete this;  // the thread is gone, and nobody is left to tell
}

// The thread ended before it ran the routine.
void Operation::free_if_dropped(const runtime::QueuedCall& call) {
  if (call.run == run_routine) delete reinterpret_cast<Operation*>(call.context);
}

void CALLBACK Operation::run_routine(DWORD_PTR context) {
  const std::unique_ptr<Operation> self(reinterpret_cast<Operation*>(context));
  const NTSTATUS status = win32::status_of(*self->overlapped_);
  const auto bytes = static_cast<DWORD>(self->done);
  OVERLAPPED* const overlapped = self->overlapped_;
  const auto routine = self->routine_;
  const DWORD flags = self->flags_;
  routine(static_cast<DWORD>(wsa_error_of(status)), bytes, overlapped, flags);
}

}  // namespace oriel::winsock
