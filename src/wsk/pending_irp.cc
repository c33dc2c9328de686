// How an IRP goes from the stack's end to its routine, and what cancelling does on the way.
#include "wsk/pending_irp.h"

#include <utility>

#include "win32/error_status.h"
#include "wsk/irp_map.h"
#include "wsk/socket.h"

namespace oriel::wsk {

using stack::Core;
using Turn = stack::HostImpl::Turn;

// A socket whose stack is gone can only be closed.
NTSTATUS status_of(ErrorCode code) {
  return code == ErrorCode::kDeviceLost ? STATUS_FILE_FORCED_CLOSED : win32::status_of(code);
}

PendingIrp::PendingIrp(runtime::Ref<Socket> socket, IRP& irp)
    : irp_(irp), socket_(std::move(socket)) {}

void PendingIrp::pend(Core& core) {
  socket_->track(*this);
  irp_map::mark_pending(irp_);
  is_armed_ = true;
  if (irp_map::arm_cancel(irp_, *this)) return;
  is_armed_ = false;
  cancel(core);
}

void PendingIrp::end(const Outcome& outcome) {
  if (is_ended_) return;
  is_ended_ = true;
  outcome_ = outcome;
  if (is_issuing_) return;
  unlink();
  if (is_armed_ && !is_cancelled_ && !irp_map::disarm_cancel(irp_)) return;  // on_cancel goes on
  deliver();
}

void PendingIrp::deliver() {
  socket_->note_delivery_due();
  socket_->host().defer(*this);
}

void PendingIrp::on_cancel() {
  const runtime::Ref<Socket> kept = socket_;
  Turn turn(kept->host());
  is_cancelled_ = true;
  if (is_ended_) return deliver();
  cancel(turn.core());
}

void PendingIrp::defer(std::unique_ptr<PendingIrp> operation, const Outcome& outcome) {
  PendingIrp& self = *operation.release();
  Turn turn(self.socket_->host());
  self.socket_->note_begun();
  self.is_issuing_ = false;
  self.end(outcome);
}

void PendingIrp::run() {
  const runtime::Ref<Socket> socket = std::move(socket_);
  IRP& irp = irp_;
  const Outcome outcome = outcome_;
  delete this;
  irp_map::complete(irp, outcome.status, outcome.information);
  socket->note_delivered();
}

// --- streams

StreamIrp::StreamIrp(runtime::Ref<Socket> socket, IRP& irp, Kind what)
    : PendingIrp(std::move(socket), irp) {
  kind = what;
  sink = this;
}

void StreamIrp::cancel(Core& core) {
  socket().cancel(core, *this);
}

void StreamIrp::on_complete(socket::Request& /*request*/) {
  if (error == ErrorCode::kOk && go_on()) return;
  end(settle());
}

// Bytes that a receive has taken are told even when it fails: nobody else will see them.
Outcome StreamIrp::settle() {
  const bool is_told = error == ErrorCode::kOk || kind == Kind::kReceive;
  return {status_of(error), is_told ? done : 0};
}

// --- datagrams

DatagramIrp::DatagramIrp(runtime::Ref<Socket> socket, IRP& irp)
    : PendingIrp(std::move(socket), irp) {
  kind = Kind::kReceiveFrom;
  sink = this;
}

void DatagramIrp::cancel(Core& core) {
  socket().cancel(core, *this);
}

void DatagramIrp::on_complete(socket::Request& /*request*/) {
  end(socket().settle_datagram(*this, from, told_flags));
}

}  // namespace oriel::wsk
