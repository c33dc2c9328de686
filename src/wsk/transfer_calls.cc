// WskSend, WskReceive, WskRelease.
//
// A send is taken from where it lies and ends when it is acknowledged (ISB-11); on the fast path,
// where a byte in the ring is in the receiver's buffer, what fits is done within the call. A
// receive that finds bytes is done within the call, too; only what has to wait costs memory. Where
// the socket has a lane, both try it first, which takes no turn (socket/lane.h).
#include <utility>

#include "socket/lane.h"
#include "stack/process_host.h"
#include "wsk/call.h"
#include "wsk/dispatch_tables.h"
#include "wsk/indication.h"

namespace oriel::wsk {
namespace {

using stack::Core;
using Kind = socket::Request::Kind;

/// A request that ends within the call.
struct Brief final : socket::Request {
  Brief(Kind what, PWSK_BUF buffer) {
    kind = what;
    captured = parts.capture(buffer, *this);
  }
  MdlPieces<3> parts;
  NTSTATUS captured;
};

// What the transport takes now goes without a pending IRP. nullopt: it has to wait.
std::optional<Outcome> send_now(Core& core, socket::StreamSocket& stream, Brief& request) {
  if (request.size == 0) return Outcome{STATUS_SUCCESS, 0};
  if (stream.transport()->takes_whole()) return std::nullopt;
  const ErrorCode e = stream.try_now(core.now(), request);
  if (e == ErrorCode::kWouldBlock) return std::nullopt;
  if (e != ErrorCode::kOk) return Outcome{status_of(e), 0};
  if (request.done < request.size) return std::nullopt;
  return Outcome{STATUS_SUCCESS, request.size};
}

// Makes `operation` go on where `request` stopped.
NTSTATUS continue_as(StreamIrp& operation, const WSK_BUF* buffer, const Brief& request) {
  const NTSTATUS status = operation.parts.capture(buffer, operation);
  operation.done = request.done;
  operation.piece = request.piece;
  operation.piece_done = request.piece_done;
  operation.is_wait_all = request.is_wait_all;
  return status;
}

// Past the turn, as far as the lane goes. Gives whether the other end's host is to be rung.
template <class Move>
bool go_past(socket::Lane* lane, Brief& request, Move&& move) {
  bool must_ring = false;
  if (lane == nullptr || stack::ProcessHost::is_forked()) return must_ring;
  while (request.done < request.size) {
    const ByteSpan rest = request.rest();
    const socket::Lane::Moved moved = move(*lane, rest);
    must_ring |= moved.must_ring;
    request.advance(moved.bytes);
    if (moved.bytes < rest.size()) break;
  }
  return must_ring;
}

// The same without a count of the socket, where this thread remembers the way and the IRP may be
// completed here. Whether the call is over; else it goes on the usual way from where this came.
template <class Move>
bool end_past(PWSK_SOCKET shown, PIRP irp, Brief& request, std::size_t enough, Move&& move) {
  WayPast* const way = remembered_way(shown);
  if (way == nullptr || way->deliveries_due.load(std::memory_order_relaxed) != 0) return false;
  if (KeGetCurrentIrql() > PASSIVE_LEVEL || irp_map::check(irp) != STATUS_SUCCESS) return false;
  if (go_past(way->lane.load(std::memory_order_acquire), request, move)) {
    if (const auto socket = find_socket(shown)) socket->ring_peer();
  }
  if (request.done < enough) return false;
  irp_map::begin(*irp);
  irp_map::complete(*irp, STATUS_SUCCESS, request.done);
  return true;
}

// The usual call's try, which this thread remembers for its next.
template <class Move>
void go_past_of(PWSK_SOCKET shown, Socket& socket, Brief& request, Move&& move) {
  if (go_past(socket.lane(), request, move)) socket.ring_peer();
  if (request.done != 0) remember_way(shown, socket);
}

socket::Lane::Moved move_out(socket::Lane& lane, ByteSpan bytes) {
  return lane.send(bytes);
}
socket::Lane::Moved move_in(socket::Lane& lane, ByteSpan bytes) {
  return lane.receive(bytes);
}

// REQ ISB-11
Outcome send(Core& core, const Call& call, PWSK_BUF buffer, ULONG flags, Brief& request) {
  Socket& socket = *call.socket();
  if (const NTSTATUS s = socket.send_refusal(); s != STATUS_SUCCESS) return {s};
  if (request.captured != STATUS_SUCCESS) return {request.captured};
  socket.set_nodelay(core, (flags & WSK_FLAG_NODELAY) != 0);
  if (const auto done = send_now(core, *socket.stream(), request)) {
    socket.lend_lane();
    return *done;
  }
  auto operation = std::make_unique<StreamIrp>(call.socket(), call.irp(), Kind::kSendBorrowed);
  if (const NTSTATUS s = continue_as(*operation, buffer, request); s != STATUS_SUCCESS) return {s};
  return PendingIrp::issue(core, std::move(operation),
                           [&](StreamIrp& o) { socket.stream()->submit(core.now(), o); });
}

Outcome drain(Core& core, const Call& call, const Brief& request) {
  if (request.size != 0) return {STATUS_INVALID_PARAMETER};
  auto operation = std::make_unique<StreamIrp>(call.socket(), call.irp(), Kind::kReceive);
  bool is_begun = false;
  const Outcome outcome = PendingIrp::issue(core, std::move(operation), [&](StreamIrp& o) {
    is_begun = call.socket()->set_drain(o);
    if (!is_begun) o.complete(ErrorCode::kInProgress);
  });
  if (is_begun) call.socket()->look_for_events();
  return outcome;
}

Outcome receive(Core& core, const Call& call, PWSK_BUF buffer, ULONG flags, Brief& request) {
  Socket& socket = *call.socket();
  if (const NTSTATUS s = socket.send_refusal(); s != STATUS_SUCCESS) return {s};
  if (request.captured != STATUS_SUCCESS) return {request.captured};
  if ((flags & WSK_FLAG_DRAIN) != 0) return drain(core, call, request);
  if (request.size == 0) {  // only lets WskReceiveEvent go on
    socket.note_receive(core);
    return {STATUS_SUCCESS, 0};
  }
  request.is_wait_all = (flags & WSK_FLAG_WAITALL) != 0;
  const bool must_hold = socket.must_hold_receives();
  if (!must_hold) {
    const ErrorCode e = socket.stream()->try_now(core.now(), request);
    if (e != ErrorCode::kWouldBlock) {
      socket.note_receive(core);
      if (e == ErrorCode::kOk) socket.lend_lane();
      return {status_of(e), request.done};
    }
  }
  auto operation = std::make_unique<StreamIrp>(call.socket(), call.irp(), Kind::kReceive);
  if (const NTSTATUS s = continue_as(*operation, buffer, request); s != STATUS_SUCCESS) return {s};
  const Outcome outcome = PendingIrp::issue(core, std::move(operation), [&](StreamIrp& o) {
    if (must_hold) return socket.hold_receive(o);
    socket.stream()->submit(core.now(), o);
  });
  socket.note_receive(core);
  return outcome;
}

}  // namespace

NTSTATUS WSKAPI wsk_send(PWSK_SOCKET shown, PWSK_BUF buffer, ULONG flags, PIRP irp) {
  Brief request(Kind::kSend, buffer);
  const bool is_known = (flags & ~ULONG{WSK_FLAG_NODELAY}) == 0;
  const bool is_plain = is_known && request.captured == STATUS_SUCCESS && request.size != 0;
  if (is_plain && end_past(shown, irp, request, request.size, move_out)) return STATUS_SUCCESS;
  Call call("WskSend", shown, irp, kConnections);
  if (!call.is_refused() && is_plain) {
    go_past_of(shown, *call.socket(), request, move_out);
    if (request.done == request.size) return call.end({STATUS_SUCCESS, request.size});
  }
  return call.run([&](Core& core) -> Outcome {
    if (!is_known) return {STATUS_NOT_SUPPORTED};
    return send(core, call, buffer, flags, request);
  });
}

NTSTATUS WSKAPI wsk_receive(PWSK_SOCKET shown, PWSK_BUF buffer, ULONG flags, PIRP irp) {
  Brief request(Kind::kReceive, buffer);
  const bool is_plain = flags == 0 && request.captured == STATUS_SUCCESS && request.size != 0;
  if (is_plain && end_past(shown, irp, request, 1, move_in)) return STATUS_SUCCESS;
  Call call("WskReceive", shown, irp, kConnections);
  if (!call.is_refused() && is_plain) {
    go_past_of(shown, *call.socket(), request, move_in);
    if (request.done != 0) return call.end({STATUS_SUCCESS, request.done});
  }
  return call.run([&](Core& core) -> Outcome {
    constexpr ULONG kBoth = WSK_FLAG_WAITALL | WSK_FLAG_DRAIN;
    if ((flags & ~kBoth) != 0) return {STATUS_NOT_SUPPORTED};
    if ((flags & kBoth) == kBoth) return {STATUS_INVALID_PARAMETER};
    return receive(core, call, buffer, flags, request);
  });
}

// Lists that a client kept stay its own when it closes the socket, so the list says whose it is.
NTSTATUS WSKAPI wsk_release(PWSK_SOCKET /*shown*/, PWSK_DATA_INDICATION shown_list) {
  DataIndications* list = DataIndications::from(shown_list);
  if (list == nullptr) return STATUS_INVALID_PARAMETER;
  const runtime::Ref<Socket> owner = list->owner();
  if (!owner) return STATUS_INVALID_PARAMETER;
  stack::HostImpl::Turn turn(owner->host());
  return owner->take_back(*list) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

}  // namespace oriel::wsk
